#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/stat_bucket.hpp"

namespace carillon {

/// How long a stretch is that is counted as one, and for how long it is kept.
struct stat_grain {
  duration length;
  duration kept;
};
inline constexpr stat_grain stat_minutes{std::chrono::minutes{1}, std::chrono::hours{48}};
inline constexpr stat_grain stat_hours{std::chrono::hours{1}, std::chrono::hours{24 * 90}};

/// The beginning of the stretch that has the moment.
instant stretch_of(instant moment, duration length);

struct stat_query {
  instant from;  ///< A beginning of a stretch, as `to`.
  instant to;
  duration step;
  stat_grain grain = stat_minutes;  ///< The step is a multiple of its length.
  std::optional<stat_group> group_by = {};
  std::size_t series_max = 10;  ///< Named ones.
  /// Only tasks of this group are counted; not together with group_by.
  std::optional<std::pair<stat_group, std::string>> only = {};
};

struct stat_series {
  std::string name;       ///< Of a task type, schedule or queue; empty: all tasks, or all others.
  bool is_other = false;  ///< Those whose names are not shown.
  std::vector<stat_counts> steps;
};

struct stat_answer {
  std::vector<stat_series> series;
  /// What was asked for by name may have been counted among others at times: too many were busier.
  bool is_partial = false;
};

/// The buckets of the time asked for, at most one for each stretch, as series. Pure.
stat_answer summarize(const stat_query& asked, const std::vector<stat_bucket>& buckets);

}  // namespace carillon
