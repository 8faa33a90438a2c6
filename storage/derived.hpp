#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/batch.hpp"
#include "model/schedule.hpp"
#include "model/topic_event.hpp"
#include "storage/key_value.hpp"

// What must stand in a store because something else does: index entries, rows that only lead to
// another row, and sums. Computed by the encoders that write them, so that no two opinions exist.

namespace carillon::storage {

struct derived_entry {
  space where;
  std::string key;
  std::string value;
};

struct derived {
  std::vector<derived_entry> entries;
  std::vector<change_set::counted> counts;

  [[nodiscard]] const derived_entry* find(space where, std::string_view key) const;
};

derived derived_of(const task& subject);
derived derived_of(const schedule& subject);
derived derived_of(const batch& subject);
/// `told`: null while not everybody is told. Who is to be told is known to the entry alone: its
/// value here is that of an event without listeners.
derived derived_of(const topic_event& subject, const std::vector<listener_told>* told);

/// Names a kind of keys: all those of a shard that begin alike. The letter of the key, with the
/// second one where the first says only that it is about events.
struct key_family {
  space where;
  char letter;
  char second = 0;

  auto operator<=>(const key_family&) const = default;
};
/// The key must have its two first bytes.
key_family family_of(space where, std::string_view key);
/// Whether all that stands there is derived from rows.
bool is_derived(const key_family& family);
/// "due", "by status", ...; empty for a family that nothing belongs to.
std::string_view name_of(const key_family& family);

/// What an entry follows from.
enum class owner_kind { task, schedule, batch, event };
struct entry_owner {
  owner_kind kind;
  task_id id;
};
/// Empty when the key or the value is too short to name one.
std::optional<entry_owner> owner_of(const derived_entry& entry);
/// "task 01890a5d-..."
std::string to_text(const entry_owner& owner);

}  // namespace carillon::storage
