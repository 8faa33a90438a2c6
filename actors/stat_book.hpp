#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "actors/stat_counter.hpp"
#include "model/problem.hpp"
#include "storage/key_value.hpp"

namespace carillon {

/// What was counted, as far as it may not be on disk yet. Whatever is read or saved passes through
/// it, one after the other. Any thread that may block.
///
/// Invariant: a stretch that is here has all that was ever counted in it; its row may have less.
class stat_book {
public:
  stat_book(stat_counter& counter, const storage::engine& disk) : counter_{counter}, disk_{disk} {}

  /// What is to be written, if anything; call saved() with the number when that is decided. Those
  /// that are kept no longer are removed with it.
  struct page {
    std::uint64_t number = 0;
    bool is_empty = true;
  };
  page write(instant now, storage::change_set& out);
  void saved(std::uint64_t number, bool is_durable, instant now);

  /// The buckets that begin in [from, to), all that was counted until now included.
  [[nodiscard]] expected<std::vector<stat_bucket>> read(const stat_grain& grain, instant from,
                                                        instant to);

private:
  struct entry {
    stat_bucket bucket;
    std::uint64_t changed = 0;  ///< By which round.
    std::uint64_t written = 0;  ///< With what was changed up to that round.
  };
  using book = std::map<instant, entry>;

  void gather();
  void add(const stat_grain& grain, book& to, const stat_bucket& more);

  stat_counter& counter_;
  const storage::engine& disk_;
  std::mutex mutex_;
  book minutes_;
  book hours_;
  std::uint64_t round_ = 0;
  instant removed_at_{};
};

}  // namespace carillon
