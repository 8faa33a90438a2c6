#include "storage/derived.hpp"

#include <algorithm>
#include <array>

#include "storage/batch_store.hpp"
#include "storage/event_store.hpp"
#include "storage/keys.hpp"
#include "storage/record.hpp"
#include "storage/schedule_store.hpp"
#include "storage/task_store.hpp"

namespace carillon::storage {
namespace {

struct named_family {
  key_family family;
  std::string_view name;
};

// clang-format off
constexpr std::array derived_families{
  named_family{{space::index, 'd'}, "due"},
  named_family{{space::index, 'q'}, "ready"},
  named_family{{space::index, 's'}, "by status"},
  named_family{{space::index, 'y'}, "by type"},
  named_family{{space::index, 'k'}, "key holder"},
  named_family{{space::index, 'g'}, "of a schedule"},
  named_family{{space::index, 'p'}, "recorded moment"},
  named_family{{space::index, 'h'}, "held"},
  named_family{{space::index, 'o'}, "command"},
  named_family{{space::index, 'l'}, "schedule by status"},
  named_family{{space::index, 'r'}, "of the file"},
  named_family{{space::index, 'w'}, "retention"},
  named_family{{space::index, 'e'}, "listener"},
  named_family{{space::index, 'v'}, "waits for an event"},
  named_family{{space::index, 'b'}, "child of a batch"},
  named_family{{space::index, 'f'}, "unfinished batch"},
  named_family{{space::index, 'a'}, "part of a task"},
  named_family{{space::index, 't'}, "by tag"},
  named_family{{space::index, 'x'}, "by reason"},
  named_family{{space::index, 'm'}, "by creator"},
  named_family{{space::index, 'z', 'e'}, "event"},
  named_family{{space::index, 'z', 'o'}, "event under way"},
  named_family{{space::index, 'z', 't'}, "event by topic"},
  named_family{{space::rows, 'u'}, "unique_id"},
  named_family{{space::rows, 'v'}, "idempotency key"},
  named_family{{space::rows, 'z', 'n'}, "name of an event"},
};
// clang-format on

const named_family* find_family(const key_family& family) {
  const auto* const found = std::ranges::find(derived_families, family, &named_family::family);
  return found == derived_families.end() ? nullptr : found;
}

/// What is left when all was done in order: the rows themselves are no derived data.
derived what_stays(const change_set& changes) {
  derived found;
  changes.for_each([&](const change_set::operation& made) {
    if (!is_derived(family_of(made.where, made.key)))
      return;
    std::erase_if(found.entries, [&](const derived_entry& one) {
      return one.where == made.where && one.key == made.key;
    });
    if (made.is_put)
      found.entries.push_back({made.where, std::string{made.key}, std::string{made.value}});
  });
  found.counts = changes.counts();
  return found;
}

}  // namespace

const derived_entry* derived::find(space where, std::string_view key) const {
  const auto found = std::ranges::find_if(
      entries, [&](const derived_entry& one) { return one.where == where && one.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

derived derived_of(const task& subject) {
  change_set changes;
  // A task as it is now has the entries of one that is made as it is now.
  encode(task_change{std::shared_ptr<const task>{std::shared_ptr<void>{}, &subject}, {}, {}},
         changes);
  return what_stays(changes);
}

derived derived_of(const schedule& subject) {
  change_set changes;
  encode(schedule_changes{subject, {}, {}}, changes);
  return what_stays(changes);
}

derived derived_of(const batch& subject) {
  change_set changes;
  batch opened;
  opened.id = subject.id;
  opened.spec = subject.spec;
  encode_new_batch(opened, changes);
  encode_batch_change(opened, subject, changes);
  return what_stays(changes);
}

derived derived_of(const topic_event& subject, const std::vector<listener_told>* told) {
  change_set changes;
  encode_new_event(subject, {}, changes);
  if (told != nullptr)
    encode_event_told(subject, *told, changes);
  return what_stays(changes);
}

key_family family_of(space where, std::string_view key) {
  key_family family{where, key[1]};
  if (family.letter == 'z' && key.size() > 2)
    family.second = key[2];
  return family;
}

bool is_derived(const key_family& family) {
  return find_family(family) != nullptr;
}

std::string_view name_of(const key_family& family) {
  const auto* const found = find_family(family);
  return found == nullptr ? std::string_view{} : found->name;
}

std::optional<entry_owner> owner_of(const derived_entry& entry) {
  const auto owned = [](owner_kind kind, std::string_view bytes) {
    const auto size = std::min(bytes.size(), sizeof(task_id));
    const auto id = read_id(bytes.substr(bytes.size() - size));
    return id ? std::optional{entry_owner{kind, *id}} : std::nullopt;
  };
  const auto family = family_of(entry.where, entry.key);
  const auto behind_family =
      std::string_view{entry.key}.substr(std::min<std::size_t>(entry.key.size(), 2));
  if (entry.where == space::rows) {
    if (family.letter == 'u') {
      const auto id = parse_task_id(entry.value);
      return id ? std::optional{entry_owner{owner_kind::task, *id}} : std::nullopt;
    }
    return owned(family.letter == 'v' ? owner_kind::batch : owner_kind::event,
                 std::string_view{entry.value}.substr(0, sizeof(task_id)));
  }
  switch (family.letter) {
    case 'l':
    case 'r':
    case 'w':
    case 'e':
      return owned(owner_kind::schedule, behind_family);
    case 'f':
      return owned(owner_kind::batch, behind_family);
    case 'z':
      return owned(owner_kind::event, behind_family);
    case 'b':
      return owned(owner_kind::task, entry.value);
    default: {
      auto owner = owned(owner_kind::task, behind_family);
      if (owner && names_schedule(owner->id))
        owner->kind = owner_kind::schedule;
      return owner;
    }
  }
}

std::string to_text(const entry_owner& owner) {
  constexpr std::array words{"task ", "schedule ", "batch ", "event "};
  return words[static_cast<std::size_t>(owner.kind)] + to_uuid(owner.id);
}

}  // namespace carillon::storage
