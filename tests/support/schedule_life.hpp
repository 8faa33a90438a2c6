#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/schedule_lifecycle.hpp"
#include "tests/support/task_samples.hpp"

// One schedule that lives through events at its own time, with the tasks it makes.

namespace carillon::test {

/// A schedule of pull tasks with this cron expression, in UTC; else as the model's defaults are.
schedule_spec a_schedule(std::string expr);

/// Who began with a key. What was claimed and not saved is given back.
class claimed_keys : public dedupe_ledger {
public:
  std::optional<task_id> claim(const std::string& key, duration window, instant now,
                               const task_id& claimer) override;
  void save(const std::vector<schedule_lifecycle::dedupe_claim>& claims);
  void give_back() { unsaved_.clear(); }

private:
  std::map<std::string, schedule_lifecycle::dedupe_claim> saved_;
  std::map<std::string, schedule_lifecycle::dedupe_claim> unsaved_;
};

class schedule_life {
public:
  explicit schedule_life(const schedule_spec& spec, instant born = noon, bool enabled = true,
                         std::uint64_t number = 4711);

  // -- time: a server that is there ticks whenever it is asked to
  schedule_life& go_to(instant when);
  schedule_life& wait(duration time) { return go_to(now + time); }
  /// Nobody is there until then; then one tick.
  schedule_life& sleep_until(instant when);

  // -- requests; what happens must be allowed
  schedule_life& tell(const schedule_change& what);
  [[nodiscard]] bool refuses(const schedule_change& what);
  schedule_life& edit(const schedule_spec& spec);
  /// How many it made, or would make.
  std::int64_t backfill(instant from, instant to, bool dry_run = false);

  // -- the tasks, by the moment they stand for
  schedule_life& start(instant planned);
  schedule_life& finish(instant planned);
  schedule_life& tell_task(instant planned, const task_event& what) {
    return tell_task(of(planned).id, what);
  }
  schedule_life& tell_task(const task_id& id, const task_event& what);
  [[nodiscard]] const task& of(instant planned) const;

  // -- crashes
  /// Messages between the schedule and its tasks stay under way until settle().
  bool delays_messages = false;
  void settle();
  /// It rests and wakes: what it knew of its tasks is read from disk.
  void forget_open();
  /// What is under way is lost; the rest is read from disk.
  void crash();
  /// A decision is made and never saved.
  void lose(const schedule_change& what);

  // -- what became of it
  [[nodiscard]] const schedule& subject() const { return state_.subject; }
  [[nodiscard]] const schedule_spec& spec() const { return *state_.subject.spec; }
  [[nodiscard]] const std::vector<open_task>& open() const { return state_.open; }
  [[nodiscard]] moments rule() const { return {state_.subject, state_.rule}; }
  [[nodiscard]] std::vector<instant> preview(std::size_t limit) const {
    return upcoming(rule(), now, limit);
  }
  [[nodiscard]] const std::map<task_id, task>& tasks() const { return tasks_; }
  /// All records in the order of their moments:
  /// "12:15-13:00 missed x4, 13:15 processing catch_up, 13:30 held".
  [[nodiscard]] std::string ledger() const;

  instant now;
  schedule_lifecycle::decision last;  ///< The last one that was made.

private:
  struct message {
    task_id id;
    std::variant<task_event, schedule_change> what;
  };

  schedule_lifecycle::surroundings around();
  void save_then_act(schedule_lifecycle::decision made);
  void deliver(const task_id& id, const task_event& what);

  std::uint64_t ids_ = 0;
  claimed_keys keys_;
  schedule_lifecycle::state state_;
  std::map<task_id, task> tasks_;
  std::deque<message> under_way_;
};

/// A rule of a schedule, with test_zones.
recurrence rule_of(const schedule& subject);

/// "12:15", with seconds where there are any and the date where it is not noon's.
std::string shown(instant at);

}  // namespace carillon::test
