#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/query.hpp"
#include "http/runner_output.hpp"

namespace carillon::http {

/// Which runs a list shows. All that is given must hold.
struct runner_filter {
  std::optional<std::string> task_name;
  std::vector<std::string_view> statuses;  ///< Phases and reasons; empty: any.
  std::optional<std::string_view> triggered_by;
  std::optional<instant> created_from;  ///< Inclusive, as is the other.
  std::optional<instant> created_to;
  std::int64_t exit_code_min;
  std::int64_t exit_code_max;
  bool retries_only = false;
  std::string search;  ///< Lower case; in the name or the id.

  [[nodiscard]] bool matches(const runner_run& run) const;
};

enum class runner_sort { task_name, status, start_at, exit_code, duration, created_at };

/// What a list asks for.
struct runner_list {
  runner_filter filter;
  runner_sort by = runner_sort::created_at;
  bool is_rising = false;
  std::size_t limit = 0;
  std::size_t offset = 0;
};
runner_list read_runner_list(query_reader& query);

/// Sees all runs of a list in any order and keeps those of its page. Memory is bounded by where
/// the page ends, not by how many there are.
class runner_page {
public:
  explicit runner_page(runner_list asked) : asked_{std::move(asked)} {}

  void add(runner_run run);

  [[nodiscard]] std::int64_t total() const { return total_; }
  [[nodiscard]] bool has_seen_any() const { return has_seen_any_; }  ///< Whatever the filter says.
  /// The page in its order. Once.
  std::vector<runner_run> take();

private:
  [[nodiscard]] bool before(const runner_run& one, const runner_run& other) const;
  void drop_behind_page();

  runner_list asked_;
  std::int64_t total_ = 0;
  bool has_seen_any_ = false;
  std::vector<runner_run> kept_;
};

}  // namespace carillon::http
