#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/schedule.hpp"

namespace carillon::storage {

/// Which schedules a list shows. All that is given must hold.
struct schedule_filter {
  std::vector<schedule_status> statuses;  ///< Empty: any but deleted.
  std::optional<schedule_kind> kind;
  std::optional<std::string> created_by;

  /// Status alone is answered by indexes and counters; the rest looks at rows.
  [[nodiscard]] bool needs_rows() const { return kind || created_by; }
  [[nodiscard]] bool matches(const schedule& subject) const;
};

struct schedule_page {
  std::vector<schedule> items;
  std::int64_t total = 0;  ///< All matches, not the page.
  bool has_more = false;
};

}  // namespace carillon::storage
