#include "storage/schedule_store.hpp"

#include <algorithm>
#include <utility>

#include "storage/keys.hpp"
#include "storage/record.hpp"
#include "storage/schedule_record.hpp"

namespace carillon::storage {
namespace {

/// Calls `visit(key, value)` for all that begins with `prefix`, until it answers false.
template <class Visitor>
void scan(const engine& disk, space where, const std::string& prefix, Visitor visit) {
  const auto at = std::move(disk.read(where, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next())
    if (!visit(at->key(), at->value()))
      return;
}

bool listens(const schedule_spec& spec) {
  return spec.kind == schedule_kind::event && !spec.expr.empty();
}

}  // namespace

schedule_facts facts_of(const schedule& subject) {
  return {subject.status, subject.wake_at};
}

// -- writing ------------------------------------------------------------------

namespace {

/// Only an active schedule stands under its topic.
void encode_listening(const schedule_changes& change, change_set& out) {
  const auto& after = change.after;
  if (change.spec_before == after.spec && change.before && change.before->status == after.status)
    return;
  if (change.spec_before && listens(*change.spec_before))
    out.erase(space::index, keys::topic_entry(after.id, change.spec_before->expr));
  if (listens(*after.spec) && after.status == schedule_status::active)
    out.put(space::index, keys::topic_entry(after.id, after.spec->expr), {});
}

/// Entries that say to what lists of schedules it belongs.
void encode_belonging(const schedule_changes& change, change_set& out) {
  const auto& after = change.after;
  const bool was_in_file = change.spec_before && change.spec_before->file && change.before
                           && change.before->status != schedule_status::deleted;
  const bool is_in_file = after.spec->file && after.status != schedule_status::deleted;
  if (is_in_file && !was_in_file)
    out.put(space::index, keys::file_entry(after.id), after.spec->name);
  else if (was_in_file && !is_in_file)
    out.erase(space::index, keys::file_entry(after.id));
  const bool was_limited = change.spec_before && !change.spec_before->keep.empty();
  const bool is_limited = !after.spec->keep.empty();
  if (is_limited && !was_limited)
    out.put(space::index, keys::retention_entry(after.id), {});
  else if (was_limited && !is_limited)
    out.erase(space::index, keys::retention_entry(after.id));
}

}  // namespace

void encode(const schedule_changes& change, change_set& out) {
  const auto& after = change.after;
  const auto& id = after.id;
  if (change.spec_before != after.spec)
    out.put(space::rows, keys::schedule_row(id), encode_schedule_spec(after));
  encode_listening(change, out);
  encode_belonging(change, out);
  out.put(space::rows, keys::schedule_state_row(id), encode_schedule_state(after));
  if (!change.before || change.before->status != after.status) {
    if (change.before) {
      out.erase(space::index, keys::schedule_status_entry(id, change.before->status));
      out.count(keys::count_of_schedules(change.before->status), -1);
    }
    out.put(space::index, keys::schedule_status_entry(id, after.status), {});
    out.count(keys::count_of_schedules(after.status), 1);
  }
  const auto wake_before = change.before ? change.before->wake_at : std::nullopt;
  if (wake_before != after.wake_at) {
    if (wake_before)
      out.erase(space::index, keys::due_entry(id, *wake_before));
    if (after.wake_at)
      out.put(space::index, keys::due_entry(id, *after.wake_at), {});
  }
}

void encode_dedupe(const schedule_lifecycle::dedupe_claim& claim, change_set& out) {
  out.put(space::rows, keys::dedupe_row(claim.key),
          std::string{id_bytes(claim.task)} + keys::moment_value(claim.until));
}

void encode_zone_version(std::string_view version, change_set& out) {
  out.put(space::index, keys::zone_version(), version);
}

void encode_agent_change(const agent& subject, bool is_removed, change_set& out) {
  if (is_removed)
    out.erase(space::rows, keys::agent_row(subject.id));
  else
    out.put(space::rows, keys::agent_row(subject.id), encode_agent(subject));
}

// -- one schedule ---------------------------------------------------------------

expected<std::optional<schedule>> schedule_store::load(const schedule_id& id) const {
  const auto spec = disk_.get(space::rows, keys::schedule_row(id));
  if (!spec)
    return spec.error();
  if (!*spec)
    return std::optional<schedule>{};
  const auto state = disk_.get(space::rows, keys::schedule_state_row(id));
  if (!state)
    return state.error();
  auto found = decode_schedule(id, **spec, state->value_or(std::string{}));
  if (!found)
    return found.error();
  return std::optional<schedule>{*std::move(found)};
}

std::vector<open_task> schedule_store::open_tasks(const schedule_id& id) const {
  std::vector<open_task> open;
  // All statuses of tasks that have not ended lie before the first of those that have: one search.
  const auto begin = keys::made_prefix(id, task_status::scheduled);
  const auto end = keys::made_prefix(id, task_status::completed);
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (at->seek(begin); at->valid() && at->key() < end; at->next()) {
    const auto status = static_cast<task_status>(at->key()[begin.size() - 1]);
    const auto made = keys::read_made_value(at->value());
    open.push_back(
        {keys::id_at_end(at->key()), status, false, made.due, made.planned, made.instance});
  }
  if (open.empty())
    return open;
  std::ranges::sort(open, {}, &open_task::id);
  const auto find = [&](const task_id& wanted) {
    return std::ranges::lower_bound(open, wanted, {}, &open_task::id);
  };
  const auto held = keys::held_entry(id, task_id{});
  scan(disk_, space::index, held.substr(0, held.size() - sizeof(task_id)), [&](auto key, auto) {
    if (const auto one = find(keys::id_at_end(key)); one != open.end())
      one->is_held = true;
    return true;
  });
  return open;
}

std::vector<recorded_range> schedule_store::recorded(const schedule_id& id, instant from,
                                                     instant to) const {
  std::vector<recorded_range> found;
  const auto prefix = keys::planned_prefix(id);
  const auto read = [](std::string_view key, std::string_view value) {
    const auto first = keys::moment_of_planned(key);
    return recorded_range{first, keys::read_moment_value(value).value_or(first)};
  };
  const auto at = std::move(disk_.read(space::index, 1).front());
  // A range that begins before `from` may reach into it.
  at->seek_for_prev(keys::planned_bound(id, from));
  if (!at->valid() || !at->key().starts_with(prefix))
    at->seek(keys::planned_bound(id, from));
  for (; at->valid() && at->key().starts_with(prefix); at->next()) {
    const auto one = read(at->key(), at->value());
    if (one.first > to)
      break;
    if (one.last >= from)
      found.push_back(one);
  }
  return found;
}

std::optional<task_id> schedule_store::record_of(const schedule_id& id, instant at) const {
  const auto prefix = keys::planned_prefix(id);
  const auto stands = std::move(disk_.read(space::index, 1).front());
  stands->seek_for_prev(keys::planned_bound(id, at + duration{1}));
  if (!stands->valid() || !stands->key().starts_with(prefix))
    return std::nullopt;
  const auto first = keys::moment_of_planned(stands->key());
  if (at < first || at > keys::read_moment_value(stands->value()).value_or(first))
    return std::nullopt;
  return keys::id_at_end(stands->key());
}

// -- many -----------------------------------------------------------------------

std::vector<schedule_id> schedule_store::listeners(std::string_view topic) const {
  std::vector<schedule_id> found;
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = keys::topic_prefix(shard, topic);
    for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next())
      found.push_back(keys::id_at_end(at->key()));
  }
  return found;
}

