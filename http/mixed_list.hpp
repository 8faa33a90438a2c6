#pragma once

#include <cstdint>
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

/// One-off tasks and definitions as one list, newest first. `core` must outlive the question.
void list_mixed(const scheduler& core, std::size_t limit, std::size_t offset,
                answer<mixed_page> reply);

}  // namespace carillon::http
