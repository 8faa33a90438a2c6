#include "http/request_meter.hpp"

#include <algorithm>

namespace carillon::http {
namespace {

std::string_view surface_of(std::string_view pattern) {
  constexpr std::pair<std::string_view, std::string_view> beginnings[] = {
      {"/v1/", "native"}, {"/api/", "runner"},  {"/schemas", "runner"}, {"/tasks", "tasks"},
      {"/runs", "tasks"}, {"/events", "tasks"}, {"/agents", "tasks"}};
  for (const auto& [beginning, surface] : beginnings)
    if (pattern.starts_with(beginning))
      return surface;
  return "service";
}

}  // namespace

request_meter::request_meter(std::span<const std::span<const route>> tables) {
  slots_.emplace(nullptr, std::make_unique<slot>());
  for (const auto& table : tables)
    for (const auto& row : table)
      slots_.emplace(&row, std::make_unique<slot>());
}

void request_meter::add(const route* row, int status, std::chrono::steady_clock::duration took) {
  const auto known = slots_.find(row);
  if (known == slots_.end())
    return;
  const auto at = std::clamp(status / 100, 1, static_cast<int>(status_class_count)) - 1;
  known->second->answers[static_cast<std::size_t>(at)].add();
  known->second->took.add(std::chrono::floor<std::chrono::microseconds>(took).count());
}

std::vector<request_meter::figures> request_meter::read() const {
  std::vector<figures> all;
  for (const auto& [row, counted] : slots_) {
    figures one{"service", "", "", {}, counted->took.read(1e-6)};
    if (row != nullptr)
      one = {surface_of(row->pattern), row->method, row->pattern, {}, std::move(one.took)};
    for (std::size_t at = 0; at < status_class_count; ++at)
      one.answers[at] = counted->answers[at].value();
    if (std::ranges::any_of(one.answers, [](auto count) { return count > 0; }))
      all.push_back(std::move(one));
  }
  std::ranges::sort(all, {}, [](const figures& one) { return std::pair{one.pattern, one.method}; });
  return all;
}

}  // namespace carillon::http
