#include <utility>

#include "actors/event_hub.hpp"
#include "actors/marks.hpp"
#include "actors/scheduler_parts.hpp"
#include "storage/event_source_store.hpp"

// The part of the scheduler that is about events and who may publish them.

namespace carillon {
namespace {

const problem no_such_event{problem_kind::not_found,
                            "no such event, or it was published more than a day ago"};
const problem no_such_source{problem_kind::not_found, "no such source of events"};
const problem name_taken{problem_kind::conflict, "there is a source of events with this name"};
const problem disk_full{problem_kind::unavailable, "the disk is full: nothing was saved"};

expected<published_event> find_event_in(const storage::event_store& store,
                                        const std::string& name) {
  const auto named = store.find_name(name);
  const auto id = named ? named->event : parse_task_id(name);
  if (!id)
    return no_such_event;
  auto found = store.load(*id);
  if (!found)
    return found.error();
  if (!*found)
    return no_such_event;
  return **std::move(found);
}

}  // namespace

void scheduler::publish(new_event what, answer<published_event> reply) {
  carillon::publish(parts_->home, std::move(what), counted(std::move(reply)));
}

void scheduler::find_event(std::string name, answer<published_event> reply) const {
  parts_->queries.post(
      [name = std::move(name), reply = std::move(reply)](const storage::task_store& store) {
        reply(find_event_in(storage::event_store{store.disk()}, name));
      });
}

void scheduler::list_events(std::optional<std::string> topic, storage::page_request page,
                            answer<storage::event_page> reply) const {
  parts_->queries.post(
      [topic = std::move(topic), page, reply = std::move(reply)](const storage::task_store& store) {
        reply(storage::event_store{store.disk()}.list(topic, page));
      });
}

void scheduler::list_topics(answer<std::vector<storage::topic_facts>> reply) const {
  parts_->queries.post([reply = std::move(reply)](const storage::task_store& store) {
    reply(storage::event_store{store.disk()}.topics());
  });
}

// -- sources ----------------------------------------------------------------------

/// The name is taken before it is on disk, so that two who ask at once do not both get it.
void scheduler::add_event_source(event_source subject, answer<event_source> reply) {
  if (!parts_->sources.put(subject))
    return reply(name_taken);
  storage::change_set changes;
  storage::encode_event_source(subject, parts_->webhooks.seal_key(), changes);
  leave_mark(reply, {}, changes);
  parts_->writer.submit(std::move(changes),
                        [this, subject = std::move(subject),
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          if (status == storage::commit_status::durable)
                            return reply(subject);
                          parts_->sources.remove(subject.name);
                          reply(disk_full);
                        });
}

void scheduler::remove_event_source(const std::string& name, answer<event_source> reply) {
  const auto known = parts_->sources.find(name);
  if (!known)
    return reply(no_such_source);
  storage::change_set changes;
  storage::encode_event_source_removal(name, changes);
  leave_mark(reply, {}, changes);
  parts_->writer.submit(std::move(changes), [this, known, reply = counted(std::move(reply))](
                                                storage::commit_status status) {
    if (status != storage::commit_status::durable)
      return reply(disk_full);
    parts_->sources.remove(known->name);
    reply(*known);
  });
}

event_sources& scheduler::sources() const {
  return parts_->sources;
}

}  // namespace carillon
