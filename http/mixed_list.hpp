#pragma once

#include <cstdint>
#include <functional>
#include <variant>
#include <vector>

#include "actors/scheduler.hpp"

namespace carillon::http {

using task_or_schedule = std::variant<task, schedule>;

struct mixed_page {
  std::vector<task_or_schedule> items;
  std::int64_t total = 0;  ///< All matches, not the page.
  bool has_more = false;
};

struct mixed_filter {
  storage::task_filter tasks;
  storage::schedule_filter schedules;
  std::function<bool()> is_wanted;  ///< False: the client has gone.
};

/// One-off tasks and definitions as one list, newest first. `core` must outlive the question.
void list_mixed(const scheduler& core, mixed_filter filter, std::size_t limit, std::size_t offset,
                answer<mixed_page> reply);

}  // namespace carillon::http
