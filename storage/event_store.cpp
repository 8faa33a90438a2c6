#include "storage/event_store.hpp"

#include <algorithm>
#include <map>

#include "model/log.hpp"
#include "storage/counter.hpp"
#include "storage/event_keys.hpp"
#include "storage/keys.hpp"
#include "storage/merged_ids.hpp"
#include "storage/record.hpp"
#include "storage/schedule_store.hpp"
#include "storage/step_record.hpp"

namespace carillon::storage {
namespace {

event_facts facts_of(const topic_event& subject) {
  return {subject.at, !subject.name.empty()};
}

void log_unreadable(const problem& cause) {
  log(log_level::error, "an event is left out", {{"cause", cause.detail}});
}

}  // namespace

// -- writing ----------------------------------------------------------------------

void encode_new_event(const topic_event& subject, const std::vector<event_listener>& listeners,
                      change_set& out) {
  const auto& id = subject.id;
  out.put(space::rows, event_keys::row(id), encode_event(subject));
  if (!subject.name.empty())
    out.put(space::rows, event_keys::name_row(subject.name),
            std::string{id_bytes(id)} + keys::moment_value(subject.at + event_memory));
  out.put(space::index, event_keys::entry(id), encode_event_facts(facts_of(subject)));
  out.put(space::index, event_keys::open_entry(id), encode_listeners(listeners));
  out.put(space::index, event_keys::topic_entry(subject.topic, id), keys::moment_value(subject.at));
  out.count(event_keys::counter_name, 1);
}

void encode_event_claim(const task_id& event, const task_id& schedule, const task_id& task,
                        std::optional<end_reason> skip, change_set& out) {
  out.put(space::index, event_keys::claim_entry(event, schedule), encode_claim(task, skip));
}

void encode_event_told(const topic_event& subject, const std::vector<listener_told>& told,
                       change_set& out) {
  const auto& id = subject.id;
  auto facts = facts_of(subject);
  facts.is_done = true;
  facts.listeners = std::ranges::count_if(
      told, [](const listener_told& one) { return one.listener.kind == listener_kind::schedule; });
  facts.triggered = std::ranges::count_if(told, &listener_told::is_triggered);
  out.put(space::index, event_keys::entry(id), encode_event_facts(facts));
  out.put(space::rows, event_keys::told_row(id), encode_told(told));
  out.erase(space::index, event_keys::open_entry(id));
  for (const auto& one : told)
    if (one.task)
      out.erase(space::index, event_keys::claim_entry(id, one.listener.id));
}

void encode_event_removal(const old_event& gone, change_set& out) {
  out.erase(space::rows, event_keys::row(gone.id));
  out.erase(space::rows, event_keys::told_row(gone.id));
  if (!gone.name.empty())
    out.erase(space::rows, event_keys::name_row(gone.name));
  out.erase(space::index, event_keys::entry(gone.id));
  out.erase(space::index, event_keys::topic_entry(gone.topic, gone.id));
  out.count(event_keys::counter_name, -1);
}

// -- one event --------------------------------------------------------------------

std::optional<event_name> event_store::find_name(std::string_view name) const {
  const auto stored = disk_.get(space::rows, event_keys::name_row(name));
  if (!stored || !*stored || (*stored)->size() < sizeof(task_id))
    return std::nullopt;
  const std::string_view value{**stored};
  const auto id = read_id(value.substr(0, sizeof(task_id)));
  const auto until = keys::read_moment_value(value.substr(sizeof(task_id)));
  return id && until ? std::optional{event_name{*id, *until}} : std::nullopt;
}

expected<std::optional<published_event>> event_store::load(const task_id& id) const {
  const auto row = disk_.get(space::rows, event_keys::row(id));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<published_event>{};
  auto subject = decode_event(id, **row);
  if (!subject)
    return subject.error();
  published_event found{std::make_shared<const topic_event>(*std::move(subject))};
  const auto outcome = disk_.get(space::rows, event_keys::told_row(id));
  if (!outcome)
    return outcome.error();
  if (*outcome) {
    auto told = decode_told(**outcome);
    if (!told)
      return told.error();
    found.told = std::make_shared<const std::vector<listener_told>>(*std::move(told));
  }
  return std::optional{std::move(found)};
}

std::vector<event_listener> event_store::listeners(std::string_view topic) const {
  std::vector<event_listener> all;
  for (const auto& id : schedule_store{disk_}.listeners(topic))
    all.push_back({listener_kind::schedule, id});
  for (const auto& id : waiters_of(disk_, topic))
    all.push_back({listener_kind::task, id});
  return all;
}

std::vector<open_event> event_store::open_events() const {
  std::vector<open_event> found;
  const auto at = std::move(disk_.read(space::index, 1).front());
  const auto claims = std::move(disk_.read(space::index, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = event_keys::open_prefix(shard);
    for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
      const auto id = keys::id_at_end(at->key());
      auto known = load(id);
      auto listeners = decode_listeners(at->value());
      if (!known || !*known || !listeners) {
        log_unreadable(known ? listeners ? problem{problem_kind::corrupt, "its row is missing"}
                                         : listeners.error()
                             : known.error());
        continue;
      }
      found.push_back({*(*known)->subject, *std::move(listeners), {}});
      for (unsigned place = 0; place < shard_count; ++place) {
        const auto mine = event_keys::claim_prefix(place, id);
        for (claims->seek(mine); claims->valid() && claims->key().starts_with(mine); claims->next())
          if (auto told = decode_claim(keys::id_at_end(claims->key()), claims->value()))
            found.back().told.push_back(*std::move(told));
      }
    }
  }
  return found;
}

// -- many -----------------------------------------------------------------------

expected<event_page> event_store::list(const std::optional<std::string>& topic,
                                       const page_request& page) const {
  std::vector<std::string> prefixes;
  for (unsigned shard = 0; shard < shard_count; ++shard)
    prefixes.push_back(topic ? event_keys::topic_prefix(shard, *topic)
                             : event_keys::entry_prefix(shard));
  event_page shown;
  if (!topic)
    shown.total = read_counter(disk_, keys::counter(event_keys::counter_name));
  merged_ids ids{disk_, space::index, prefixes, page.after};
  std::size_t passed = 0;
  for (auto id = ids.next(); id; id = ids.next(), ++passed) {
    if (passed < page.offset)
      continue;
    if (shown.items.size() == page.limit) {
      shown.has_more = true;
      break;
    }
    const auto row = disk_.get(space::rows, event_keys::row(*id));
    const auto entry = disk_.get(space::index, event_keys::entry(*id));
    if (!row || !entry)
      return row ? entry.error() : row.error();
    if (!*row || !*entry)
      continue;  // swept meanwhile
    auto subject = decode_event(*id, **row);
    const auto facts = decode_event_facts(**entry);
    if (!subject || !facts)
      return subject ? facts.error() : subject.error();
    shown.items.push_back({*id, *std::move(subject), *facts});
  }
  if (!topic || !page.counts)
    return shown;
  merged_ids all{disk_, space::index, std::move(prefixes), {}};
  while (all.next())
    ++shown.total;
  return shown;
}

std::vector<topic_facts> event_store::topics() const {
  std::map<std::string, topic_facts, std::less<>> found;
  const auto facts_for = [&](std::string_view topic) -> topic_facts& {
    const auto known = found.find(topic);
    if (known != found.end())
      return known->second;
    return found.emplace(topic, topic_facts{std::string{topic}}).first->second;
  };
  schedule_store{disk_}.for_each_listener(
      [&](std::string_view topic, const schedule_id&) { ++facts_for(topic).listeners; });
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = event_keys::all_topics_prefix(shard);
    at->seek(prefix);
    while (at->valid() && at->key().starts_with(prefix)) {
      const std::string topic{event_keys::topic_of(at->key())};
      const auto behind = event_keys::topic_prefix(shard, topic) + std::string(17, '\xFF');
      at->seek_for_prev(behind);
      auto& known = facts_for(topic);
      known.last_at = std::max(known.last_at.value_or(instant::min()),
                               keys::read_moment_value(at->value()).value_or(instant::min()));
      at->seek(behind);
    }
  }
  std::vector<topic_facts> all;
  all.reserve(found.size());
  for (auto& [unused, facts] : found)
    all.push_back(std::move(facts));
  return all;
}

