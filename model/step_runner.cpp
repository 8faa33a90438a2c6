#include "model/step_runner.hpp"

#include <algorithm>
#include <utility>

#include "model/task_steps.hpp"
#include "model/template_text.hpp"

namespace carillon::lifecycle {
namespace {

/// Levels of one output: all of them must fit into one value that expressions are judged on.
constexpr int output_depth_max = 48;

bool has_ended_well(const component& part) {
  return part.status == component_status::completed || part.status == component_status::skipped;
}

/// Levels of brackets in checked JSON.
int depth_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char letter = text[at];
    if (letter == '\\' && in_string)
      ++at;
    else if (letter == '"')
      in_string = !in_string;
    else if (!in_string && (letter == '{' || letter == '['))
      deepest = std::max(deepest, ++depth);
    else if (!in_string && (letter == '}' || letter == ']'))
      --depth;
  }
  return deepest;
}

std::size_t bytes_of(const task_parts& parts) {
  std::size_t bytes = 0;
  for (const auto& [unused, data] : parts)
    bytes += data->input.size() + data->output.size();
  return bytes;
}

}  // namespace

std::shared_ptr<const pipeline_plan> plan_of(task& subject) {
  if (!subject.plan)
    if (auto read = read_pipeline(*subject.spec))
      subject.plan = std::make_shared<const pipeline_plan>(*std::move(read));
  return subject.plan;
}

void stop_children(decision& made) {
  effect::stop_children stop;
  for (const auto& child : std::get<processing>(made.next.state).waits.children)
    stop.ids.push_back(child.id);
  if (!stop.ids.empty())
    made.effects.emplace_back(std::move(stop));
}

void make_child(decision& made, task_spec spec, const part_id& part, std::string name,
                instant now) {
  auto& parent = made.next;
  const auto id = child_id(parent.id, ++parent.children_made, now);
  spec.parent = parent_link{parent.id, part, std::move(name)};
  spec.trace = trace_of_attempt(parent);
  spec.created_by = parent.spec->created_by;
  auto child = create(id, std::make_shared<const task_spec>(std::move(spec)), now);
  std::get<processing>(parent.state).waits.children.push_back({id, part});
  made.born.push_back(std::move(child.next));
}

step_runner::step_runner(decision& made, instant now)
    : made_{made}, now_{now}, plan_{plan_of(made.next)} {
  if (!plan_)
    plan_ = std::make_shared<const pipeline_plan>();
}

step_wait& step_runner::waits() {
  return std::get<processing>(made_.next.state).waits;
}

std::uint32_t step_runner::at() const {
  const auto& parts = made_.next.components;
  return static_cast<std::uint32_t>(std::ranges::find_if_not(parts, has_ended_well)
                                    - parts.begin());
}

std::shared_ptr<const part_data> step_runner::data_of(const part_id& part) const {
  const auto& parts = made_.next.parts;
  const auto found = parts.find(part);
  return found == parts.end() ? nullptr : found->second;
}

component& step_runner::part() {
  return made_.next.components[at()];
}

const pipeline_step& step_runner::step() const {
  return plan_->steps[at()];
}

void step_runner::tell(std::string type, std::string message) {
  made_.news.push_back({now_, std::move(type), step().id, std::move(message), {}});
  ++made_.next.news_count;
}

/// False: that would be more than a task may keep, and is not kept.
bool step_runner::keep(const part_id& part, std::string input, std::string output) {
  auto& parts = made_.next.parts;
  if (!bytes_)
    bytes_ = bytes_of(parts);
  const auto before = data_of(part);
  const auto others = *bytes_ - (before ? before->input.size() + before->output.size() : 0);
  const auto bytes = others + input.size() + output.size();
  if (bytes > parts_bytes_max || depth_of(output) > output_depth_max)
    return false;
  bytes_ = bytes;
  parts[part] = std::make_shared<const part_data>(part_data{std::move(input), std::move(output)});
  if (std::ranges::find(made_.parts, part) == made_.parts.end())
    made_.parts.push_back(part);
  return true;
}

// -- one step -------------------------------------------------------------------

void step_runner::run() {
  for (int started = 0; started < steps_at_once && effort_ < effort_at_once; ++started) {
    if (at() == made_.next.components.size())
      return finish_well();
    if (start() != progress::goes_on)
      return;
  }
  made_.effects.emplace_back(effect::go_on{std::get<processing>(made_.next.state).token});
}

void step_runner::finish_well() {
  made_.next.result = pipeline_result(made_.next, *plan_);
  finish_attempt(made_, attempt_outcome::success, "", now_);
  end(made_, task_status::completed, end_reason::success, now_);
}

step_runner::progress step_runner::start() {
  auto& subject = part();
  if (subject.status != component_status::started) {
    subject = {subject.name, component_status::started, now_};
    tell("started", step().uses);
  }
  // The list that a fan-out began with is the one it goes on with.
  if (step().uses == "task.map" && data_of({at()}))
    return launch_items();
  if (!step().condition.empty()) {
    const auto holds = condition_holds();
    if (!holds)
      return fail("its condition (if) fails: " + holds.error().detail, false, false);
    if (!*holds)
      return finish_step("null", component_status::skipped);
  }
  auto with = arguments();
  if (!with)
    return fail(with.error().detail, false, false);
  return start_work(*std::move(with));
}

