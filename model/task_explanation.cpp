#include "model/task_explanation.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/overloaded.hpp"

namespace carillon {
namespace {

/// Named in a sentence; all of them are in the list.
constexpr std::size_t tasks_named_max = 3;

constexpr std::array<std::string_view, static_cast<std::size_t>(standing::ended) + 1> words{
    "not_due",  "schedule",  "queue_paused", "queue_limit", "queue_rate", "key_limit",
    "key_rate", "no_worker", "host_rests",   "host_busy",   "in_line",    "running",
    "children", "event",     "pause",        "callback",    "retry",      "ended"};

std::string names_of(const std::vector<task_id>& tasks) {
  std::string text;
  for (std::size_t at = 0; at < std::min(tasks.size(), tasks_named_max); ++at)
    text.append(at == 0 ? "" : ", ").append(to_text(tasks[at]));
  if (tasks.size() > tasks_named_max)
    text += " and " + std::to_string(tasks.size() - tasks_named_max) + " more";
  return text;
}

std::string count_of(std::int64_t count, std::string_view thing) {
  return std::to_string(count).append(" ").append(thing).append(count == 1 ? "" : "s");
}

std::string quoted(std::string_view name) {
  return "\"" + std::string{name} + "\"";
}

/// Fills in the answer for one state after the other.
class explainer {
public:
  explainer(const task& subject, const task_surroundings& around)
      : subject_{subject}, around_{around} {
    out_.id = subject.id;
    out_.status = status_of(subject);
  }

  task_explanation take() && {
    std::visit([this](const auto& state) { on(state); }, subject_.state);
    return std::move(out_);
  }

private:
  void say(standing why, std::string text) {
    out_.why = why;
    out_.text = std::move(text);
  }

  void on(const scheduled& state) {
    out_.until = due_at(subject_);
    say(standing::not_due, "it is due at " + format_instant(*out_.until)
                               + (state.moved_to ? ", to which it was snoozed" : ""));
  }

  void on(const retrying& state) {
    out_.until = state.due_at;
    const auto& last = subject_.attempts.back();
    say(standing::retry,
        "attempt " + std::to_string(last.number) + " failed ("
            + (last.error.empty() ? std::string{to_string(last.outcome)} : last.error)
            + "), the next one is at " + format_instant(state.due_at));
  }

  void on(const ended& state) {
    auto text =
        "it ended at " + format_instant(state.at) + ": " + std::string{to_string(state.status)};
    if (state.reason != end_reason::success)
      text += " (" + std::string{to_string(state.reason)} + ")";
    if (state.because_of) {
      out_.tasks = {*state.because_of};
      text += ", since " + to_text(*state.because_of) + " runs instead";
    } else if (!subject_.attempts.empty() && !subject_.attempts.back().error.empty()) {
      text += ": " + subject_.attempts.back().error;
    }
    say(standing::ended, std::move(text));
  }

  // -- an attempt is under way ------------------------------------------------------

  void on(const processing& state) {
    if (state.runner == runner_kind::callback) {
      out_.until = attempt_deadline(subject_, state);
      return say(standing::callback,
                 "its target has taken it over and has not called back yet"
                     + (out_.until ? "; it may until " + format_instant(*out_.until) : ""));
    }
    if (state.runner == runner_kind::steps)
      return on(state.waits);
    const auto& last = subject_.attempts.back();
    out_.until = state.lease_until;
    say(standing::running,
        "attempt " + std::to_string(last.number) + " is under way since "
            + format_instant(last.started_at)
            + (last.worker.empty() ? "" : " at the worker " + quoted(last.worker))
            + (state.lease_until ? "; its lease lasts until " + format_instant(*state.lease_until)
                                 : ""));
  }

  void on(const step_wait& waits) {
    if (!waits.topic.empty()) {
      out_.name = waits.topic;
      out_.until = waits.until;
      return say(standing::event,
                 "a step waits for an event with the topic " + quoted(waits.topic)
                     + (waits.until ? " until " + format_instant(*waits.until) : ""));
    }
    if (!waits.children.empty()) {
      for (const auto& child : waits.children)
        out_.tasks.push_back(child.id);
      return say(standing::children,
                 "it waits for the tasks that do its parts: " + names_of(out_.tasks));
    }
    if (waits.until) {
      out_.until = waits.until;
      return say(standing::pause, "a step pauses until " + format_instant(*waits.until));
    }
    say(standing::running, "its steps are being done");
  }

