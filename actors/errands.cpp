#include "actors/errands.hpp"

#include <utility>

#include "actors/event_hub.hpp"
#include "model/step_work.hpp"
#include "storage/group_store.hpp"
#include "storage/step_record.hpp"

namespace carillon {
namespace {

/// How long a publication waits that could not be saved.
constexpr duration again_delay = std::chrono::seconds{1};

bool has_printed(const task& child) {
  return child.spec->command && status_of(child) == task_status::completed;
}

/// May block on the disk when has_printed().
event::child_ended news_for_parent(const house& home, const task& child) {
  const auto status = status_of(child);
  event::child_ended news{child.id, status, {}, error_of_child(child)};
  if (has_printed(child))
    news.output = output_of_child(
        child, home.printed(run_id(child.id, child.attempts.back().number), printed_bytes_max));
  else if (status == task_status::completed)
    news.output = output_of_child(child);
  return news;
}

task_event outcome_of(const expected<published_event>& published, std::uint64_t token) {
  if (!published)
    return event::failed{token, attempt_outcome::error, published.error().detail};
  json::writer out;
  out.begin_object().field("event_id", name_of(*published->subject));
  out.key("triggered").begin_array();
  for (const auto& one : *published->told)
    if (one.is_triggered())
      out.string(to_text(*one.task));
  out.end_array().end_object();
  return event::succeeded{token, out.take()};
}

}  // namespace

void tell_surely(const house& home, task_ask news) {
  caf::anon_send(home.inner_runner, report_again{std::move(news)});
}

void tell_parent(const house& home, const task_ptr& child, const hold& until_decided) {
  const auto tell = [&home, child, until_decided] {
    tell_surely(home,
                {child->spec->parent->task, news_for_parent(home, *child), {}, until_decided});
  };
  if (has_printed(*child))
    home.queries->post([tell](const storage::task_store&) { tell(); });
  else
    tell();
}

void ask_children(const house& home, const task_id& parent, std::vector<task_id> children) {
  home.queries->post([&home, parent,
                      children = std::move(children)](const storage::task_store& store) {
    for (const auto& id : children) {
      const auto found = store.load(id);
      if (!found)
        continue;  // unreadable: an operator must look
      if (*found && has_ended(**found))
        tell_surely(home, {parent, news_for_parent(home, **found)});
      else if (!*found)
        tell_surely(
            home,
            {parent, event::child_ended{
                         id, task_status::canceled, {}, "its task " + to_text(id) + " is gone"}});
    }
  });
}

void forget_children(const house& home, const task_id& parent) {
  home.queries->post([&home, parent](const storage::task_store& store) {
    for (const auto& child : storage::children_of(store.disk(), parent))
      tell_surely(home, {child, event::forget{}});
  });
}

void run_errand(const house& home, const task_ptr& subject, std::uint64_t token) {
  const auto id = subject->id;
  if (const auto topic = topic_of(*subject->spec); !topic.empty()) {
    // An attempt that is made again says the same under the same id: it is told once.
    publish(
        home, {std::string{topic}, subject->spec->payload, to_uuid(id), to_text(id)},
        answer<published_event>{[&home, subject, token](const expected<published_event>& done) {
          // The disk is full, or the server ends: it is neither the event's fault nor the end.
          if (!done && done.error().kind == problem_kind::unavailable)
            caf::delayed_anon_send(home.inner_runner, again_delay, start_delivery{subject, token});
          else
            tell_surely(home, {subject->id, outcome_of(done, token)});
        }});
    return;
  }
  home.lookups->post([&home, id, token, name = std::string{group_of(*subject->spec)}](
                         const storage::task_store& store) {
    const auto group = storage::find_group(store.disk(), name);
    if (group && *group)
      tell_surely(home, {id, event::fan_out{token, (*group)->urls}});
    else
      tell_surely(
          home,
          {id, event::failed{token, attempt_outcome::error,
                             group ? "there is no group " + name : group.error().detail, false}});
  });
}

}  // namespace carillon
