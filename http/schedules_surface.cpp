#include "http/agent_lookup.hpp"
#include "http/entity_tag.hpp"
#include "http/lists.hpp"
#include "http/schedule_commands.hpp"
#include "http/schedule_input.hpp"
#include "http/schedule_output.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/task_filter_input.hpp"

// The native surface: /v1/schedules.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 100;
constexpr std::int64_t limit_max = 1'000;
constexpr std::int64_t preview_default = 10;
constexpr std::int64_t preview_max = 100;

// -- create ---------------------------------------------------------------------

void create_read(const api& with, expected<new_schedule> read, responder reply) {
  if (!read)
    return reply(std::move(read).error());
  with.core.create_schedule(
      *std::move(read),
      carillon::answer<schedule_ptr>{[reply](expected<schedule_ptr> made) {
                                       if (!made)
                                         return reply(std::move(made).error());
                                       reply([made = *std::move(made)] {
                                         return response{
                                             201,
                                             native_schedule(*made, made->created_at),
                                             {{"Location", "/v1/schedules/" + to_text(made->id)}}};
                                       });
                                     },
                                     reply.mark()});
}

void post_schedule(const api& with, const request& asked, responder reply) {
  if (!admit(with, reply))
    return;
  ask_for_agent(with.core, asked.asker.get(), agent_named_in(asked.body, "created_by"),
                [&with, body = asked.body, reply](expected<bool> knows_creator) {
                  if (!knows_creator)
                    return reply(std::move(knows_creator).error());
                  create_read(with, read_new_schedule(with, body, *knows_creator), reply);
                });
}

// -- lists ----------------------------------------------------------------------

/// `status` and `enabled`; nothing when they exclude each other.
std::optional<storage::schedule_filter> read_filter(query_reader& query) {
  auto filter = read_schedule_filter(query);
  filter.statuses = read_words(query, "status", native_statuses,
                               "must be active, disabled, ended, canceled or deleted, or several "
                               "of them with commas");
  constexpr std::string_view words[] = {"false", "true"};
  const auto enabled = query.one_of("enabled", words);
  if (!enabled)
    return filter;
  const auto wanted = *enabled == 1 ? schedule_status::active : schedule_status::paused;
  const bool possible = filter.statuses.empty()
                        || std::ranges::find(filter.statuses, wanted) != filter.statuses.end();
  filter.statuses = {wanted};
  return possible ? std::optional{std::move(filter)} : std::nullopt;
}

response show_page(const request& asked, const list_page& page, const storage::schedule_page& found,
                   instant now) {
  json::writer out;
  out.begin_object();
  write_page_facts(out, found, page);
  out.key("schedules").begin_array();
  for (const auto& one : found.items)
    write_schedule(out, one, now);
  out.end_array().end_object();
  return {200, out.take(), page_headers(asked, page, found)};
}

void list_schedules(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  auto filter = read_filter(query);
  const auto page = read_page(with, asked, query, limit_default, limit_max);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  if (!filter)
    return reply(show_page(asked, page, {}, with.core.now()));
  with.core.list_schedules(*std::move(filter), page,
                           carillon::answer<storage::schedule_page>{
                               [&with, page, asked, reply](expected<storage::schedule_page> found) {
                                 if (!found)
                                   return reply(std::move(found).error());
                                 reply(show_page(asked, page, *found, with.core.now()));
                               }},
                           [reply] { return reply.wanted(); });
}

/// What has failed and is tried again is failed, too: 003 knows no other word.
std::vector<task_status> statuses_of(std::string_view word) {
  const auto status = parse_task_status(word);
  if (!status)
    return {};
  if (*status == task_status::failed)
    return {task_status::failed, task_status::retrying};
  return {*status};
}

void list_tasks(const api& with, const request& asked, responder reply) {
  const auto id = schedule_id_of(asked, reply);
  if (!id)
    return;
  query_reader query{asked};
  auto filter = read_filter_beside_status(query);
  filter.schedules = {*id};
  filter.statuses = read_words(query, "status", statuses_of, task_status_wanted);
  const auto page = read_page(with, asked, query, limit_default, limit_max);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  const carillon::answer<storage::task_page> show{
      [page, asked, reply](expected<storage::task_page> found) {
        if (!found)
          return reply(std::move(found).error());
        reply(show_task_page(asked, page, *found));
      }};
  find_schedule(with, *id, reply, [&with, filter, page, show, reply](const schedule_ptr&) {
    with.core.list(filter, page, show, [reply] { return reply.wanted(); });
  });
}

// -- one ------------------------------------------------------------------------

