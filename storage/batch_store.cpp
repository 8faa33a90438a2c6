#include "storage/batch_store.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "storage/batch_keys.hpp"
#include "storage/batch_record.hpp"
#include "storage/counter.hpp"
#include "storage/keys.hpp"
#include "storage/merged_ids.hpp"
#include "storage/record.hpp"

namespace carillon::storage {
namespace {

/// Whether the server has something left to do about it.
bool is_unfinished(const batch& subject) {
  return !subject.finished_at || subject.is_event_due;
}

std::vector<std::string> prefixes_of_batches() {
  std::vector<std::string> prefixes;
  for (unsigned shard = 0; shard < shard_count; ++shard)
    prefixes.push_back(keys::batch_prefix(shard));
  return prefixes;
}

std::vector<task_status> all_statuses() {
  std::vector<task_status> all;
  for (std::size_t status = 0; status < task_status_count; ++status)
    all.push_back(static_cast<task_status>(status));
  return all;
}

/// Walks the children of one status.
struct lane {
  std::string prefix;
  std::unique_ptr<cursor> at;
  task_status status;

  [[nodiscard]] bool valid() const { return at->valid() && at->key().starts_with(prefix); }
  [[nodiscard]] std::uint32_t number() const { return keys::number_of_child(at->key()); }
};

}  // namespace

// -- writing ------------------------------------------------------------------

void encode_new_batch(const batch& subject, change_set& out) {
  out.put(space::rows, keys::batch_row(subject.id), encode_batch(*subject.spec));
  if (!subject.spec->idempotency_key.empty())
    out.put(space::rows, keys::batch_key_row(subject.spec->idempotency_key), id_bytes(subject.id));
  out.put(space::index, keys::unfinished_entry(subject.id), {});
  out.count(keys::count_of_batches(), 1);
}

void encode_batch_change(const batch& before, const batch& after, change_set& out) {
  out.put(space::rows, keys::batch_state_row(after.id), encode_batch_state(after));
  if (is_unfinished(before) == is_unfinished(after))
    return;
  if (is_unfinished(after))
    out.put(space::index, keys::unfinished_entry(after.id), {});
  else
    out.erase(space::index, keys::unfinished_entry(after.id));
}

void encode_batch_removal(const batch& subject, change_set& out) {
  out.erase(space::rows, keys::batch_row(subject.id));
  out.erase(space::rows, keys::batch_state_row(subject.id));
  if (!subject.spec->idempotency_key.empty())
    out.erase(space::rows, keys::batch_key_row(subject.spec->idempotency_key));
  for (const auto status : all_statuses()) {
    out.erase(space::index, keys::counter(keys::count_of_children(subject.id, status)));
    out.erase(space::index, keys::counter(keys::count_of_removed_children(subject.id, status)));
  }
  out.count(keys::count_of_batches(), -1);
}

// -- reading ------------------------------------------------------------------

expected<std::optional<batch>> batch_store::load(const batch_id& id) const {
  const auto row = disk_.get(space::rows, keys::batch_row(id));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<batch>{};
  const auto state = disk_.get(space::rows, keys::batch_state_row(id));
  if (!state)
    return state.error();
  auto found =
      decode_batch(id, **row, *state ? std::optional<std::string_view>{**state} : std::nullopt);
  if (!found)
    return found.error();
  return std::optional<batch>{*std::move(found)};
}

batch_counts batch_store::counts(const batch_id& id) const {
  batch_counts sums;
  const auto prefix = keys::child_counters_prefix(id);
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
    const auto [status, is_removed] = keys::status_of_counter(at->key());
    const auto text = at->value();
    auto& sum = (is_removed ? sums.removed : sums.by_status)[static_cast<std::size_t>(status)];
    std::from_chars(text.data(), text.data() + text.size(), sum);
  }
  return sums;
}

expected<std::optional<batch_view>> batch_store::view(const batch_id& id) const {
  auto found = load(id);
  if (!found)
    return found.error();
  if (!*found)
    return std::optional<batch_view>{};
  return std::optional<batch_view>{{**std::move(found), counts(id)}};
}

expected<std::optional<batch_id>> batch_store::find(std::string_view idempotency_key) const {
  const auto row = disk_.get(space::rows, keys::batch_key_row(idempotency_key));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<batch_id>{};
  const auto id = read_id(**row);
  if (!id)
    return problem{problem_kind::corrupt, "the row of an idempotency_key does not decode"};
  return id;
}

expected<batch_page> batch_store::list(const page_request& page) const {
  merged_ids ids{disk_, space::rows, prefixes_of_batches(), page.after};
  batch_page shown;
  shown.total = read_counter(disk_, keys::counter(keys::count_of_batches()));
  auto skipped = page.offset;
  for (auto id = ids.next(); id; id = ids.next()) {
    if (skipped > 0) {
      --skipped;
      continue;
    }
    if (shown.items.size() == page.limit) {
      shown.has_more = true;
      break;
    }
    auto found = view(*id);
    if (!found)
      return found.error();
    if (*found)
      shown.items.push_back(**std::move(found));
  }
  return shown;
}

std::vector<child> batch_store::children(const batch_id& id, const child_page_request& page) const {
  const auto statuses = page.statuses.empty() ? all_statuses() : page.statuses;
  auto cursors = disk_.read(space::index, statuses.size());
  std::vector<lane> lanes;
  for (std::size_t at = 0; at < statuses.size(); ++at) {
    lane opened{keys::child_prefix(id, statuses[at]), std::move(cursors[at]), statuses[at]};
    opened.at->seek(keys::child_entry(id, statuses[at], page.from));
    if (opened.valid())
      lanes.push_back(std::move(opened));
  }
  std::vector<child> found;
  while (!lanes.empty() && found.size() < page.limit) {
    const auto first = std::ranges::min_element(lanes, {}, &lane::number);
    if (const auto task = read_id(first->at->value()))
      found.push_back({first->number(), *task, first->status});
    first->at->next();
    if (!first->valid())
      lanes.erase(first);
  }
  return found;
}

std::vector<bool> batch_store::places(const batch_id& id) const {
  std::vector<bool> taken;
  const auto cursors = disk_.read(space::index, task_status_count);
  for (const auto status : all_statuses()) {
    const auto prefix = keys::child_prefix(id, status);
    const auto& at = cursors[static_cast<std::size_t>(status)];
    for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
      const auto number = keys::number_of_child(at->key());
      if (number >= taken.size())
        taken.resize(number + 1);
      taken[number] = true;
    }
  }
  return taken;
}

std::vector<batch_id> batch_store::unfinished() const {
  std::vector<batch_id> found;
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = keys::unfinished_prefix(shard);
    for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next())
      found.push_back(keys::id_at_end(at->key()));
  }
  return found;
}

std::vector<batch> batch_store::empty_ones(instant bound, std::size_t limit) const {
  std::vector<batch> found;
  merged_ids ids{disk_, space::rows, prefixes_of_batches(), first_id_at(bound)};
  for (auto id = ids.next(); id && found.size() < limit; id = ids.next()) {
    auto known = load(*id);
    if (!known || !*known || is_unfinished(**known) || *(*known)->finished_at >= bound)
      continue;
    if (counts(*id).kept() == 0)
      found.push_back(**std::move(known));
  }
  return found;
}

}  // namespace carillon::storage
