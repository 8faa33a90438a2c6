#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/task.hpp"
#include "tests/support/month_chronicle.hpp"

// What must have happened, told from the definitions alone: by brute walks over their moments, with
// nothing of the schedule's own decisions.

namespace carillon::test {

struct verdict {
  std::int64_t moments = 0;  ///< That are owed a record.
  std::int64_t records = 0;  ///< Of moments; extra runs are none.
  std::int64_t gaps = 0;     ///< Moments without a record.
  std::int64_t doubles = 0;  ///< Moments with several.
  std::vector<std::string> faults;
};

/// A definition, and how long it was in force.
class rule_in_force {
public:
  rule_in_force(const diary& about, std::size_t which, instant end, const zone_source& zones);

  /// All moments in (after, until].
  [[nodiscard]] std::vector<moment> within(instant after, instant until) const;
  [[nodiscard]] std::vector<moment> owed() const { return within(from, to); }
  [[nodiscard]] std::optional<moment> at(instant when) const;

  instant from;  ///< Exclusive.
  instant to;    ///< Inclusive.
  std::shared_ptr<const schedule_spec> spec;

private:
  recurrence rule_;
  duration offset_;
};

/// Compares one schedule with its tasks.
class oracle {
public:
  /// `tasks` in rising order of their ids; `end`: the last moment that is owed a record.
  oracle(const diary& about, const std::vector<const task*>& tasks, const chronicle& record,
         instant end, const zone_source& zones);

  verdict judge();

private:
  void judge_moments();
  void judge_single(const task& one);
  void judge_range(const task& one);
  void judge_reason(const task& one, const moment& stood_for);
  void judge_catch_up();
  void judge_missed(instant decided, const std::vector<const task*>& records);
  void judge_requests();
  void judge_starts();
  void judge_skips();
  [[nodiscard]] std::vector<const rule_in_force*> in_force(instant when) const;
  [[nodiscard]] bool was_down(instant at, instant decided) const;
  [[nodiscard]] bool was_up(instant from, instant to) const;
  [[nodiscard]] bool was_paused(instant at) const;
  void complain(const task& one, const std::string& what);

  const diary& about_;
  const std::vector<const task*>& tasks_;
  const chronicle& record_;
  std::vector<rule_in_force> rules_;
  std::multimap<instant, const task*> singles_;
  std::map<instant, const task*> ranges_;
  verdict found_;
};

/// Runs within the window of a dedupe key, over all schedules.
std::vector<std::string> judge_dedupe(const std::vector<task>& tasks, const chronicle& record);

}  // namespace carillon::test