  // -- it is due and waits ----------------------------------------------------------

  void on(const queued& state) {
    const auto queue = queue_of(*subject_.spec);
    if (state.held)
      return held();
    if (is_host_queue(queue) ? host_stops(host_of_queue(queue)) : queue_stops(queue))
      return;
    if (key_stops())
      return;
    if (names_outside_queue(queue) && no_worker_asks(queue))
      return;
    if (names_outside_queue(queue) && around_.queue.rate > 0 && around_.askers > 0) {
      out_.name = queue;
      return say(standing::queue_rate, "the rate of the queue " + quoted(queue)
                                           + " lets the next one start a little later");
    }
    if (const auto& limit = subject_.spec->limit; limit.rate > 0 && !limit.key.empty()) {
      out_.name = limit.key;
      return say(standing::key_rate, "the rate of the concurrency_key " + quoted(limit.key)
                                         + " lets the next one start a little later");
    }
    say(standing::in_line, "it waits in line since " + format_instant(state.since));
  }

  void held() {
    out_.tasks = around_.siblings;
    say(standing::schedule, out_.tasks.empty()
                                ? "its schedule will let it begin"
                                : "its schedule lets others end first: " + names_of(out_.tasks));
  }

  bool queue_stops(const std::string& queue) {
    const auto& set = around_.queue;
    if (!set.is_paused
        && (set.concurrency == 0 || std::ssize(around_.queue_holders) < set.concurrency))
      return false;
    out_.name = queue;
    if (set.is_paused) {
      say(standing::queue_paused, "the queue " + quoted(queue) + " is paused");
      return true;
    }
    out_.tasks = around_.queue_holders;
    say(standing::queue_limit, "the queue " + quoted(queue) + " runs at most "
                                   + count_of(set.concurrency, "task") + " at once, now "
                                   + names_of(out_.tasks));
    return true;
  }

  bool host_stops(std::string_view host) {
    if (!around_.host)
      return false;
    const auto& known = *around_.host;
    out_.name = host;
    if (known.breaker == host_breaker::state::open) {
      out_.until = known.rests_until;
      say(standing::host_rests,
          "the breaker of " + std::string{host} + " is open"
              + (known.rests_until ? " until " + format_instant(*known.rests_until) : "")
              + (known.last_failure.empty() ? "" : "; last it failed with: " + known.last_failure));
      return true;
    }
    if (known.breaker == host_breaker::state::half_open || known.calls >= around_.calls_per_host) {
      say(standing::host_busy,
          std::string{host}
              + (known.breaker == host_breaker::state::half_open
                     ? " has failed and is being tried with single calls"
                     : " has as many calls under way as it may: " + std::to_string(known.calls)));
      return true;
    }
    out_.name.clear();
    return false;
  }

  bool key_stops() {
    const auto& limit = subject_.spec->limit;
    if (limit.key.empty() || limit.concurrency == 0
        || std::ssize(around_.key_holders) < limit.concurrency)
      return false;
    out_.name = limit.key;
    out_.tasks = around_.key_holders;
    say(standing::key_limit, "of the concurrency_key " + quoted(limit.key) + " at most "
                                 + count_of(limit.concurrency, "task") + " may run at once, now "
                                 + names_of(out_.tasks));
    return true;
  }

  bool no_worker_asks(const std::string& queue) {
    const auto& since = std::get<queued>(subject_.state).since;
    if (around_.askers > 0 || (around_.last_asked && *around_.last_asked > since))
      return false;
    out_.name = queue;
    say(standing::no_worker, "no worker has asked for tasks of the queue " + quoted(queue)
                                 + " since it waits, from " + format_instant(since) + " on");
    return true;
  }

  const task& subject_;
  const task_surroundings& around_;
  task_explanation out_;
};

}  // namespace

std::string_view to_string(standing what) {
  return words.at(static_cast<std::size_t>(what));
}

task_explanation explain(const task& subject, const task_surroundings& around) {
  return explainer{subject, around}.take();
}

}  // namespace carillon
