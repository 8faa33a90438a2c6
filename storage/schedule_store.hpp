#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/agent.hpp"
#include "model/schedule_lifecycle.hpp"
#include "storage/key_value.hpp"
#include "storage/schedule_filter.hpp"
#include "storage/task_filter.hpp"

namespace carillon::storage {

/// What the indexes say of a schedule.
struct schedule_facts {
  schedule_status status;
  std::optional<instant> wake_at;
};
schedule_facts facts_of(const schedule& subject);

/// One decision about one schedule, to be made durable with the tasks it made.
struct schedule_changes {
  const schedule& after;
  std::optional<schedule_facts> before;              ///< Empty: the schedule is new.
  std::shared_ptr<const schedule_spec> spec_before;  ///< Null: the schedule is new.
};
/// Adds its rows and index entries to `out`. Pure.
void encode(const schedule_changes& change, change_set& out);

void encode_dedupe(const schedule_lifecycle::dedupe_claim& claim, change_set& out);
/// Notes the version of the zones that next moments are computed with.
void encode_zone_version(std::string_view version, change_set& out);
void encode_agent_change(const agent& subject, bool is_removed, change_set& out);

/// Schedules and their surroundings, read from the store. Any thread.
class schedule_store {
public:
  explicit schedule_store(const engine& disk) : disk_{disk} {}

  [[nodiscard]] expected<std::optional<schedule>> load(const schedule_id& id) const;
  /// The tasks of a schedule that have not ended, oldest first.
  [[nodiscard]] std::vector<open_task> open_tasks(const schedule_id& id) const;
  /// The moments in [from, to] that have a record, in rising order.
  [[nodiscard]] std::vector<recorded_range> recorded(const schedule_id& id, instant from,
                                                     instant to) const;
  /// The task that is the record of a moment.
  [[nodiscard]] std::optional<task_id> record_of(const schedule_id& id, instant at) const;

  [[nodiscard]] expected<schedule_page> list(const schedule_filter& filter,
                                             const page_request& page) const;
  /// Meaningless when the bounds have ended it.
  [[nodiscard]] expected<schedule_page> list(const schedule_filter& filter,
                                             const page_request& page, search_bounds& bounds) const;

  /// Active schedules that listen to a topic.
  [[nodiscard]] std::vector<schedule_id> listeners(std::string_view topic) const;
  /// All of them: for each `visit(topic, schedule)`.
  void for_each_listener(
      const std::function<void(std::string_view, const schedule_id&)>& visit) const;
  /// What the operator's file defines, of a shard: names and schedules.
  [[nodiscard]] std::vector<std::pair<std::string, schedule_id>> of_file(unsigned shard) const;
  /// Schedules of a shard that limit how long their tasks are kept.
  [[nodiscard]] std::vector<schedule_id> with_retention(unsigned shard) const;
  /// Schedules of a shard with tasks that wait for them.
  [[nodiscard]] std::vector<schedule_id> with_held_tasks(unsigned shard) const;
  /// Schedules of a shard that time can still wake.
  [[nodiscard]] std::vector<schedule_id> living(unsigned shard) const;

  [[nodiscard]] std::vector<schedule_lifecycle::dedupe_claim> dedupe_claims() const;

  /// Empty when none was noted.
  [[nodiscard]] std::string zone_version() const;

  [[nodiscard]] expected<std::optional<agent>> find_agent(std::string_view id) const;
  [[nodiscard]] expected<std::vector<agent>> agents() const;

private:
  const engine& disk_;  ///< Not owned.
};

}  // namespace carillon::storage
