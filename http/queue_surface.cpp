#include <charconv>

#include "actors/gather.hpp"
#include "http/outcome_input.hpp"
#include "http/problem_response.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/text.hpp"

// The native surface for outside workers: /v1/queues/{queue}/lease and /v1/leases.

namespace carillon::http {
namespace {

constexpr std::size_t worker_bytes_max = 255;

// -- lease ---------------------------------------------------------------------

expected<task_request> read_lease(const api& with, const request& asked) {
  if (has_control(asked.parameters.front()))  // the server's own
    return problem{problem_kind::not_found, "no such queue"};
  const auto root = read_object(asked.body, true);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  task_request wanted;
  wanted.queue = asked.parameters.front();
  wanted.max = static_cast<std::size_t>(in.integer("max", {1, with.leases_max}).value_or(1));
  wanted.wait = in.length("wait", duration{0}, with.lease_wait_max).value_or(duration{0});
  wanted.grant.runner = runner_kind::lease;
  wanted.grant.lease =
      in.length("lease", std::chrono::seconds{1}, with.lease_max).value_or(with.lease_default);
  wanted.grant.worker = in.text("worker", {1, worker_bytes_max}).value_or("");
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return wanted;
}

void write_leased(json::writer& out, const task& leased) {
  const auto& spec = *leased.spec;
  const auto& state = std::get<processing>(leased.state);
  out.begin_object();
  out.field("task_id", to_text(leased.id));
  out.field("token", std::to_string(state.token));
  out.field("attempt", std::int64_t{leased.attempts.back().number});
  out.field("task_type", spec.task_type);
  out.key("payload").raw(spec.payload);
  if (const auto event = event_of(spec); !event.empty())
    out.key("event").raw(event);
  out.field("priority", std::int64_t{spec.priority});
  out.field("scheduled_for", format_instant(spec.scheduled_for));
  out.field("lease_expires_at", format_instant(*state.lease_until));
  const auto trace = trace_of_attempt(leased);
  out.field("traceparent", trace.parent);
  if (!trace.state.empty())
    out.field("tracestate", trace.state);
  out.end_object();
}

void lease(const api& with, const request& asked, responder reply) {
  auto wanted = read_lease(with, asked);
  if (!wanted)
    return reply(std::move(wanted).error());
  if (!admit(with, reply))
    return;
  wanted->is_wanted = [reply] { return reply.wanted(); };
  wanted->reply =
      carillon::answer<std::vector<task_ptr>>{[reply](expected<std::vector<task_ptr>> granted) {
        if (!granted)
          return reply(std::move(granted).error());
        reply([granted = *std::move(granted)] {
          json::writer out;
          out.begin_object().key("tasks").begin_array();
          for (const auto& one : granted)
            write_leased(out, *one);
          out.end_array().end_object();
          return response{200, out.take()};
        });
      }};
  with.core.request(*std::move(wanted));
}

// -- what leaseholders report ----------------------------------------------------

/// One entry of `leases`: whose attempt it is, and what is said of it.
struct lease_news {
  task_id id;
  task_event event;
};

std::uint64_t read_token(body_reader& in) {
  in.require("token");
  const auto text = in.text("token", {1, 20});
  std::uint64_t token = 0;
  // A token that is no number is nobody's: it is refused as stale, like any other wrong one.
  if (text)
    std::from_chars(text->data(), text->data() + text->size(), token);
  return token;
}

using read_event = task_event (*)(const api&, body_reader&, std::uint64_t token);

task_event read_heartbeat(const api& with, body_reader& in, std::uint64_t token) {
  event::heartbeat news{token, with.lease_default};
  news.lease =
      in.length("lease", std::chrono::seconds{1}, with.lease_max).value_or(with.lease_default);
  news.progress = in.number("progress", 0, 100);
  news.message = in.text("message", {0, message_bytes_max}).value_or("");
  return news;
}

task_event read_release(const api&, body_reader&, std::uint64_t token) {
  return event::release{token};
}

expected<std::vector<lease_news>> read_all(const api& with, const request& asked, read_event read) {
  const auto root = read_object(asked.body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  in.require("leases");
  const auto entries = in.array("leases").value_or(std::vector<json::value>{});
  if (entries.size() > static_cast<std::size_t>(with.leases_max))
    in.refuse("leases", "must have at most " + std::to_string(with.leases_max) + " entries");
  in.finish();
  std::vector<lease_news> all;
  all.reserve(entries.size());
  for (std::size_t at = 0; at < entries.size() && faults.empty(); ++at) {
    const auto location = "body.leases[" + std::to_string(at) + "]";
    if (entries[at].kind != json::kind::object) {
      faults.add(location, "must be an object", entries[at].raw);
      continue;
    }
    body_reader entry{entries[at], location, faults};
    entry.require("task_id");
    const auto id = entry.text("task_id", {1, 64});
    const auto token = read_token(entry);
    auto event = read(with, entry, token);
    entry.finish();
    // An id that is none is an unknown one: it is answered in its place.
    all.push_back({parse_task_id(id.value_or("")).value_or(task_id{}), std::move(event)});
  }
  if (!faults.empty())
    return std::move(faults).to_problem();
  return all;
}

/// For each entry, the queue that the token is not for; "" when it is. Empty: it is for all.
using barred_queues = std::vector<std::string>;

void write_outcome(json::writer& out, const task_id& id, const expected<task_ptr>& outcome,
                   std::string_view barred) {
  int status = 200;
  if (!outcome)
    status = barred.empty() ? status_of(outcome.error().kind) : 403;
  out.begin_object();
  out.field("task_id", to_text(id));
  out.field("status", std::int64_t{status});
  if (outcome) {
    out.field("task_status", to_string(status_of(**outcome)));
    const auto* state = std::get_if<processing>(&(*outcome)->state);
    if (state != nullptr && state->lease_until)
      out.field("lease_expires_at", format_instant(*state->lease_until));
  } else {
    out.field("detail", outcome.error().detail);
  }
  out.end_object();
}

std::vector<task_id> ids_of(const std::vector<lease_news>& entries) {
  std::vector<task_id> ids;
  ids.reserve(entries.size());
  for (const auto& entry : entries)
    ids.push_back(entry.id);
  return ids;
}

/// Applies each entry that is not barred to its task and answers all of them in their order.
void apply_all(scheduler& core, std::vector<lease_news> entries, const barred_queues& barred,
               const responder& reply) {
  const auto ids = ids_of(entries);
  const auto outcomes = std::make_shared<gather<task_ptr>>(
      ids.size(), [ids, barred, reply](const std::vector<expected<task_ptr>>& all) {
        reply([ids, barred, all] {
          json::writer out;
          out.begin_object().key("results").begin_array();
          for (std::size_t at = 0; at < ids.size(); ++at)
            write_outcome(out, ids[at], all[at], barred.empty() ? std::string_view{} : barred[at]);
          out.end_array().end_object();
          return response{200, out.take()};
        });
      });
  std::vector<task_ask> asks;
  asks.reserve(ids.size());
  for (std::size_t at = 0; at < ids.size(); ++at) {
    auto slot = slot_of(outcomes, at);
    if (barred.empty() || barred[at].empty())
      asks.push_back({ids[at], std::move(entries[at].event), std::move(slot)});
    else
      slot(problem{problem_kind::conflict,
                   "the task is of a queue that the token is not for: it "
                   "needs the scope worker:"
                       + barred[at]});
  }
  core.ask(std::move(asks));
}

void report_all(const api& with, const request& asked, const responder& reply, read_event read) {
  auto entries = read_all(with, asked, read);
  if (!entries)
    return reply(std::move(entries).error());
  if (entries->empty())
    return reply(response{200, R"({"results":[]})"});
  if (!admit(with, reply))
    return;
  const auto& may_do = asked.asker->may_do;
  if (may_do.every_queue || may_do.has(right::admin))
    return apply_all(with.core, *std::move(entries), {}, reply);
  auto ids = ids_of(*entries);
  auto look = [&core = with.core, entries = *std::move(entries), asker = asked.asker,
               reply](expected<std::vector<std::optional<std::string>>> queues) {
    if (!queues)
      return reply(std::move(queues).error());
    barred_queues barred;
    for (const auto& queue : *queues)  // one that is not there is told so
      barred.push_back(queue && !asker->may_do.has_queue(*queue) ? *queue : "");
    apply_all(core, entries, barred, reply);
  };
  with.core.find_queues(std::move(ids),
                        carillon::answer<std::vector<std::optional<std::string>>>{std::move(look)});
}

void complete(const api& with, const request& asked, responder reply) {
  report_all(with, asked, reply, read_completion);
}

void fail(const api& with, const request& asked, responder reply) {
  report_all(with, asked, reply, read_failure);
}

void heartbeat(const api& with, const request& asked, responder reply) {
  report_all(with, asked, reply, read_heartbeat);
}

void release(const api& with, const request& asked, responder reply) {
  report_all(with, asked, reply, read_release);
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/v1/queues/{queue}/lease", lease,     access::queue_of_path},
  {"POST", "/v1/leases/heartbeat",     heartbeat, access::queue_of_task},
  {"POST", "/v1/leases/complete",      complete,  access::queue_of_task},
  {"POST", "/v1/leases/fail",          fail,      access::queue_of_task},
  {"POST", "/v1/leases/release",       release,   access::queue_of_task},
};
// clang-format on

}  // namespace

std::span<const route> queue_surface() {
  return routes;
}

}  // namespace carillon::http
