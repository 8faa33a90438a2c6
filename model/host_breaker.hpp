#pragma once

#include <cstddef>
#include <optional>

#include "model/instant.hpp"

namespace carillon {

/// What the end of a call says of the host that was called.
enum class host_news {
  alive,    ///< It answered.
  down,     ///< No connection, no TLS, no whole answer in time, or 502, 503, 504.
  busy,     ///< It answered 429.
  nothing,  ///< The call was canceled, or was never made.
};

/// Keeps calls away from a host that is down. Pure: every moment is given.
///
///   closed --10 failures in a row--> open --cool-down over--> half open --any answer--> closed
///                                      ^                          |
///                                      |___ twice the cool-down __|
///
/// Half open, one call a cool-down is let through: a probe. One that hangs so keeps up no other.
/// Any answer closes it, also of a call that began before it opened; a failure of such a call is
/// old news and changes nothing.
///
/// A host that answers 429 ten times in a row is not down, and is left alone until the time it
/// named: one 429 alone is between the host and that task.
class host_breaker {
public:
  static constexpr int failures_to_open = 10;
  static constexpr duration cool_down_min = std::chrono::seconds{1};
  static constexpr duration cool_down_max = std::chrono::seconds{60};

  enum class state {
    closed,
    open,
    half_open,
    resting,  ///< Not down: it asked to be left alone.
  };

  /// How many calls may begin now; the largest number when it does not mind.
  [[nodiscard]] std::size_t room(instant now) const;
  /// Calls begin. While it is not closed that is one, the probe.
  void begin(instant now);
  /// There was no call to begin with after all.
  void take_back(instant now);
  /// A call has ended. `try_again_at` is what the host asked for, if it did.
  void end(host_news news, instant began, instant now, std::optional<instant> try_again_at = {});
  /// Forgets all: closed.
  void reset() { *this = {}; }

  [[nodiscard]] state state_at(instant now) const;
  /// No call begins before; empty when one may begin now.
  [[nodiscard]] std::optional<instant> closed_until(instant now) const;
  [[nodiscard]] int failures() const { return failures_; }
  /// It knows nothing that matters.
  [[nodiscard]] bool knows_nothing(instant now) const;

private:
  void fail(instant began, instant now, std::optional<instant> try_again_at);
  void note_busy(instant now, std::optional<instant> try_again_at);

  int failures_ = 0;  ///< In a row.
  int busy_ = 0;      ///< Answers of 429, in a row.
  bool is_open_ = false;
  bool probing_ = false;
  instant opened_at_{};
  duration cool_down_ = cool_down_min;
  instant rests_until_ = instant::min();
};

}  // namespace carillon
