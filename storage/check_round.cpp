#include "storage/check_round.hpp"

#include <array>
#include <utility>

#include "storage/batch_keys.hpp"
#include "storage/batch_store.hpp"
#include "storage/event_keys.hpp"
#include "storage/event_store.hpp"
#include "storage/keys.hpp"
#include "storage/list_build.hpp"
#include "storage/list_keys.hpp"
#include "storage/schedule_store.hpp"
#include "storage/task_store.hpp"

namespace carillon::storage {
namespace {

/// Ids that are known to be there, so that the tasks of one schedule do not ask for each.
constexpr std::size_t known_max = 100'000;

constexpr std::string_view store_families = "celmz";  // in the index, of no shard
constexpr key_family claims{space::index, 'z', 'r'};
constexpr key_family by_status{space::index, 's'};
constexpr std::string_view families_of_lists = "txm";

bool is_of_store(std::string_view key) {
  return key.front() == '\xFF';
}

/// What an entry's owner gives; empty when it is gone. `is_unreadable`: nobody can say.
std::optional<derived> given_by(engine& disk, const entry_owner& owner, bool& is_unreadable) {
  const auto from = [&](const auto& found) -> std::optional<derived> {
    is_unreadable = !found;
    return found && *found ? std::optional{derived_of(**found)} : std::nullopt;
  };
  switch (owner.kind) {
    case owner_kind::task:
      return from(task_store{disk}.load_record(owner.id));
    case owner_kind::schedule:
      return from(schedule_store{disk}.load(owner.id));
    case owner_kind::batch:
      return from(batch_store{disk}.load(owner.id));
    case owner_kind::event:
      break;
  }
  const auto found = event_store{disk}.load(owner.id);
  is_unreadable = !found;
  if (!found || !*found)
    return std::nullopt;
  return derived_of(*(*found)->subject, (*found)->told.get());
}

std::string describe(const derived_entry& entry) {
  const auto owner = owner_of(entry);
  return "'" + std::string{name_of(family_of(entry.where, entry.key))} + "'"
         + (owner ? " of " + to_text(*owner) : std::string{" of nothing"});
}

}  // namespace

// -- everything once -------------------------------------------------------------

class check_round::first_look final : public row_listener {
public:
  explicit first_look(check_round& of) : of_{of} {}

  void on_task(const task& subject) override {
    ++tasks_;
    take(of_.known_of(derived_of(subject)));
    const auto& spec = *subject.spec;
    if (spec.schedule && !is_there(*spec.schedule, keys::schedule_row(*spec.schedule)))
      of_.add(check_fault::dangling, "task " + to_uuid(subject.id) + " is of schedule "
                                         + to_uuid(*spec.schedule) + ", which is not there");
    if (spec.batch && !is_there(spec.batch->batch, keys::batch_row(spec.batch->batch)))
      of_.add(check_fault::dangling, "task " + to_uuid(subject.id) + " is of batch "
                                         + to_uuid(spec.batch->batch) + ", which is not there");
  }
  void on_schedule(const schedule& subject) override {
    ++schedules_;
    take(derived_of(subject));
  }
  void on_batch(const batch& subject) override {
    ++batches_;
    take(derived_of(subject));
  }
  void on_event(const topic_event& subject, const std::vector<listener_told>* told) override {
    ++events_;
    take(derived_of(subject, told));
  }
  void on_derived(const derived_entry& entry) override { of_.tally_.meet(entry); }
  void on_row(const key_family& family) override { ++others_[family.letter]; }
  void on_unreadable(const std::string& what) override { of_.add(check_fault::unreadable, what); }
  void on_stray(const std::string& what) override { of_.add(check_fault::stray, what); }