expected<jmespath_value> step_runner::names() {
  if (!names_) {
    auto read = pipeline_names(made_.next, *plan_, now_);
    if (!read)
      return read.error();
    names_ = std::make_shared<const jmespath_value>(*std::move(read));
  }
  return *names_;
}

expected<bool> step_runner::condition_holds() {
  const auto read = jmespath::compile(step().condition);
  if (!read)
    return read.error();
  const auto known = names();
  if (!known)
    return known.error();
  const auto value = read->search(*known, effort_);
  if (!value)
    return value.error();
  return is_true(*value);
}

/// The step's `with`, its templates filled in, but for those that are each item's own.
expected<std::string> step_runner::arguments() {
  const auto& with = step().with;
  const bool is_map = step().uses == "task.map";
  if (!has_templates(with))
    return with;
  const auto source = json::read(with);
  if (!source)
    return source.error();
  const auto known = names();
  if (!known)
    return known.error();
  if (!is_map)
    return fill_templates(*source, *known, effort_);
  json::writer out;
  out.begin_object();
  for (const auto& [key, value] : json::members(*source)) {
    auto filled = key == "with" ? expected<std::string>{std::string{value.raw}}
                                : fill_templates(value, *known, effort_);
    if (!filled)
      return filled;
    out.key(key).raw(*filled);
  }
  out.end_object();
  return out.take();
}

step_runner::progress step_runner::start_work(std::string arguments) {
  if (!keep({at()}, arguments, ""))
    return fail(too_much, false, false);
  const auto root = json::read(arguments);
  if (!root)
    return fail("its arguments are no JSON: " + root.error().detail, false, false);
  return begin(
      work_of({step().uses, *root, step().timeout, step().retries_max, *made_.next.spec, now_}));
}

step_runner::progress step_runner::begin(const step_work& work) {
  if (const auto* done = std::get_if<work_done>(&work))
    return finish_step(done->output);
  if (const auto* failed = std::get_if<work_failed>(&work))
    return fail(failed->error, failed->retryable, failed->retryable);
  if (const auto* child = std::get_if<work_of_child>(&work)) {
    make_child(made_, child->spec, {at()}, step().id, now_);
    return progress::waits;
  }
  if (const auto* pause = std::get_if<work_pause>(&work)) {
    if (pause->until <= now_)
      return finish_step("{\"until\":\"" + format_instant(pause->until) + "\"}");
    waits().until = pause->until;
    return progress::waits;
  }
  if (const auto* listen = std::get_if<work_listen>(&work)) {
    waits().topic = listen->topic;
    waits().match = listen->match;
    waits().until = listen->until;
    return progress::waits;
  }
  return launch_items();
}

step_runner::progress step_runner::finish_step(std::string output, component_status how) {
  const auto known = data_of({at()});
  const bool fits = how == component_status::skipped
                    || keep({at()}, known ? known->input : "{}", std::move(output));
  if (!fits)
    return fail(too_much, false, false);
  tell(std::string{to_string(how)}, "");
  auto& subject = part();
  subject.finished_at = now_;
  waits() = {.heard = waits().heard};
  subject.status = how;  // from here on, at() is the next one
  names_.reset();
  made_.next.items.reset();
  return progress::goes_on;
}

step_runner::progress step_runner::fail(std::string error, bool is_retryable, bool may_task_retry) {
  if (is_retryable && waits().tries < step().retries_max) {
    const int tries = waits().tries + 1;
    waits() = {.tries = tries, .heard = waits().heard};
    const retry_policy policy{step().retries_max};
    waits().until = now_ + backoff(policy, tries, random_part(made_.next.id) + at());
    tell("retrying", error);
    return progress::waits;
  }
  tell("failed", error);
  part().status = component_status::failed;
  part().finished_at = now_;
  part().error = error;
  finish_attempt(made_, attempt_outcome::error, "step " + step().id + ": " + error, now_);
  retry_or_fail(made_, may_task_retry, {}, now_);
  return progress::ended;
}

// -- news -----------------------------------------------------------------------

void step_runner::child_ended(const part_id& part, const event::child_ended& news) {
  const bool is_done = news.status == task_status::completed;
  if (part.item == 0) {
    if ((is_done ? finish_step(news.output) : fail(news.error, false)) == progress::goes_on)
      run();
    return;
  }
  auto& failure = waits().failure;
  const bool has_failed = !failure.empty();
  if (is_done && !keep(part, "", news.output) && !has_failed)
    failure = too_much;
  if (!is_done && !has_failed)
    failure = "item " + std::to_string(part.item - 1) + ": " + news.error;
  if (failure.empty()) {
    if (launch_items() == progress::goes_on)
      run();
  } else if (!has_failed || waits().children.empty()) {
    end_items();
  }
}

void step_runner::pause_ended() {
  const auto until = std::exchange(waits().until, {}).value_or(now_);
  if (!waits().topic.empty()) {
    fail("no event " + std::exchange(waits().topic, {}) + " came in time", true);
    return;
  }
  if (step().uses == "wait.until"
      && finish_step("{\"until\":\"" + format_instant(until) + "\"}") != progress::goes_on)
    return;
  run();
}

void step_runner::heard(const event::published& news) {
  waits().heard = std::max(waits().heard, news.id);
  if (finish_step(news.payload) == progress::goes_on)
    run();
}

}  // namespace carillon::lifecycle
