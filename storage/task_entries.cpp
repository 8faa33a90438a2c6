#include "model/queue_settings.hpp"
#include "storage/batch_keys.hpp"
#include "storage/keys.hpp"
#include "storage/list_entries.hpp"
#include "storage/record.hpp"
#include "storage/step_record.hpp"
#include "storage/task_record.hpp"
#include "storage/task_store.hpp"

// The rows and index entries of a task, as they follow from a decision.

namespace carillon::storage {
namespace {

/// Whether the task is the record of a moment, and not an extra one.
bool stands_for_moment(const task_spec& spec) {
  return spec.cause == trigger_cause::schedule || spec.cause == trigger_cause::catch_up
         || spec.cause == trigger_cause::backfill;
}

/// The index entries of a task that a schedule made.
void encode_made(const task& subject, const std::optional<index_facts>& before,
                 const index_facts& after, change_set& out) {
  const auto& spec = *subject.spec;
  const auto& maker = *spec.schedule;
  if (!before && stands_for_moment(spec))
    out.put(space::index, keys::planned_entry(maker, spec.scheduled_for, subject.id),
            spec.stands_for ? keys::moment_value(spec.stands_for->last) : std::string{});
  if (before && before->status != after.status) {
    out.erase(space::index, keys::made_entry(maker, before->status, subject.id));
    out.count(keys::count_of_made(before->status), -1);
  }
  if (!before || before->status != after.status)
    out.count(keys::count_of_made(after.status), 1);
  if (!before || before->status != after.status || after.status == task_status::scheduled)
    out.put(space::index, keys::made_entry(maker, after.status, subject.id),
            keys::made_value({due_at(subject), spec.scheduled_for, spec.instance}));
  if ((before && before->is_held) != after.is_held) {
    if (after.is_held)
      out.put(space::index, keys::held_entry(maker, subject.id), {});
    else
      out.erase(space::index, keys::held_entry(maker, subject.id));
  }
}

/// Only for queues that outside workers ask.
void count_in_queue(std::string_view queue, task_status status, int delta, change_set& out) {
  const bool is_in_queue = status == task_status::queued || status == task_status::processing;
  if (is_in_queue && names_outside_queue(queue))
    out.count(keys::count_of_queue(queue, status), delta);
}

/// The place of a child in its batch, by status, and the sums of these.
void encode_place(const task& subject, const std::optional<index_facts>& before, task_status after,
                  change_set& out) {
  if (before && before->status == after)
    return;
  const auto& place = *subject.spec->batch;
  if (before) {
    out.erase(space::index, keys::child_entry(place.batch, before->status, place.number));
    out.count(keys::count_of_children(place.batch, before->status), -1);
  }
  out.put(space::index, keys::child_entry(place.batch, after, place.number), id_bytes(subject.id));
  out.count(keys::count_of_children(place.batch, after), 1);
}

/// Moves the index entries of a task from one set of facts to the other.
void encode_facts(const task& subject, const std::optional<index_facts>& before,
                  const index_facts& after, change_set& out) {
  const auto& id = subject.id;
  const auto queue = queue_of(*subject.spec);
  if (!before || before->status != after.status) {
    if (before) {
      out.erase(space::index, keys::status_entry(id, before->status));
      out.count(keys::count_of_status(before->status), -1);
      out.count(keys::count_of_type(subject.spec->task_type, before->status), -1);
      count_in_queue(queue, before->status, -1, out);
      if (is_errand(*subject.spec))
        out.count(keys::count_of_errands(before->status), -1);
    }
    out.count(keys::count_of_status(after.status), 1);
    out.count(keys::count_of_type(subject.spec->task_type, after.status), 1);
    count_in_queue(queue, after.status, 1, out);
    if (is_errand(*subject.spec))
      out.count(keys::count_of_errands(after.status), 1);
  }
  if (!before || before->status != after.status || before->ended_at != after.ended_at)
    out.put(space::index, keys::status_entry(id, after.status), value_of_status(after));
  encode_list_entries(subject, before, after, out);
  if (subject.spec->schedule)
    encode_made(subject, before, after, out);
  if (subject.spec->batch)
    encode_place(subject, before, after.status, out);
  if ((before && before->holds_key) != after.holds_key) {
    if (after.holds_key)
      out.put(space::index, keys::holder_entry(id), subject.spec->limit.key);
    else
      out.erase(space::index, keys::holder_entry(id));
  }
  const auto topic_before = before ? before->topic : std::string{};
  if (topic_before != after.topic) {
    if (!topic_before.empty())
      out.erase(space::index, keys::waiter_entry(id, topic_before));
    if (!after.topic.empty())
      out.put(space::index, keys::waiter_entry(id, after.topic), {});
  }
  const auto moment_before = before ? before->next_moment : std::nullopt;
  if (moment_before != after.next_moment) {
    if (moment_before)
      out.erase(space::index, keys::due_entry(id, *moment_before));
    if (after.next_moment)
      out.put(space::index, keys::due_entry(id, *after.next_moment), {});
  }
  const auto rank_before = before ? before->ready_rank : std::nullopt;
  if (rank_before != after.ready_rank) {
    if (rank_before)
      out.erase(space::index, keys::ready_entry(id, queue, *rank_before));
    if (after.ready_rank)
      out.put(space::index, keys::ready_entry(id, queue, *after.ready_rank),
              encode_limit(subject.spec->limit));
  }
}

/// Erases an ended task: its rows and every entry that leads to it.
void encode_removal(const task& subject, const index_facts& before, change_set& out) {
  const auto& spec = *subject.spec;
  const auto& id = subject.id;
  out.erase(space::rows, keys::task_row(id));
  out.erase(space::rows, keys::state_row(id));
  for (std::uint32_t number = 0; number < subject.news_count; ++number)
    out.erase(space::rows, keys::news_row(id, number));
  if (!spec.unique_id.empty())
    out.erase(space::rows, keys::unique_row(spec.unique_id));
  if (!spec.task_type.empty())
    out.erase(space::index, keys::type_entry(id, spec.task_type));
  if (spec.command)
    out.erase(space::index, keys::command_entry(id));
  out.erase(space::index, keys::status_entry(id, before.status));
  out.count(keys::count_of_status(before.status), -1);
  out.count(keys::count_of_type(spec.task_type, before.status), -1);
  encode_list_removal(subject, before, out);
  if (is_errand(spec))
    out.count(keys::count_of_errands(before.status), -1);
  for (const auto& [part, unused] : subject.parts)
    out.erase(space::rows, keys::part_row(id, part));
  if (spec.batch) {
    out.erase(space::index,
              keys::child_entry(spec.batch->batch, before.status, spec.batch->number));
    out.count(keys::count_of_removed_children(spec.batch->batch, before.status), 1);
  }
  if (spec.parent)
    out.erase(space::index, keys::part_task_entry(spec.parent->task, id));
  if (!spec.schedule)
    return;
  out.erase(space::index, keys::made_entry(*spec.schedule, before.status, id));
  out.count(keys::count_of_made(before.status), -1);
  if (stands_for_moment(spec))
    out.erase(space::index, keys::planned_entry(*spec.schedule, spec.scheduled_for, id));
}

}  // namespace

void encode(const task_change& change, change_set& out) {
  const auto& subject = *change.after;
  if (change.removed)
    return encode_removal(subject, *change.before, out);
  if (!change.before) {
    out.put(space::rows, keys::task_row(subject.id), encode_task(subject));
    if (!subject.spec->unique_id.empty())
      out.put(space::rows, keys::unique_row(subject.spec->unique_id), to_uuid(subject.id));
    if (!subject.spec->task_type.empty())
      out.put(space::index, keys::type_entry(subject.id, subject.spec->task_type), {});
    if (subject.spec->command && !is_errand(*subject.spec))
      out.put(space::index, keys::command_entry(subject.id), {});
    if (subject.spec->parent)
      out.put(space::index, keys::part_task_entry(subject.spec->parent->task, subject.id), {});
  } else {
    out.put(space::rows, keys::state_row(subject.id), encode_state(subject));
  }
  for (const auto& part : change.parts)
    out.put(space::rows, keys::part_row(subject.id, part), encode_part(*subject.parts.at(part)));
  auto number = subject.news_count - static_cast<std::uint32_t>(change.news.size());
  for (const auto& news : change.news)
    out.put(space::rows, keys::news_row(subject.id, number++), encode_news(news));
  encode_facts(subject, change.before, facts_of(subject), out);
}

void encode_born(const std::vector<task_ptr>& born, change_set& out) {
  for (const auto& one : born)
    encode({one, {}, {}}, out);
}

void encode_manual_time(instant now, change_set& out) {
  out.put(space::index, keys::manual_time(), std::to_string(now.time_since_epoch().count()));
}

}  // namespace carillon::storage