  void tell() {
    of_.read("tasks", tasks_);
    of_.read("schedules", schedules_);
    of_.read("batches", batches_);
    of_.read("events", events_);
    of_.read("reports", others_['n']);
    of_.read("parts", others_['i']);
    of_.read("dedupe keys", others_['x']);
    of_.read("queues", others_['q']);
  }

private:
  void take(const derived& found) {
    for (const auto& entry : found.entries)
      of_.tally_.expect(entry);
    for (const auto& [counter, delta] : found.counts)
      if (!keys::is_count_of_batch(counter))
        of_.sums_[counter] += delta;
  }

  bool is_there(const task_id& id, const std::string& row) {
    if (known_.contains(id))
      return true;
    const auto found = of_.disk_.get(space::rows, row);
    if (!found || !*found)
      return false;
    if (known_.size() == known_max)
      known_.clear();
    known_.insert(id);
    return true;
  }

  check_round& of_;
  std::unordered_set<task_id> known_;
  std::int64_t tasks_ = 0;
  std::int64_t schedules_ = 0;
  std::int64_t batches_ = 0;
  std::int64_t events_ = 0;
  std::map<char, std::int64_t> others_;
};

void check_round::look_at_rows() {
  first_look look{*this};
  for (unsigned shard = 0; shard < shard_count; ++shard)
    walk_rows(disk_, shard, look);
  look.tell();
}

void check_round::look_at_index() {
  std::int64_t entries = 0;
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (at->seek({}); at->valid() && !is_of_store(at->key()); at->next(), ++entries) {
    const auto key = at->key();
    const bool is_in_shard = static_cast<unsigned char>(key.front()) < shard_count;
    const auto family = key.size() > 1 ? family_of(space::index, key) : key_family{};
    if (is_in_shard && is_to_come(family))
      continue;
    if (is_in_shard && is_derived(family))
      tally_.meet({space::index, std::string{key},
                   family.letter == 's' && !has_lists_ ? std::string{} : std::string{at->value()}});
    else if (is_in_shard && family == claims)
      look_at_claim(key);
    else
      add(check_fault::stray, "an index entry of no known kind");
  }
  for (; at->valid(); at->next())
    if (at->key().size() < 2 || store_families.find(at->key()[1]) == store_families.npos)
      add(check_fault::stray, "an index entry of the store of no known kind");
  read("index entries", entries);
}

bool check_round::is_to_come(const key_family& family) const {
  return !has_lists_ && family.where == space::index
         && families_of_lists.find(family.letter) != families_of_lists.npos;
}

derived check_round::known_of(derived found) const {
  if (has_lists_)
    return found;
  std::erase_if(found.entries, [this](const derived_entry& entry) {
    return is_to_come(family_of(entry.where, entry.key));
  });
  for (auto& entry : found.entries)
    if (family_of(entry.where, entry.key) == by_status)
      entry.value.clear();
  std::erase_if(found.counts, [](const change_set::counted& counted) {
    return keys::is_count_for_lists(counted.counter);
  });
  return found;
}

/// What an event led to at a schedule is kept while not everybody is told.
void check_round::look_at_claim(std::string_view key) {
  constexpr std::size_t before = 3;
  const auto event = key.size() == before + 2 * sizeof(task_id)
                         ? std::optional{keys::id_at_end(key.substr(0, before + sizeof(task_id)))}
                         : std::nullopt;
  const auto open = event ? disk_.get(space::index, event_keys::open_entry(*event))
                          : std::optional<std::string>{};
  if (open && *open)
    return;
  add(check_fault::extra_entry, "a claim on an event " + (event ? to_uuid(*event) : std::string{})
                                    + " that is not under way");
  erase(space::index, key);
}

// -- entry by entry, where something differs ---------------------------------------

class check_round::second_look final : public row_listener {
public:
  explicit second_look(check_round& of) : of_{of} {}

  void on_task(const task& subject) override { compare(of_.known_of(derived_of(subject))); }
  void on_schedule(const schedule& subject) override { compare(derived_of(subject)); }
  void on_batch(const batch& subject) override { compare(derived_of(subject)); }
  void on_event(const topic_event& subject, const std::vector<listener_told>* told) override {
    compare(derived_of(subject, told));
  }

private:
  void compare(const derived& wanted) {
    for (const auto& entry : wanted.entries)
      if (of_.tally_.differs(entry.where, entry.key))
        of_.compare(entry);
  }

