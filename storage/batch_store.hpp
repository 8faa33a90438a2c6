#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/batch.hpp"
#include "storage/key_value.hpp"
#include "storage/task_filter.hpp"

namespace carillon::storage {

/// Adds the rows of a new batch to `out`. Pure, as all encoders.
void encode_new_batch(const batch& subject, change_set& out);
void encode_batch_change(const batch& before, const batch& after, change_set& out);
/// Nothing is left of its children.
void encode_batch_removal(const batch& subject, change_set& out);

/// A child, as the index of its batch tells of it.
struct child {
  std::uint32_t number;
  task_id id;
  task_status status;
};

/// Which children a page shows.
struct child_page_request {
  std::vector<task_status> statuses;  ///< Empty: any.
  std::uint32_t from = 0;             ///< The first number.
  std::size_t limit = 50;
};

struct child_page {
  std::vector<task> items;            ///< By rising number.
  std::int64_t total = 0;             ///< Of these statuses.
  std::optional<std::uint32_t> next;  ///< Where the next page begins, when there is one.
};

struct batch_page {
  std::vector<batch_view> items;  ///< Newest first.
  std::int64_t total = 0;
  bool has_more = false;
};

/// Batches and their children, read from the store. Any thread.
class batch_store {
public:
  explicit batch_store(const engine& disk) : disk_{disk} {}

  [[nodiscard]] expected<std::optional<batch>> load(const batch_id& id) const;
  /// Exact, and of one moment.
  [[nodiscard]] batch_counts counts(const batch_id& id) const;
  [[nodiscard]] expected<std::optional<batch_view>> view(const batch_id& id) const;
  [[nodiscard]] expected<std::optional<batch_id>> find(std::string_view idempotency_key) const;
  [[nodiscard]] expected<batch_page> list(const page_request& page) const;

  /// Children of these statuses with a number of `from` or more, by rising number.
  [[nodiscard]] std::vector<child> children(const batch_id& id,
                                            const child_page_request& page) const;
  /// Which numbers are taken: as many as there is need for.
  [[nodiscard]] std::vector<bool> places(const batch_id& id) const;

  /// Those that have not ended, or whose end is yet to be told.
  [[nodiscard]] std::vector<batch_id> unfinished() const;
  /// Batches that ended before `bound`, nothing of whose children is left, at most `limit`.
  [[nodiscard]] std::vector<batch> empty_ones(instant bound, std::size_t limit) const;

private:
  const engine& disk_;  ///< Not owned.
};

}  // namespace carillon::storage
