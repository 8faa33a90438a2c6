#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

/// The project's one way to log. Where the lines go is decided elsewhere (config/logging.hpp);
/// until then, and in tests, nowhere.
///
/// Callers' rule: fields never carry a payload, a result, a header, a token or any other secret.
/// Ids, counts, names, addresses and durations are fine. Values may hold any bytes: the sink
/// escapes them, so that none can break a line.
namespace carillon {

enum class log_level { trace, debug, info, warn, error };

/// One named value of a line. Keys are snake_case, and not "time", "level" or "event".
struct log_field {
  std::string_view key;
  std::string value;
};

/// Receives the lines, on any thread and several at once; must not throw.
using log_sink =
    std::function<void(log_level, std::string_view event, std::span<const log_field> fields)>;

/// Whether a line of this level would be written. One relaxed load: ask before building costly
/// fields.
bool log_enabled(log_level level);

/// Writes one line. `event` says what happened in a few constant words ("listening"); what
/// varies goes into the fields. Any thread.
void log(log_level level, std::string_view event, std::initializer_list<log_field> fields = {});

/// Sends what is at least `lowest` to `sink` from now on; an empty sink silences all. Any thread; a
/// line that is being written meanwhile may still reach the former sink.
void set_log_sink(log_level lowest, log_sink sink);

}  // namespace carillon
