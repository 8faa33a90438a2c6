#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/instant.hpp"
#include "model/task_id.hpp"

namespace carillon {

/// Timers of the near future: one slot a millisecond, a bit for each slot that is used. Arming is
/// O(1) and costs an id; finding the next one looks at a few words. A timer is never taken back: a
/// tick that is no longer wanted changes nothing.
///
/// Invariant: every timer lies in [position, position + span), so a slot holds one millisecond
/// only.
class timer_wheel {
public:
  /// How far ahead of its position a wheel reaches.
  static constexpr duration span{1 << 18};  // 262 s

  explicit timer_wheel(instant start);

  /// Forgets all timers and starts again at `start`.
  void reset(instant start);

  /// `due` must be before position() + span; what lies in the past is due at once.
  void arm(instant due, const task_id& id);

  /// The earliest timer.
  [[nodiscard]] std::optional<instant> next() const;

  /// Takes out all that is due at `now`, in time order, and moves the position there.
  std::vector<task_id> take_due(instant now);

  [[nodiscard]] instant position() const { return position_; }
  [[nodiscard]] std::size_t size() const { return size_; }

private:
  [[nodiscard]] std::size_t slot_of(instant moment) const;

  instant position_;
  std::size_t size_ = 0;
  std::vector<std::vector<task_id>> slots_;
  std::vector<std::uint64_t> used_;     ///< One bit a slot.
  std::vector<std::uint64_t> summary_;  ///< One bit a word of used_.
};

}  // namespace carillon
