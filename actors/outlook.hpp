#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/load_forecast.hpp"
#include "model/stat_series.hpp"
#include "model/zone.hpp"
#include "storage/due_walk.hpp"

namespace carillon {

// What is planned: the tasks that wait for their time, and the moments of schedules that are no
// tasks yet. Both jobs work in pieces, so that others get in between, on a thread that may block.

/// Something that is planned.
struct planned_item {
  instant at;
  task_id id;           ///< Of the task, or of the schedule whose moment it is.
  task_ptr waiting;     ///< Null: a moment.
  schedule_ptr source;  ///< Null: a task.
};

struct upcoming_request {
  instant from;
  instant to;  ///< Not included.
  std::size_t limit = 100;
  /// Only what comes behind it, in the order of time and of ids within a moment.
  std::optional<std::pair<instant, task_id>> behind = {};
};
struct upcoming_page {
  std::vector<planned_item> items;
  bool has_more = false;
  bool is_cut = false;  ///< More was in the way than may be looked at.
};

/// The next items, in order.
class upcoming_job {
public:
  upcoming_job(const storage::task_store& store, const zone_source& zones, upcoming_request asked);
  /// True when it is over. At most so many steps.
  bool work(std::size_t steps);
  upcoming_page take() { return std::move(page_); }

  static constexpr std::size_t steps_max = 5'000'000;

private:
  struct later {
    bool operator()(const planned_item& one, const planned_item& other) const;
  };
  void look_at(const storage::due_moment& head);
  void push(planned_item item);
  void push_next(const schedule_ptr& subject, instant after);
  bool take_first();

  const storage::task_store& store_;
  const zone_source& zones_;
  upcoming_request asked_;
  storage::due_walk due_;
  std::vector<planned_item> heap_;  ///< The earliest first.
  std::map<schedule_id, moments> rules_;
  std::size_t steps_ = 0;
  upcoming_page page_;
};

struct forecast_request {
  instant from;
  instant to;
  duration step;
  std::optional<stat_group> group_by = {};
  /// How long tasks have taken lately.
  stat_bucket lately = {};
};
struct forecast_answer {
  load_forecast load;
  std::int64_t schedules = 0;  ///< That were asked for their moments.
  std::int64_t tasks = 0;      ///< That wait already.
  bool is_cut = false;         ///< There is more than may be counted: see the maxima.
};

/// How many start when.
class forecast_job {
public:
  forecast_job(const storage::task_store& store, const zone_source& zones, forecast_request asked);
  bool work(std::size_t steps);  ///< As of upcoming_job.
  forecast_answer take() { return std::move(answer_); }

  static constexpr std::int64_t moments_max = 2'000'000;  ///< That are looked for one by one.
  static constexpr std::int64_t tasks_max = 200'000;
  static constexpr std::int64_t schedules_max = 200'000;

private:
  void look_at(const storage::due_moment& head);
  void add_schedule(const schedule& subject, const moments& all);
  [[nodiscard]] duration run_time_of(const task_spec& spec) const;

  const storage::task_store& store_;
  const zone_source& zones_;
  forecast_request asked_;
  storage::due_walk due_;
  std::int64_t budget_ = moments_max;
  std::int64_t looked_at_ = 0;
  forecast_answer answer_;
};

}  // namespace carillon
