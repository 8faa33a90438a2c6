#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"
#include "model/timer_wheel.hpp"

namespace carillon {

/// Knows every moment of the near future: the stretch up to the horizon is in a wheel, what lies
/// beyond is in the store's due index and is read stretch by stretch.
///
/// Invariants:
///  - Every task's next moment before the horizon is in the wheel, was dispatched, or is in a scan
///    under way (house::horizon tells how the three meet without a gap).
///  - When the wall clock is found to have gone back, all is read again from the store: a moment is
///  never lost,
///    and one that comes twice changes nothing.
///  - On the manual clock, time moves only in advance(), from one due moment to the next, and waits
///  at each
///    until what it leads to is decided and durable.
class clock_state {
public:
  static inline const char* name = "clock";

  void init(clock_actor::stateful_pointer<clock_state> self, const house* home,
            std::atomic<instant>* horizon);

  void on_arm(const arm_timers& armed);
  void on_look();
  void on_scanned(const horizon_scanned& found);
  void on_measured(const empty_stretch_measured& stretch);
  void on_moment_decided();
  void on_advance(advance_clock& ask);
  void on_arm_key(const arm_key& armed);
  void on_arm_host(const arm_host& armed);

private:
  void restart(instant now);
  void fire_due(instant now);
  void fire_due_alarms(instant now);
  hold begin_moment();
  [[nodiscard]] std::optional<instant> next_alarm() const;
  void extend_horizon(instant to);
  void arm_wake_up(instant now);
  void continue_advance();
  void move_manual_time(instant to);
  void measure_empty_stretch();

  clock_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;              ///< Not owned; outlives all actors.
  std::atomic<instant>* horizon_ = nullptr;  ///< Not owned; only this actor writes it.
  timer_wheel wheel_{instant{}};
  struct alarm {
    std::string name;
    bool is_host;  ///< A host's queue; else a key.
  };
  std::multimap<instant, alarm> alarms_;  ///< In memory only: nobody waits when it is lost.
  instant last_look_{};
  instant next_wake_up_ = instant::max();
  bool scanning_ = false;
  bool scan_again_ = false;            ///< The clock went back during a scan.
  std::size_t moments_under_way_ = 0;  ///< Manual clock: dispatched, not yet decided.
  std::deque<advance_clock> advances_;
};

clock_actor::behavior_type clock_behavior(clock_actor::stateful_pointer<clock_state> self,
                                          const house* home, std::atomic<instant>* horizon);

}  // namespace carillon
