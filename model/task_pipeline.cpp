#include "model/task_pipeline.hpp"

#include <algorithm>
#include <utility>

#include "model/jmespath.hpp"
#include "model/step_runner.hpp"
#include "model/task_group.hpp"
#include "model/task_steps.hpp"

namespace carillon::lifecycle {
namespace {

processing& running(decision& made) {
  return std::get<processing>(made.next.state);
}

/// What was under way has failed. "step NAME: " when it is a pipeline's.
std::string end_parts(decision& made, const std::string& why, instant now) {
  std::string place;
  for (auto& part : made.next.components) {
    if (part.status != component_status::started)
      continue;
    part.status = component_status::failed;
    part.finished_at = now;
    part.error = why;
    made.news.push_back({now, "failed", part.name, why, {}});
    ++made.next.news_count;
    if (made.next.spec->runs_pipeline)
      place = "step " + part.name + ": ";
  }
  return place;
}

void finish_stopped(decision& made, end_reason why, instant now) {
  if (why == end_reason::timeout) {
    const std::string error = "the attempt lasted longer than its timeout";
    finish_attempt(made, attempt_outcome::timeout, end_parts(made, error, now) + error, now);
    retry_or_fail(made, true, {}, now);
    return;
  }
  end_parts(made, "the task was canceled", now);
  finish_attempt(made, attempt_outcome::canceled, "", now);
  end(made, task_status::canceled, why, now);
}

/// Whether the event is the one that the step under way waits for. An expression that cannot be
/// judged for this event does not match it.
bool matches(const task& subject, const std::string& match, const event::published& news,
             instant now) {
  if (match.empty())
    return true;
  auto known = subject;
  const auto plan = plan_of(known);
  const auto payload = jmespath_value::read(news.payload);
  const auto expression = jmespath::compile(match);
  if (!plan || !payload || !expression)
    return false;
  const auto names = pipeline_names(known, *plan, now);
  if (!names)
    return false;
  auto members = names->members();
  std::erase_if(members, [](const auto& member) { return member.key == "event"; });
  members.push_back({"event", *payload});
  const auto verdict = expression->search(jmespath_value::object(std::move(members)));
  return verdict && is_true(*verdict);
}

}  // namespace

std::vector<component> declared_steps(const task_spec& spec) {
  std::vector<component> declared;
  if (const auto plan = spec.runs_pipeline ? read_pipeline(spec) : pipeline_plan{})
    for (const auto& step : plan->steps)
      declared.push_back({step.id});
  return declared;
}

void begin_steps(decision& made, instant now) {
  for (auto& part : made.next.components)
    if (part.status != component_status::completed && part.status != component_status::skipped)
      part = {part.name};
  if (!made.next.spec->runs_pipeline) {
    made.effects.emplace_back(effect::start_call{running(made).token});
    return;
  }
  const auto plan = plan_of(made.next);
  if (!plan) {
    finish_attempt(made, attempt_outcome::error, "its pipeline cannot be read", now);
    retry_or_fail(made, false, {}, now);
    return;
  }
  if (made.next.components.empty())
    made.next.components = declared_steps(*made.next.spec);
  step_runner{made, now}.run();
}

expected<decision> hear_child(const task& subject, const event::child_ended& news, instant now) {
  decision made{subject};
  auto& state = running(made);
  auto& children = state.waits.children;
  const auto child = std::ranges::find(children, news.child, &open_child::id);
  if (child == children.end())
    return decision{subject, false};
  const auto part = child->part;
  children.erase(child);
  if (state.stopping) {
    if (children.empty())
      finish_stopped(made, *state.stopping, now);
  } else if (subject.spec->runs_pipeline) {
    step_runner{made, now}.child_ended(part, news);
  } else {
    group_child_ended(made, part, news, now);
  }
  return made;
}

expected<decision> go_on(const task& subject, instant now) {
  const auto& state = std::get<processing>(subject.state);
  const auto& waits = state.waits;
  const bool is_fan_out =
      std::ranges::any_of(waits.children, [](const auto& child) { return child.part.item != 0; });
  const bool waits_for_one = waits.until || !waits.topic.empty() || !waits.failure.empty()
                             || (!waits.children.empty() && !is_fan_out);
  if (state.stopping || waits_for_one || !subject.spec->runs_pipeline)
    return decision{subject, false};
  decision made{subject};
  step_runner{made, now}.run();
  return made;
}

expected<decision> hear_event(const task& subject, const event::published& news, instant now) {
  const auto& state = std::get<processing>(subject.state);
  if (state.stopping || state.waits.topic.empty() || state.waits.topic != news.topic
      || (news.is_again && news.id <= state.waits.heard)
      || !matches(subject, state.waits.match, news, now))
    return decision{subject, false};
  decision made{subject};
  step_runner{made, now}.heard(news);
  return made;
}

expected<decision> fan_out(const task& subject, const event::fan_out& news, instant now) {
  if (!std::get<processing>(subject.state).waits.children.empty())
    return decision{subject, false};
  decision made{subject};
  deliver_to_group(made, news.urls, now);
  return made;
}

decision end_pause(const task& subject, instant now) {
  decision made{subject};
  step_runner{made, now}.pause_ended();
  return made;
}

decision stop_steps(const task& subject, end_reason why, instant now) {
  decision made{subject};
  auto& state = running(made);
  if (state.waits.children.empty()) {
    if (!subject.spec->runs_pipeline)
      made.effects.emplace_back(effect::stop_call{state.token});
    finish_stopped(made, why, now);
    return made;
  }
  const bool is_new = !state.stopping;
  if (!is_new && *state.stopping != end_reason::timeout)
    return decision{subject, false};
  state.stopping = why;
  state.waits.until.reset();
  if (is_new)
    stop_children(made);
  return made;
}

decision resume_steps(const task& subject) {
  decision made{subject, false};
  const auto& state = std::get<processing>(subject.state);
  const auto& waits = state.waits;
  if (!waits.children.empty()) {
    effect::ask_children ask;
    for (const auto& child : waits.children)
      ask.ids.push_back(child.id);
    made.effects.emplace_back(std::move(ask));
    if (state.stopping || !waits.failure.empty())
      stop_children(made);
  } else if (!subject.spec->runs_pipeline) {
    made.effects.emplace_back(effect::start_call{state.token});
    return made;
  }
  made.effects.emplace_back(effect::go_on{state.token});
  return made;
}

}  // namespace carillon::lifecycle