void get_schedule(const api& with, const request& asked, responder reply) {
  if (const auto id = schedule_id_of(asked, reply))
    find_schedule(with, *id, reply, [&with, reply](const schedule_ptr& found) {
      response shown{200, native_schedule(*found, with.core.now())};
      add_version(shown, scheduler::version_of(*found));
      reply(std::move(shown));
    });
}

void patch_schedule(const api& with, const request& asked, responder reply) {
  auto patch = read_schedule_patch(with, asked.body);
  if (!patch)
    return reply(std::move(patch).error());
  if (!*patch)
    return get_schedule(with, asked, std::move(reply));
  ask_schedule(with, asked, *std::move(*patch), show_schedule, std::move(reply));
}

void delete_schedule(const api& with, const request& asked, responder reply) {
  const auto show = [](const schedule_outcome& outcome) {
    json::writer out;
    out.begin_object();
    out.field("id", to_text(outcome.subject->id));
    out.field("status", native_word(outcome.subject->status));
    out.end_object();
    return response{200, out.take()};
  };
  ask_schedule(with, asked, schedule_event::remove{}, show, std::move(reply));
}

// -- what fires -----------------------------------------------------------------

/// What fires after `from`; nothing any more when it was canceled or deleted.
void show_preview(const api& with, const schedule& subject, instant from, std::size_t limit,
                  const responder& reply) {
  const auto rule = with.core.compile(recurrence_spec_of(subject), {"schedule_expr", "timezone"});
  if (!rule)  // the zone has gone from the system
    return reply(problem{problem_kind::conflict, rule.error().detail});
  const bool is_over =
      subject.status == schedule_status::canceled || subject.status == schedule_status::deleted;
  const auto shown = is_over ? std::vector<instant>{} : upcoming({subject, *rule}, from, limit);
  json::writer out;
  out.begin_object();
  out.field("schedule_id", to_text(subject.id));
  out.field("timezone", subject.spec->timezone);
  write_moments(out, rule->where(), shown);
  out.end_object();
  reply(response{200, out.take()});
}

void preview_schedule(const api& with, const request& asked, responder reply) {
  const auto id = schedule_id_of(asked, reply);
  if (!id)
    return;
  query_reader query{asked};
  const auto limit = static_cast<std::size_t>(query.limit(preview_default, preview_max));
  const auto from = query.moment("start_from").value_or(with.core.now());
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  find_schedule(with, *id, reply, [&with, from, limit, reply](const schedule_ptr& found) {
    with.core.run_aside(
        [&with, found, from, limit, reply] { show_preview(with, *found, from, limit, reply); });
  });
}

void explain_moment(const api& with, const request& asked, responder reply) {
  const auto id = schedule_id_of(asked, reply);
  if (!id)
    return;
  query_reader query{asked};
  const auto at = query.moment("at");
  if (!at && !query.text("at"))
    query.refuse("at", "is required");
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.explain(*id, *at,
                    carillon::answer<explanation>{[id, reply](expected<explanation> told) {
                      if (!told)
                        return reply(std::move(told).error());
                      reply(response{200, native_explanation(*id, *told)});
                    }});
}

// clang-format off
constexpr route routes[] = {
  {"POST",   "/v1/schedules",               post_schedule,     access::tasks_create},
  {"GET",    "/v1/schedules",               list_schedules,    access::tasks_read},
  {"GET",    "/v1/schedules/{id}",          get_schedule,      access::tasks_read},
  {"PATCH",  "/v1/schedules/{id}",          patch_schedule,    access::tasks_update},
  {"DELETE", "/v1/schedules/{id}",          delete_schedule,   access::tasks_delete},
  {"GET",    "/v1/schedules/{id}/tasks",    list_tasks,        access::tasks_read},
  {"GET",    "/v1/schedules/{id}/preview",  preview_schedule,  access::tasks_read},
  {"GET",    "/v1/schedules/{id}/explain",  explain_moment,    access::tasks_read},
  {"POST",   "/v1/schedules/{id}/pause",    pause_schedule,    access::tasks_update},
  {"POST",   "/v1/schedules/{id}/resume",   resume_schedule,   access::tasks_update},
  {"POST",   "/v1/schedules/{id}/cancel",   cancel_schedule,   access::tasks_run},
  {"POST",   "/v1/schedules/{id}/snooze",   snooze_schedule,   access::tasks_update},
  {"POST",   "/v1/schedules/{id}/run",      run_schedule,      access::tasks_run},
  {"POST",   "/v1/schedules/{id}/backfill", backfill_schedule, access::tasks_run},
};
// clang-format on

}  // namespace

std::span<const route> schedules_surface() {
  return routes;
}

}  // namespace carillon::http