  check_round& of_;
};

void check_round::look_closer() {
  second_look look{*this};
  for (unsigned shard = 0; shard < shard_count; ++shard)
    walk_rows(disk_, shard, look);
  look_for_extra(space::rows);
  look_for_extra(space::index);
}

void check_round::compare(const derived_entry& wanted) {
  const auto found = disk_.get(wanted.where, wanted.key);
  if (!found)
    return add(check_fault::damaged, found.error().detail);
  const auto family = family_of(wanted.where, wanted.key);
  if (*found && (**found == wanted.value || has_free_value(family)))
    return;
  if (*found && !has_lists_ && family == by_status)
    return;
  if (*found && is_of_newer_event(wanted, **found))
    return;
  add(*found ? check_fault::wrong_entry : check_fault::missing_entry, describe(wanted));
  put(wanted.where, wanted.key, wanted.value);
}

/// A publisher may use a name again once its time is over; the older event may still be kept.
bool check_round::is_of_newer_event(const derived_entry& wanted, std::string_view found) const {
  if (family_of(wanted.where, wanted.key) != key_family{space::rows, 'z', 'n'})
    return false;
  const auto older = owner_of(wanted);
  const auto newer = owner_of({wanted.where, wanted.key, std::string{found}});
  bool is_unreadable = false;
  const auto given = newer ? given_by(disk_, *newer, is_unreadable) : std::nullopt;
  const auto* const entry = given ? given->find(wanted.where, wanted.key) : nullptr;
  return entry != nullptr && entry->value == found && older && older->id < newer->id;
}

void check_round::look_for_extra(space where) {
  const auto at = std::move(disk_.read(where, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const std::string begin(1, static_cast<char>(shard));
    for (at->seek(begin); at->valid() && at->key().starts_with(begin);) {
      const bool has_family = at->key().size() > 2;
      if (has_family && is_derived(family_of(where, at->key())) && tally_.differs(where, at->key()))
        judge_extra({where, std::string{at->key()}, std::string{at->value()}});
      at->next();
    }
  }
}

void check_round::judge_extra(const derived_entry& found) {
  const auto owner = owner_of(found);
  bool is_unreadable = false;
  const auto given = owner ? given_by(disk_, *owner, is_unreadable) : std::nullopt;
  if (is_unreadable || (given && given->find(found.where, found.key) != nullptr))
    return;
  // The child that its value names may be of another place: then that of its key is told, as wrong.
  add(check_fault::extra_entry, describe(found));
  erase(found.where, found.key);
}

// -- repairs ------------------------------------------------------------------------

void check_round::put(space where, std::string_view key, std::string_view value) {
  if (!settings_.repairs || where == space::rows)
    return;
  repairs_.put(where, key, value);
  ++repairs_waiting_;
  write_if(repairs_.bytes() >= settings_.repair_bytes);
}

void check_round::erase(space where, std::string_view key) {
  if (!settings_.repairs || where == space::rows)
    return;
  repairs_.erase(where, key);
  ++repairs_waiting_;
  write_if(repairs_.bytes() >= settings_.repair_bytes);
}

void check_round::write_if(bool is_time) {
  if (!is_time || repairs_.empty())
    return;
  if (disk_.commit({&repairs_}) == commit_status::durable)
    report_.repaired += repairs_waiting_;
  repairs_ = {};
  repairs_waiting_ = 0;
}

check_report check_round::run() {
  if (task_store store{disk_}; settings_.repairs && !build_lists(store, disk_))
    add(check_fault::damaged, "the indexes of lists cannot be built");
  has_lists_ = has_lists(disk_);
  look_at_rows();
  look_at_store_rows();
  look_at_index();
  if (tally_.differs())
    look_closer();
  look_at_counters();
  look_at_logs();
  write_if(true);
  return std::move(report_);
}

}  // namespace carillon::storage
