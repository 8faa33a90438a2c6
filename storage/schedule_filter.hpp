#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/schedule.hpp"
#include "storage/task_filter.hpp"

namespace carillon::storage {

/// Which schedules a list shows. All that is given must hold; of several values, one.
struct schedule_filter {
  std::vector<schedule_status> statuses;  ///< Empty: any but deleted.
  std::vector<schedule_kind> kinds;
  std::vector<std::string> task_types;
  std::vector<std::string> tags;
  std::vector<std::string> created_by;
  time_range created;  ///< By the moment in the id.
  time_range updated;
  time_range next;  ///< When it fires next.
  /// Stands in the name, description, type, payload or a tag; ASCII in any case.
  std::optional<std::string> text = {};
  std::vector<payload_match> payload = {};

  /// Status and creation are answered by indexes; the rest looks at rows.
  [[nodiscard]] bool needs_rows() const;
  [[nodiscard]] bool matches(const schedule& subject) const;
};

struct schedule_page {
  std::vector<schedule> items;
  std::int64_t total = 0;  ///< All matches, not the page.
  bool has_more = false;
};

}  // namespace carillon::storage
