#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/requests.hpp"
#include "model/definition.hpp"
#include "storage/task_store.hpp"

namespace carillon {

/// The names that the operator's file defines, and the schedules that have them. Any thread.
class definition_book {
public:
  using entries = std::map<std::string, schedule_id, std::less<>>;

  /// What the store holds.
  void restore(const storage::task_store& store);

  [[nodiscard]] std::optional<schedule_id> find(std::string_view name) const;
  [[nodiscard]] entries all() const;

  void put(const std::string& name, const schedule_id& id);
  void erase(const std::string& name);

  /// False: a reload is under way already.
  bool begin_reload();
  void end_reload();

private:
  mutable std::mutex mutex_;
  entries entries_;
  bool reloading_ = false;
};

/// What is to be done so that the schedules are what the file says.
struct definition_plan {
  struct made {
    std::shared_ptr<const schedule_spec> spec;
    recurrence rule;
  };
  struct edited {
    schedule_id id;
    std::shared_ptr<const schedule_spec> spec;
    std::vector<std::string> reasons;
  };
  std::vector<made> added;
  std::vector<edited> changed;
  std::vector<std::pair<std::string, schedule_id>> removed;
};

/// Compares, and compiles every rule. All faults of all rules at once, or the plan.
expected<definition_plan> plan_definitions(const std::vector<definition>& wanted,
                                           const definition_book::entries& known,
                                           const storage::task_store& store,
                                           const zone_source& zones, instant now);

}  // namespace carillon
