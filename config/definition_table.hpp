#pragma once

#include "config/settings_table.hpp"
#include "config/text_shape.hpp"
#include "model/schedule.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace carillon {

/// A definition while its keys are read: what they say directly, and what becomes of that later.
struct definition_draft {
  schedule_spec spec;
  local_command command;
  file_facts file;
  std::string run;  ///< Becomes command.args.
  /// Of a failed task, and of one with restart = "on_failure".
  retry_policy retry = {0, backoff_kind::fixed, std::chrono::seconds{5}, std::chrono::minutes{5}};
  retry_policy restart = {0, backoff_kind::exponential, std::chrono::seconds{1},
                          std::chrono::seconds{60}};
};

// -- types of keys --------------------------------------------------------------

/// Reaches a row's value inside the draft. The type decides how it is read.
template <class Value>
using drafted = Value& (*)(definition_draft&);

struct drafted_text {
  drafted<std::string> at;
  text_shape shape = text_shape::bytes;
};

using environment_list = std::vector<std::pair<std::string, std::string>>;

using definition_field =
    std::variant<drafted_text, drafted<std::vector<std::string>>, drafted<environment_list>,
                 drafted<bool>, drafted<int>, drafted<std::optional<std::int64_t>>,
                 drafted<std::uint64_t>, drafted<duration>, drafted<std::optional<duration>>,
                 drafted<overlap_policy>, drafted<catch_up_policy>, drafted<backoff_kind>,
                 drafted<restart_policy>, drafted<log_on_full>>;

// -- the table ------------------------------------------------------------------

/// Where a key may stand: in [tasks.NAME], in [services.NAME], in both of them, in [scheduler].
enum class definition_section { tasks, services, both, scheduler };

struct definition_row {
  std::string_view key;
  definition_section of;
  definition_field field;
  setting_bounds bounds;            ///< A default outside of them stands for "none".
  std::string_view description;     ///< One line, with a full stop.
  std::string_view elsewhere = {};  ///< Why the other section has no such key.
};

/// All keys of definitions. A key that differs between tasks and services has a row for each.
std::span<const definition_row> definition_table();

/// Null when the section has no such key. `of` is not `both`.
const definition_row* find_definition_key(std::string_view key, definition_section of);

/// Why the key, which a task or a service has, is not one of `of`; empty when neither has it.
std::string_view why_elsewhere(std::string_view key, definition_section of);

/// "tasks", "services", "scheduler"
std::string_view to_string(definition_section of);

// -- limits -----------------------------------------------------------------------

inline constexpr std::size_t definition_name_length_max = 100;
inline constexpr std::size_t environment_variables_max = 256;
inline constexpr std::size_t environment_value_bytes_max = 32 * kib;

}  // namespace carillon
