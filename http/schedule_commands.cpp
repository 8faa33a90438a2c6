#include "http/schedule_commands.hpp"

#include <utility>

#include "http/body_reader.hpp"
#include "http/entity_tag.hpp"
#include "http/preference.hpp"
#include "http/schedule_output.hpp"
#include "http/task_commands.hpp"
#include "http/task_output.hpp"
#include "http/trace_input.hpp"

namespace carillon::http {

using std::chrono::seconds;

std::optional<schedule_id> schedule_id_of(const request& asked, const responder& reply) {
  const auto id = parse_task_id(asked.parameters.front());
  if (id && names_schedule(*id))
    return id;
  reply(problem{problem_kind::not_found, "no such schedule"});
  return std::nullopt;
}

void find_schedule(const api& with, const schedule_id& id, const responder& reply,
                   std::function<void(const schedule_ptr&)> then) {
  with.core.find_schedule(id, carillon::answer<schedule_ptr>{
                                  [then = std::move(then), reply](expected<schedule_ptr> found) {
                                    if (!found)
                                      return reply(std::move(found).error());
                                    then(*found);
                                  }});
}

void ask_schedule(const api& with, const request& asked, schedule_request what, show_outcome show,
                  responder reply) {
  const auto id = schedule_id_of(asked, reply);
  if (!id || !admit(with, reply))
    return;
  auto show_or_refuse = [show = std::move(show), path = asked.path,
                         request_id = asked.id](const schedule_outcome& outcome) {
    return outcome.is_stale ? stale_response(path, request_id) : show(outcome);
  };
  with.core.ask_schedule(
      *id, std::move(what),
      carillon::answer<schedule_outcome>{
          [show = std::move(show_or_refuse), reply](expected<schedule_outcome> outcome) {
            if (!outcome)
              return reply(std::move(outcome).error());
            reply([show, outcome = *std::move(outcome)] { return show(outcome); });
          },
          reply.mark()},
      wanted_versions(asked));
}

response show_schedule(const schedule_outcome& outcome) {
  response shown{200, native_schedule(*outcome.subject, outcome.subject->updated_at)};
  add_version(shown, scheduler::version_of(*outcome.subject));
  return shown;
}

void pause_schedule(const api& with, const request& asked, responder reply) {
  ask_schedule(with, asked, schedule_event::pause{}, show_schedule, std::move(reply));
}

void resume_schedule(const api& with, const request& asked, responder reply) {
  ask_schedule(with, asked, schedule_event::resume{}, show_schedule, std::move(reply));
}

void cancel_schedule(const api& with, const request& asked, responder reply) {
  ask_schedule(with, asked, schedule_event::cancel{}, show_schedule, std::move(reply));
}

// -- snooze ---------------------------------------------------------------------

namespace {

expected<schedule_event::snooze> read_delay(std::string_view body) {
  constexpr seconds delay_min{1};
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  auto delay = in.length("delay", delay_min, snooze_max);
  const auto count = in.integer(
      "delay_seconds", {delay_min.count(), std::chrono::floor<seconds>(snooze_max).count()});
  if (count)
    delay = seconds{*count};
  if (in.has("delay") == in.has("delay_seconds"))
    faults.add("body", "must have either delay (a duration) or delay_seconds");
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return schedule_event::snooze{*delay};
}

}  // namespace

void snooze_schedule(const api& with, const request& asked, responder reply) {
  const auto delay = read_delay(asked.body);
  if (!delay)
    return reply(delay.error());
  ask_schedule(with, asked, *delay, show_schedule, std::move(reply));
}

// -- run ------------------------------------------------------------------------

void run_schedule(const api& with, const request& asked, responder reply) {
  const auto id = schedule_id_of(asked, reply);
  if (!id || !admit(with, reply))
    return;
  auto made = [&with, wait = preferred_wait(asked, with.wait_max),
               reply](expected<schedule_outcome> outcome) {
    if (!outcome)
      return reply(std::move(outcome).error());
    const auto describe = [](const task& one, const std::vector<task_news>*) {
      return response{201, native_task(one), {{"Location", "/v1/tasks/" + to_text(one.id)}}};
    };
    // What was due already was made before it.
    answer_at_end(with, wait, outcome->made.back(), describe, reply);
  };
  find_schedule(
      with, *id, reply,
      [&with, made = std::move(made), refused = run_refusal(asked),
       run = schedule_event::run{.trace = trace_of(asked)}, reply](const schedule_ptr& found) {
        if (!may_be_run(*found))
          return reply(refused);
        with.core.ask_schedule(found->id, run,
                               carillon::answer<schedule_outcome>{made, reply.mark()});
      });
}

// -- backfill -------------------------------------------------------------------

namespace {

expected<schedule_event::backfill> read_backfill(std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  schedule_event::backfill wanted;
  in.require("from");
  in.require("to");
  wanted.from = in.moment("from").value_or(instant{});
  wanted.to = in.moment("to").value_or(instant_max);
  if (wanted.to < wanted.from)
    in.refuse("to", "must not lie before from", format_instant(wanted.to));
  wanted.dry_run = in.flag("dry_run").value_or(false);
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return wanted;
}

}  // namespace

void backfill_schedule(const api& with, const request& asked, responder reply) {
  const auto wanted = read_backfill(asked.body);
  if (!wanted)
    return reply(wanted.error());
  const auto show = [dry_run = wanted->dry_run](const schedule_outcome& outcome) {
    json::writer out;
    out.begin_object();
    out.field("count", outcome.count);
    out.field("dry_run", dry_run);
    out.key("tasks").begin_array();
    for (const auto& made : outcome.made)  // beside what was due anyway
      if (made->spec->cause == trigger_cause::backfill)
        out.string(to_text(made->id));
    out.end_array().end_object();
    return response{200, out.take()};
  };
  ask_schedule(with, asked, *wanted, show, std::move(reply));
}

}  // namespace carillon::http
