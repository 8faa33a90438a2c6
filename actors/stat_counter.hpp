#pragma once

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/stat_series.hpp"

namespace carillon {

/// What happens to tasks, counted by whoever acts on it, until somebody takes it. Any thread;
/// nobody waits long for anybody.
class stat_counter {
public:
  /// Counts what became of a task. `before` is null for a new one.
  void note(const task* before, const task& after, instant now);

  struct counted {
    std::vector<stat_bucket> minutes;
    /// The same for minutes that are kept no longer: a manual clock may be far ahead of whoever
    /// takes.
    std::vector<stat_bucket> hours;
  };
  /// What was counted since the last time.
  [[nodiscard]] counted take();

  /// Names of a kind that are told apart.
  static constexpr std::size_t names_max = 4'096;

private:
  using names = std::array<std::string, stat_group_count>;
  struct names_hash {
    std::size_t operator()(const names& all) const noexcept;
  };
  using counts_by_name = std::unordered_map<names, stat_counts, names_hash>;
  using stretches = std::map<instant, counts_by_name>;
  struct stripe {
    std::mutex mutex;
    stretches minutes;
    stretches hours;
  };

  static void add(counts_by_name& to, names all, const stat_counts& more);
  static std::vector<stat_bucket> buckets_of(const stretches& from);

  std::array<stripe, 16> stripes_;
};

}  // namespace carillon
