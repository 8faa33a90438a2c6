#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/task.hpp"

namespace carillon {

/// How lengths of time spread. Kept in ranges whose width is an eighth of their beginning at most:
/// a quantile is that far off, and a handful of numbers is all there is.
class length_spread {
public:
  void add(duration length, std::int64_t times = 1);
  void add(const length_spread& other);

  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] std::int64_t count() const;
  /// Empty when there is none.
  [[nodiscard]] std::optional<duration> quantile(double share) const;
  [[nodiscard]] std::optional<duration> mean() const;

  /// As it is stored: numbers of ranges in rising order, with how many fell into each.
  struct range {
    std::uint32_t number;
    std::int64_t count;
    bool operator==(const range&) const = default;
  };
  [[nodiscard]] const std::vector<range>& ranges() const { return ranges_; }
  [[nodiscard]] duration sum() const { return sum_; }
  static length_spread restored(std::vector<range> ranges, duration sum);

  bool operator==(const length_spread&) const = default;

private:
  std::vector<range> ranges_;
  duration sum_{0};
};

/// What is counted. The numbers are on disk: append only.
enum class stat : std::uint8_t {
  created,
  started,  ///< First attempts.
  retries,  ///< The others.
  completed,
  failed,
  canceled,
  expired,
  skipped,
};
inline constexpr std::size_t stat_count = 8;
std::string_view to_string(stat what);

/// What happened to some tasks within some time.
struct stat_counts {
  std::array<std::int64_t, stat_count> counts{};
  length_spread start_lag;  ///< From the moment a task was due to its first attempt.
  length_spread run_time;   ///< Of attempts that ended.

  [[nodiscard]] std::int64_t of(stat what) const { return counts[static_cast<std::size_t>(what)]; }
  std::int64_t& of(stat what) { return counts[static_cast<std::size_t>(what)]; }
  void add(const stat_counts& other);
  [[nodiscard]] bool empty() const { return *this == stat_counts{}; }
  [[nodiscard]] std::int64_t sum() const;

  bool operator==(const stat_counts&) const = default;
};

/// What a change of a task adds. Null `before`: it is new.
stat_counts counts_of_change(const task* before, const task& after);
/// When a task was due: its planned time, or when it came to be or a person started it, if that
/// decided.
instant due_moment_of(const task& subject);

/// By what tasks are told apart. The numbers are on disk: append only.
enum class stat_group : std::uint8_t { task_type, schedule, queue };
inline constexpr std::size_t stat_group_count = 3;

/// The name of the group that a task is in; empty: it is in none.
std::string group_name(stat_group kind, const task_spec& spec);
/// What people know a queue by: its name or the host's, or a word for one of the server's own.
std::string shown_queue(std::string_view queue);

/// What happened within a stretch of time: to all tasks, and to those of each type, schedule and
/// queue. Names come from whoever makes tasks, so there is room for so many of each kind: what
/// finds none is counted as `others`.
struct stat_bucket {
  struct group {
    std::map<std::string, stat_counts, std::less<>> named;
    stat_counts others;
    bool operator==(const group&) const = default;
  };

  instant begin;
  stat_counts all;
  std::array<group, stat_group_count> groups;

  [[nodiscard]] const group& by(stat_group kind) const {
    return groups[static_cast<std::size_t>(kind)];
  }
  /// `names` in the order of stat_group; an empty one belongs to no group.
  void add(const stat_counts& more, const std::array<std::string, stat_group_count>& names,
           std::size_t names_max);
  void add(const stat_bucket& other, std::size_t names_max);
  /// Keeps the most busy names of each kind.
  void trim(std::size_t names_max);

  bool operator==(const stat_bucket&) const = default;
};

}  // namespace carillon
