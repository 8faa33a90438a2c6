#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace carillon::http {

// Server-sent events (WHATWG HTML, 9.2).

inline constexpr std::string_view event_stream_type = "text/event-stream";
/// Sent in a silence, so that both sides know that the other is there.
inline constexpr std::string_view ping_event = "event: ping\ndata: {}\n\n";

/// Appends an event. `data` is one line, as JSON without white space is.
void append_event(std::string& out, std::string_view name, std::string_view data,
                  std::optional<std::int64_t> id = {});

/// Where a client that was here before left off. What is no number of ours counts as absent.
std::optional<std::int64_t> last_event_id(const request& asked);

/// Answers a streaming route as if it were none.
void answer_whole(const std::shared_ptr<stream>& line, response what);

/// What is new on a stream of events.
struct event_batch {
  std::string text;      ///< Events; empty: nothing new.
  bool is_last = false;  ///< The stream ends behind it.
};

/// Sends events at the speed of its client: asks for what is new when it is woken and as long as
/// there is more, and not before the last batch has left. Any thread. Lives as long as its client's
/// connection, or until somebody who asks for nothing more drops it.
class event_stream : public std::enable_shared_from_this<event_stream> {
public:
  /// Asked for what is new; one call at a time, each answered once.
  using source = std::function<void(std::function<void(event_batch)>)>;

  /// `watch` keeps the wakes coming; it is released at the end.
  event_stream(std::shared_ptr<stream> line, source next)
      : line_{std::move(line)}, next_{std::move(next)} {}

  /// Begins the answer with `hello`, which may be empty.
  void start(std::string hello, std::shared_ptr<void> watch);

  /// There may be something new.
  void wake();

private:
  /// What the stream is doing; one thing at a time.
  enum class phase { idle, busy, woken_while_busy, over };

  void ask();
  void send(event_batch batch);
  void write(std::string text, bool is_last);
  void rest();
  void end();

  std::mutex mutex_;
  phase phase_ = phase::busy;  ///< Until start() is through.
  std::shared_ptr<stream> line_;
  source next_;
  std::shared_ptr<void> watch_;
};

}  // namespace carillon::http
