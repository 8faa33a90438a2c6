#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/task.hpp"

namespace carillon::storage {

/// Which tasks a list shows. All that is given must hold.
struct task_filter {
  std::vector<task_status> statuses;  ///< Empty: any.
  std::optional<std::string> task_type;
  std::optional<std::string> tag;
  std::optional<instant> created_from;  ///< Inclusive.
  std::optional<instant> created_to;    ///< Exclusive.
  std::optional<instant> planned_from;  ///< Inclusive.
  std::optional<instant> planned_to;    ///< Exclusive.
  std::optional<schedule_id> schedule;  ///< Made by this one.
  std::optional<bool> is_scheduled;     ///< Made by any schedule, or by request.
  bool is_command = false;              ///< Those that run commands.
  /// Stands in the type, payload, unique_id, a tag or the target's address; ASCII in any case.
  std::optional<std::string> text = {};

  /// Status and type alone are answered by indexes and counters; the rest looks at rows.
  [[nodiscard]] bool needs_rows() const {
    return is_command || (schedule && task_type) || (is_scheduled && (task_type || schedule)) || tag
           || text || created_from || created_to || planned_from || planned_to;
  }
  [[nodiscard]] bool matches(const task& subject) const;
};

/// The places in the index, or among the rows, in which the ids of matching tasks are found.
std::vector<std::string> prefixes_of(const task_filter& filter);
/// Whether finding an id there is enough to know that its task matches.
bool index_is_exact(const task_filter& filter);

struct page_request {
  std::size_t limit = 50;
  std::size_t offset = 0;
  std::optional<task_id> after;  ///< The last id of the page before; steadier than an offset.
  bool counts = true;            ///< False: nobody asks how many there are in all.
};

struct task_page {
  std::vector<task> items;
  std::int64_t total = 0;  ///< All matches, not the page.
  bool has_more = false;
};

}  // namespace carillon::storage