std::optional<old_event> event_store::old_event_of(const task_id& id) const {
  const auto known = load(id);
  if (!known || !*known)
    return std::nullopt;
  const auto& subject = *(*known)->subject;
  old_event found{id, subject.topic, subject.name};
  const auto owner = found.name.empty() ? std::nullopt : find_name(found.name);
  if (!owner || owner->event != id)
    found.name.clear();
  return found;
}

std::vector<old_event> event_store::old_events(instant before, std::int64_t kept_max,
                                               std::size_t limit) const {
  std::vector<old_event> found;
  const auto all = read_counter(disk_, keys::counter(event_keys::counter_name));
  const auto excess = std::max<std::int64_t>(0, all - kept_max);
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    // An equal share of each shard: names hash evenly, and so do ids.
    auto too_many = (excess + shard_count - 1) / shard_count;
    const auto prefix = event_keys::entry_prefix(shard);
    for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next(), --too_many) {
      const auto facts = decode_event_facts(at->value());
      const bool is_old = facts && facts->at < before;
      if (!is_old && too_many <= 0)
        break;
      if (!facts || !facts->is_done || (!is_old && facts->has_name))
        continue;
      if (auto gone = old_event_of(keys::id_at_end(at->key())))
        found.push_back(*std::move(gone));
      if (found.size() == limit)
        return found;
    }
  }
  return found;
}

}  // namespace carillon::storage
