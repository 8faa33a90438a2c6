#include "actors/definition_book.hpp"

#include <algorithm>
#include <iterator>

#include "actors/schedule_prepare.hpp"
#include "storage/schedule_store.hpp"

namespace carillon {

void definition_book::restore(const storage::task_store& store) {
  const storage::schedule_store schedules{store.disk()};
  const std::lock_guard lock{mutex_};
  for (unsigned shard = 0; shard < shard_count; ++shard)
    for (auto& [name, id] : schedules.of_file(shard))
      entries_.insert_or_assign(std::move(name), id);
}

std::optional<schedule_id> definition_book::find(std::string_view name) const {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(name);
  return found == entries_.end() ? std::nullopt : std::optional{found->second};
}

definition_book::entries definition_book::all() const {
  const std::lock_guard lock{mutex_};
  return entries_;
}

void definition_book::put(const std::string& name, const schedule_id& id) {
  const std::lock_guard lock{mutex_};
  entries_.insert_or_assign(name, id);
}

void definition_book::erase(const std::string& name) {
  const std::lock_guard lock{mutex_};
  entries_.erase(name);
}

bool definition_book::begin_reload() {
  const std::lock_guard lock{mutex_};
  return !std::exchange(reloading_, true);
}

void definition_book::end_reload() {
  const std::lock_guard lock{mutex_};
  reloading_ = false;
}

expected<definition_plan> plan_definitions(const std::vector<definition>& wanted,
                                           const definition_book::entries& known,
                                           const storage::task_store& store,
                                           const zone_source& zones, instant now) {
  const storage::schedule_store schedules{store.disk()};
  definition_plan plan;
  std::vector<fault> faults;
  auto gone = known;
  for (const auto& each : wanted) {
    auto rule =
        compile_rule(*each.spec, now, now, zones, {each.expr_location, each.timezone_location});
    if (!rule) {
      std::ranges::move(rule.error().faults, std::back_inserter(faults));
      continue;
    }
    const auto found = gone.find(each.spec->name);
    if (found == gone.end()) {
      plan.added.push_back({each.spec, *std::move(rule)});
      continue;
    }
    const auto before = schedules.load(found->second);
    if (!before)
      return before.error();
    if (*before && *(*before)->spec != *each.spec)
      plan.changed.push_back({found->second, each.spec, differences(*(*before)->spec, *each.spec)});
    gone.erase(found);
  }
  if (!faults.empty())
    return problem{problem_kind::invalid, "the definitions have faults", std::move(faults)};
  plan.removed.assign(gone.begin(), gone.end());
  return plan;
}

}  // namespace carillon
