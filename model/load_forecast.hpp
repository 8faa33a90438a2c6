#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/schedule.hpp"

namespace carillon {

/// How many tasks are planned to start, and how many will run at once if each takes as long as it
/// usually does. Gathers starts by steps of time and by groups. Pure.
class load_forecast {
public:
  load_forecast(instant from, instant to, duration step);

  struct point {
    std::int64_t starts = 0;
    double concurrency = 0;  ///< On the average of the step.
  };
  struct series {
    std::string group;
    bool is_other = false;
    std::vector<point> points;
    std::int64_t starts = 0;
  };

  /// Starts at `at`, which is in the time asked for; each runs so long.
  void add(const std::string& group, instant at, duration run, std::int64_t count = 1);
  /// The moments of a schedule behind its cursor. False when `budget` was too small for all of
  /// them; what was counted is taken from it.
  bool add(const std::string& group, const schedule& subject, const moments& all, duration run,
           std::int64_t& budget);

  /// Of all groups together.
  [[nodiscard]] series total() const;
  /// The groups with the most starts, then the sum of the others, if any.
  [[nodiscard]] std::vector<series> by_group(std::size_t groups_max) const;

  [[nodiscard]] instant from() const { return from_; }
  [[nodiscard]] instant to() const { return to_; }
  [[nodiscard]] duration step() const { return step_; }

private:
  /// Time that is used up is summed as differences between steps, so that a start costs the same
  /// however long it runs.
  struct load {
    std::vector<std::int64_t> starts;
    std::vector<double> part;    ///< Milliseconds within the step.
    std::vector<double> change;  ///< Tasks that run all through, more than in the step before.
  };
  /// Moments in equal steps.
  struct even_run {
    instant first;
    duration length;
    std::int64_t count;
  };
  [[nodiscard]] std::optional<even_run> even_run_of(const schedule& subject, const moments& all,
                                                    instant behind) const;
  void add_even(load& to, const even_run& run, duration lasts);
  void add(load& to, instant at, duration run, std::int64_t count);
  [[nodiscard]] std::vector<point> points_of(const load& of) const;
  load& find_or_add(const std::string& group);

  instant from_;
  instant to_;
  duration step_;
  std::size_t steps_;
  std::map<std::string, load> groups_;
};

/// Where the moments of a schedule begin that have no task yet; strictly after it.
instant planned_behind(const schedule& subject, instant from);
/// Whether the moment is yet to become a task that runs.
bool is_planned(const schedule& subject, const moment& one);

}  // namespace carillon
