#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/request_mark.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

/// Which records of changes a list shows: those that meet all that is given.
struct audit_filter {
  std::optional<instant> from = {};  ///< Inclusive.
  std::optional<instant> to = {};    ///< Exclusive.
  std::string who = {};              ///< Id or name, whole.
  std::string action = {};           ///< The route: "PATCH /v1/schedules/{id}".
  std::string method = {};
  std::string subject = {};  ///< Whole; that which was made, too.
  std::optional<bool> refused = {};
  std::string text = {};  ///< Anywhere in the record.
};

bool matches(const audit_filter& wanted, const audit_record& what);
/// What the record is about, as a person would name it.
std::string subject_of(const audit_record& what);

struct audit_page {
  std::vector<audit_record> items;  ///< Newest first.
  std::optional<task_id> next;      ///< Where the next page begins; empty: that was all.
};

/// Records of changes and kept answers, read from the store. Any thread.
class audit_store {
public:
  explicit audit_store(const engine& disk) : disk_{disk} {}

  /// Those before `cursor`, when it is given. Looks at no more than a bounded number of records, so
  /// that a page may be short, or empty, and yet not be the last.
  [[nodiscard]] expected<audit_page> list(const audit_filter& wanted,
                                          const std::optional<task_id>& cursor,
                                          std::size_t limit) const;

  [[nodiscard]] expected<std::optional<kept_answer>> find_kept(std::string_view key) const;

  /// Adds the removal of at most `limit` records before the moment to `out`; whether there are
  /// more.
  bool remove_old(instant before, std::size_t limit, change_set& out) const;
  /// The same for answers that are kept no longer. `from` is the key at which to go on looking, and
  /// becomes the next one.
  bool remove_expired(instant now, std::size_t limit, std::string& from, change_set& out) const;

  /// Reads everything: how many records and kept answers there are.
  [[nodiscard]] expected<std::array<std::int64_t, 2>> count() const;

private:
  const engine& disk_;  ///< Not owned.
};

}  // namespace carillon::storage