void schedule_store::for_each_listener(
    const std::function<void(std::string_view, const schedule_id&)>& visit) const {
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = keys::listeners_prefix(shard);
    scan(disk_, space::index, prefix, [&](std::string_view key, auto) {
      const auto topic =
          key.substr(prefix.size(), key.size() - prefix.size() - sizeof(task_id) - 1);
      visit(topic, keys::id_at_end(key));
      return true;
    });
  }
}

std::vector<std::pair<std::string, schedule_id>> schedule_store::of_file(unsigned shard) const {
  std::vector<std::pair<std::string, schedule_id>> found;
  scan(disk_, space::index, keys::file_prefix(shard), [&](auto key, auto value) {
    found.emplace_back(std::string{value}, keys::id_at_end(key));
    return true;
  });
  return found;
}

std::vector<schedule_id> schedule_store::with_retention(unsigned shard) const {
  std::vector<schedule_id> found;
  scan(disk_, space::index, keys::retention_prefix(shard), [&](auto key, auto) {
    found.push_back(keys::id_at_end(key));
    return true;
  });
  return found;
}

std::vector<schedule_id> schedule_store::with_held_tasks(unsigned shard) const {
  std::vector<schedule_id> found;
  scan(disk_, space::index, keys::held_prefix(shard), [&](auto key, auto) {
    const auto id = keys::maker_of(key);
    if (found.empty() || found.back() != id)
      found.push_back(id);
    return true;
  });
  return found;
}

std::vector<schedule_id> schedule_store::living(unsigned shard) const {
  std::vector<schedule_id> found;
  for (const auto status : {schedule_status::active, schedule_status::paused})
    scan(disk_, space::index, keys::schedule_status_prefix(shard, status), [&](auto key, auto) {
      found.push_back(keys::id_at_end(key));
      return true;
    });
  return found;
}

std::vector<schedule_lifecycle::dedupe_claim> schedule_store::dedupe_claims() const {
  std::vector<schedule_lifecycle::dedupe_claim> found;
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = keys::dedupe_prefix(shard);
    scan(disk_, space::rows, prefix, [&](std::string_view key, std::string_view value) {
      const auto task = read_id(value.substr(0, sizeof(task_id)));
      const auto until =
          keys::read_moment_value(value.substr(std::min(value.size(), sizeof(task_id))));
      if (task && until)
        found.push_back({std::string{key.substr(prefix.size())}, *task, *until});
      return true;
    });
  }
  return found;
}

std::string schedule_store::zone_version() const {
  const auto stored = disk_.get(space::index, keys::zone_version());
  return stored ? stored->value_or(std::string{}) : std::string{};
}

// -- agents ---------------------------------------------------------------------

expected<std::optional<agent>> schedule_store::find_agent(std::string_view id) const {
  const auto row = disk_.get(space::rows, keys::agent_row(id));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<agent>{};
  auto found = decode_agent(**row);
  if (!found)
    return found.error();
  return std::optional<agent>{*std::move(found)};
}

expected<std::vector<agent>> schedule_store::agents() const {
  std::vector<agent> found;
  std::optional<problem> broken;
  scan(disk_, space::rows, keys::agent_prefix(), [&](auto, auto value) {
    auto one = decode_agent(value);
    if (one)
      found.push_back(*std::move(one));
    else
      broken = one.error();
    return one.has_value();
  });
  if (broken)
    return *std::move(broken);
  std::ranges::sort(found, [](const agent& one, const agent& other) {
    return one.created_at != other.created_at ? one.created_at > other.created_at
                                              : one.id > other.id;
  });
  return found;
}

}  // namespace carillon::storage
