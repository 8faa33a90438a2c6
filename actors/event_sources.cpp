#include "actors/event_sources.hpp"

#include <utility>

namespace carillon {

std::optional<event_source> event_sources::find(std::string_view name) const {
  const std::lock_guard lock{mutex_};
  const auto known = by_name_.find(name);
  return known == by_name_.end() ? std::nullopt : std::optional{known->second};
}

std::vector<event_source> event_sources::all() const {
  const std::lock_guard lock{mutex_};
  std::vector<event_source> found;
  found.reserve(by_name_.size());
  for (const auto& [unused, one] : by_name_)
    found.push_back(one);
  return found;
}

bool event_sources::put(event_source subject) {
  const std::lock_guard lock{mutex_};
  auto name = subject.name;
  return by_name_.try_emplace(std::move(name), std::move(subject)).second;
}

void event_sources::remove(std::string_view name) {
  const std::lock_guard lock{mutex_};
  const auto known = by_name_.find(name);
  if (known != by_name_.end())
    by_name_.erase(known);
}

}  // namespace carillon
