#include "model/task_components.hpp"

#include <algorithm>

namespace carillon {
namespace {

bool is_open(const component& part) {
  return part.status == component_status::declared || part.status == component_status::started;
}

component* find_or_add(std::vector<component>& components, const std::string& name) {
  const auto found = std::ranges::find(components, name, &component::name);
  if (found != components.end())
    return &*found;
  if (components.size() == components_max)
    return nullptr;
  return &components.emplace_back(component{name});
}

}  // namespace

std::vector<component> declared_components(const task_spec& spec) {
  std::vector<component> declared;
  declared.reserve(spec.components.size());
  for (const auto& name : spec.components)
    declared.push_back({name});
  return declared;
}

bool record(const task_news& news, std::vector<component>& components) {
  auto* reporter = find_or_add(components, news.component);
  if (reporter == nullptr)
    return false;
  if (news.progress)
    reporter->progress = news.progress;
  if (news.type == "started" || news.type == "progress") {
    if (reporter->status == component_status::declared)
      reporter->status = component_status::started;
    if (!reporter->started_at)
      reporter->started_at = news.time;
  }
  if (news.type == "completed" || news.type == "failed") {
    reporter->status =
        news.type == "completed" ? component_status::completed : component_status::failed;
    reporter->finished_at = news.time;
  }
  return true;
}

components_verdict judge_components(const std::vector<component>& components) {
  components_verdict verdict{!components.empty() && std::ranges::none_of(components, is_open), {}};
  const auto broken = std::ranges::find(components, component_status::failed, &component::status);
  if (broken != components.end())
    verdict.failed = broken->name;
  return verdict;
}

}  // namespace carillon
