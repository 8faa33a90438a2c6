#include "actors/pipelines.hpp"

namespace carillon {
namespace {

constexpr duration timeout_without_one = std::chrono::hours{24};

std::string message_of(const std::string& arguments) {
  const auto root = json::read(arguments);
  if (root)
    for (const auto& [key, value] : json::members(*root))
      if (key == "message")
        return json::as_string(value).value_or("test.fail");
  return "test.fail";
}

}  // namespace

event::report pipelines::report(const run& of, std::string type, std::string message) const {
  return {{home_.time->now(), std::move(type), of.steps.steps[of.steps.at].id, std::move(message)}};
}

std::vector<task_event> pipelines::start(const task_ptr& subject, std::uint64_t token) {
  auto steps = read_pipeline(*subject->spec);
  if (!steps)
    return {event::failed{token, attempt_outcome::error, steps.error().detail, false}};
  const key which{subject->id, token};
  const auto [known, is_new] = runs_.emplace(which, run{subject, *std::move(steps)});
  return go_on(which, known->second);
}

/// Runs steps until one has to wait for something, or the end.
std::vector<task_event> pipelines::go_on(const key& which, run& of) {
  std::vector<task_event> told;
  const auto add = [&told](std::vector<task_event> more) {
    told.insert(told.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  };
  while (of.steps.at < of.steps.steps.size()) {
    const auto& step = of.steps.steps[of.steps.at];
    told.emplace_back(report(of, "started", step.uses));
    // Not passed over: without its condition the step would run when it must not.
    if (!step.condition.empty()) {
      add(fail(which, of, "this server cannot judge conditions (if) yet", false));
      return told;
    }
    auto arguments = arguments_of(of.steps, *of.subject->spec, home_.time->now());
    if (!arguments) {
      add(fail(which, of, arguments.error().detail, false));
      return told;
    }
    if (step.uses == "http.request") {
      auto call = read_call(*arguments);
      if (call)
        begin_call(which, of, *std::move(call));
      else
        add(fail(which, of, call.error().detail, false));
      return told;
    }
    if (step.uses == "test.fail") {
      add(fail(which, of, message_of(*arguments), true));
      return told;
    }
    if (step.uses != "test.echo") {
      add(fail(which, of, "this server cannot run " + step.uses, false));
      return told;
    }
    told.emplace_back(report(of, "completed", ""));
    step_done(of.steps, *std::move(arguments));
  }
  told.emplace_back(event::succeeded{which.second, result_of(of.steps)});
  runs_.erase(which);
  return told;
}

void pipelines::begin_call(const key& which, run& of, step_call call) {
  http_call made{std::move(call.url), std::move(call.method), std::move(call.headers),
                 std::make_shared<const std::string>(std::move(call.body)), call.timeout};
  const auto& step = of.steps.steps[of.steps.at];
  made.headers.emplace_back("Idempotency-Key", to_text(of.subject->id) + "/" + step.id);
  if (made.timeout == duration{0})
    made.timeout = step.timeout;
  if (made.timeout == duration{0})
    made.timeout =
        of.subject->spec->timeout == duration{0} ? timeout_without_one : of.subject->spec->timeout;
  of.ticket = home_.calls->start(std::move(made), [to = runner_, which](http_outcome outcome) {
    caf::anon_send(to, delivery_ended{which.first, which.second, std::move(outcome)});
  });
}

std::vector<task_event> pipelines::on_call_ended(const key& which, const http_outcome& outcome) {
  auto& of = runs_.at(which);
  of.ticket.reset();
  if (outcome.status < 200 || outcome.status >= 300)
    return fail(which, of,
                outcome.status == 0 ? outcome.error
                                    : "the server answered " + std::to_string(outcome.status),
                true, outcome.timed_out);
  std::vector<task_event> told{report(of, "completed", "")};
  step_done(of.steps, call_output(outcome.status, outcome.body));
  for (auto& more : go_on(which, of))
    told.push_back(std::move(more));
  return told;
}

std::vector<task_event> pipelines::fail(const key& which, run& of, std::string error,
                                        bool retryable, bool timed_out) {
  const auto& step = of.steps.steps[of.steps.at].id;
  std::vector<task_event> told{report(of, "failed", error)};
  told.emplace_back(event::failed{which.second,
                                  timed_out ? attempt_outcome::timeout : attempt_outcome::error,
                                  "step " + step + ": " + error, retryable});
  runs_.erase(which);
  return told;
}

void pipelines::stop(const key& which) {
  const auto found = runs_.find(which);
  if (found == runs_.end())
    return;
  if (found->second.ticket)
    home_.calls->cancel(*found->second.ticket);
  runs_.erase(found);
}

}  // namespace carillon
