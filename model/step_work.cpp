#include "model/step_work.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/duration.hpp"
#include "model/http_header.hpp"
#include "model/jmespath.hpp"
#include "model/step_arguments.hpp"
#include "model/target_url.hpp"

namespace carillon {
namespace {

constexpr std::string_view queue_prefix = "queue.";

constexpr std::array<std::pair<std::string_view, step_kind>, 8> kind_words{{
    {"http.request", step_kind::http_request},
    {"command.run", step_kind::command_run},
    {"event.publish", step_kind::event_publish},
    {"wait.until", step_kind::wait_until},
    {"wait.for_event", step_kind::wait_for_event},
    {"task.map", step_kind::task_map},
    {"test.echo", step_kind::test_echo},
    {"test.fail", step_kind::test_fail},
}};

constexpr std::array<std::string_view, 5> methods{"GET", "POST", "PUT", "PATCH", "DELETE"};

constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t topic_bytes_max = 200;

/// Only this server's disk makes a publication fail.
constexpr retry_policy publication_retry{1'000, backoff_kind::exponential_jitter,
                                         std::chrono::seconds{1}, std::chrono::seconds{60}};

/// A child that gets no time of its own.
constexpr duration call_timeout_default = std::chrono::minutes{10};

/// A task of this order's owner.
task_spec child_spec(const step_order& order) {
  task_spec spec;
  spec.created_at = order.now;
  spec.scheduled_for = order.now;
  spec.priority = order.owner.priority;
  spec.retry.retries_max = order.retries_max;
  spec.timeout = order.timeout;
  spec.cause = trigger_cause::parent;
  return spec;
}

step_work failed(std::string error) {
  return work_failed{std::move(error)};
}

/// Templates fill names in: queues of the server's own begin with a control character.
bool is_plain_name(std::string_view name, std::size_t bytes_max) {
  return !name.empty() && name.size() <= bytes_max
         && std::ranges::none_of(name,
                                 [](unsigned char each) { return each < 0x20 || each == 0x7F; });
}

std::string wrong_topic() {
  return "with.topic must be 1 to " + std::to_string(topic_bytes_max) + " printable bytes";
}

// -- http.request ---------------------------------------------------------------

std::optional<std::string> read_headers(const json::value& source, http_target& target) {
  for (const auto& [name, value] : json::members(source)) {
    auto text = json::as_string(value);
    if (!text || !is_http_token(name) || !is_header_value(*text))
      return "with.headers." + name
             + " must be a header name with a string of printable characters";
    if (is_framing_header(name) || is_delivery_header(name))
      return "with.headers." + name + " is set by the server itself";
    target.headers.emplace_back(name, *std::move(text));
  }
  return std::nullopt;
}

step_work call_of(const step_order& order) {
  arguments_reader in{order.arguments, "http.request"};
  auto spec = child_spec(order);
  auto& target = spec.target.emplace();
  target.url = in.text("url");
  target.method = in.text_or("method", "GET");
  target.body = body_form::none;
  if (const auto headers = in.object("headers"))
    if (auto wrong = read_headers(*headers, target))
      return failed(*std::move(wrong));
  if (const auto body = in.any("body")) {
    target.body = body->kind == json::kind::string ? body_form::text : body_form::payload;
    spec.payload = body->raw;
  }
  if (const auto body = in.any("json")) {
    target.body = body_form::payload;
    spec.payload = body->raw;
  }
  if (const auto timeout = in.seconds("timeout_seconds"))
    spec.timeout = *timeout;
  if (spec.timeout == duration{0})
    spec.timeout = call_timeout_default;
  if (auto wrong = in.finish())
    return failed(*std::move(wrong));
  if (std::ranges::find(methods, target.method) == methods.end())
    return failed("with.method must be GET, POST, PUT, PATCH or DELETE");
  if (const auto url = parse_target_url(target.url); !url)
    return failed("with.url " + url.error().detail);
  return work_of_child{std::move(spec)};
}

// -- the others -----------------------------------------------------------------

step_work queue_task_of(const step_order& order) {
  auto spec = child_spec(order);
  spec.task_type = order.uses.substr(queue_prefix.size());
  if (!is_plain_name(spec.task_type, name_bytes_max))
    return failed("the name of the queue must be 1 to " + std::to_string(name_bytes_max)
                  + " printable bytes");
  spec.payload = order.arguments.raw;
  if (order.timeout > duration{0})
    spec.expires_at = order.now + order.timeout;  // nobody took it in time
  return work_of_child{std::move(spec)};
}

step_work command_of(const step_order& order) {
  arguments_reader in{order.arguments, "command.run"};
  auto spec = child_spec(order);
  local_command command;
  if (in.any("run"))
    command.args = {"/bin/sh", "-c", in.text("run"), "sh"};  // what follows is $1, $2, ...
  if (const auto args = in.array("args"))
    for (const auto& each : json::elements(*args))
      command.args.push_back(json::as_string(each).value_or(std::string{each.raw}));
  if (const auto environment = in.object("env"))
    for (const auto& [name, value] : json::members(*environment))
      command.environment.emplace_back(name,
                                       json::as_string(value).value_or(std::string{value.raw}));
  command.directory = in.text_or("working_dir", "");
  if (auto wrong = in.finish())
    return failed(*std::move(wrong));
  if (command.args.empty() || command.args.front().empty())
    return failed("with.args or with.run must name a program");
  spec.command = command_ref{std::move(command)};
  spec.task_type = order.owner.task_type;
  return work_of_child{std::move(spec)};
}

step_work publication_of(const step_order& order) {
  arguments_reader in{order.arguments, "event.publish"};
  auto spec = child_spec(order);
  spec.retry = publication_retry;
  const auto topic = in.text("topic");
  spec.target.emplace().url = "event:" + topic;
  if (const auto payload = in.any("payload"))
    spec.payload = payload->raw;
  if (auto wrong = in.finish())
    return failed(*std::move(wrong));
  if (!is_plain_name(topic, topic_bytes_max))
    return failed(wrong_topic());
  return work_of_child{std::move(spec)};
}

step_work pause_of(const step_order& order) {
  arguments_reader in{order.arguments, "wait.until"};
  std::optional<instant> until;
  if (in.any("until")) {
    const auto moment = parse_instant(in.text("until"));
    if (!moment)
      return failed("with.until must be a time such as 2030-01-31T08:00:00Z");
    until = *moment;
  }
  if (in.any("duration")) {
    const auto length = parse_duration(in.text("duration"));
    if (!length)
      return failed("with.duration " + length.error().detail);
    until = order.now + *length;
  }
  if (const auto seconds = in.seconds("seconds"))
    until = order.now + *seconds;
  if (auto wrong = in.finish())
    return failed(*std::move(wrong));
  if (!until)
    return failed("with.until, with.duration or with.seconds must say how long to wait");
  return work_pause{*until};
}

step_work listening_of(const step_order& order) {
  arguments_reader in{order.arguments, "wait.for_event"};
  work_listen work{in.text("topic"), in.text_or("match", ""), std::nullopt};
  auto patience = in.seconds("timeout_seconds").value_or(order.timeout);
  if (auto wrong = in.finish())
    return failed(*std::move(wrong));
  if (!is_plain_name(work.topic, topic_bytes_max))
    return failed(wrong_topic());
  if (!work.match.empty())
    if (const auto read = jmespath::compile(work.match); !read)
      return failed("with.match cannot be read: " + read.error().detail);
  if (patience > duration{0})
    work.until = order.now + patience;
  return work;
}

}  // namespace

std::optional<step_kind> parse_step_kind(std::string_view uses) {
  for (const auto& [word, kind] : kind_words)
    if (word == uses)
      return kind;
  if (uses.starts_with(queue_prefix) && uses.size() > queue_prefix.size())
    return step_kind::queue;
  return std::nullopt;
}

std::string_view step_kinds_in_words() {
  return "http.request, queue.<task_type>, command.run, event.publish, wait.until, "
         "wait.for_event, task.map, test.echo or test.fail";
}

bool can_be_item(step_kind kind) {
  return kind != step_kind::task_map && kind != step_kind::wait_until
         && kind != step_kind::wait_for_event;
}

bool takes_anything(step_kind kind) {
  return kind == step_kind::queue || kind == step_kind::test_echo;
}

step_work work_of(const step_order& order) {
  const auto kind = parse_step_kind(order.uses);
  if (!kind)
    return failed("this server cannot run " + std::string{order.uses});
  switch (*kind) {
    case step_kind::http_request:
      return call_of(order);
    case step_kind::queue:
      return queue_task_of(order);
    case step_kind::command_run:
      return command_of(order);
    case step_kind::event_publish:
      return publication_of(order);
    case step_kind::wait_until:
      return pause_of(order);
    case step_kind::wait_for_event:
      return listening_of(order);
    case step_kind::task_map:
      return work_fan_out{};
    case step_kind::test_echo:
      return work_done{std::string{order.arguments.raw}};
    case step_kind::test_fail:
      break;
  }
  arguments_reader in{order.arguments, "test.fail"};
  return work_failed{in.text_or("message", "test.fail"), true};
}

expected<map_rules> read_map(const json::value& arguments) {
  arguments_reader in{arguments, "task.map"};
  map_rules rules;
  rules.uses = in.text("uses");
  rules.as = in.text_or("as", "item");
  const auto items = in.any("items");
  if (const auto with = in.any("with"))
    rules.with = *with;
  if (const auto width = in.any("width")) {
    const auto number = json::as_integer(*width).value_or(0);
    if (number < 1 || number > map_width_max)
      return problem{problem_kind::invalid,
                     "with.width must be from 1 to " + std::to_string(map_width_max)};
    rules.width = static_cast<std::size_t>(number);
  }
  if (auto wrong = in.finish())
    return problem{problem_kind::invalid, *std::move(wrong)};
  if (!items || items->kind != json::kind::array)
    return problem{problem_kind::invalid, "with.items must be a list"};
  rules.items = json::elements(*items);
  if (rules.items.size() > map_items_max)
    return problem{problem_kind::invalid,
                   "with.items must have at most " + std::to_string(map_items_max) + " elements"};
  return rules;
}

std::string output_of_child(const task& child, std::string_view printed) {
  const auto& spec = *child.spec;
  json::writer out;
  if (spec.command) {
    out.begin_object();
    if (!child.attempts.empty())
      out.field("exit_code", child.attempts.back().exit_code.value_or(0));
    out.field("task_id", to_text(child.id)).field("stdout", printed).end_object();
    return out.take();
  }
  if (spec.target && topic_of(spec).empty() && !child.attempts.empty()) {
    const auto& last = child.attempts.back();
    out.begin_object().field("status", last.http_status).key("body");
    if (!child.result.empty())  // the target called back
      out.raw(child.result);
    else if (json::read(last.answer))
      out.raw(last.answer);
    else
      out.string(last.answer);
    out.end_object();
    return out.take();
  }
  return child.result.empty() ? "null" : child.result;
}

std::string error_of_child(const task& child) {
  const auto* end = std::get_if<ended>(&child.state);
  if (end == nullptr || end->status == task_status::completed)
    return {};
  const auto reason = " (" + std::string{to_string(end->reason)} + ")";
  for (auto tried = child.attempts.rbegin(); tried != child.attempts.rend(); ++tried)
    if (!tried->error.empty())
      return tried->error + (end->reason == end_reason::error ? "" : reason);
  return "its task " + to_text(child.id) + " is " + std::string{to_string(end->status)} + reason;
}

}  // namespace carillon
