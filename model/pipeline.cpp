#include "model/pipeline.hpp"

#include <algorithm>

#include "model/template_text.hpp"

namespace carillon {
namespace {

problem invalid(std::string detail) {
  return {problem_kind::invalid, std::move(detail)};
}

std::optional<json::value> find(const json::value& object, std::string_view key) {
  for (const auto& member : json::members(object))
    if (member.key == key)
      return member.value;
  return std::nullopt;
}

duration to_duration(const json::value& seconds) {
  constexpr double seconds_max = 7 * 24 * 3600;
  const auto length = std::clamp(json::as_double(seconds).value_or(0), 0.0, seconds_max);
  return duration{static_cast<std::int64_t>(length * 1'000)};
}

expected<pipeline_step> read_step(const json::value& source) {
  pipeline_step step;
  for (const auto& [key, value] : json::members(source)) {
    if (key == "id")
      step.id = json::as_string(value).value_or("");
    else if (key == "uses")
      step.uses = json::as_string(value).value_or("");
    else if (key == "with")
      step.with = value.raw;
    else if (key == "save_as")
      step.save_as = json::as_string(value).value_or("");
    else if (key == "if")
      step.condition = json::as_string(value).value_or("");
    else if (key == "timeout_seconds")
      step.timeout = to_duration(value);
  }
  if (step.id.empty() || step.uses.empty())
    return invalid("a step of the pipeline has no id or does not say what it uses");
  return step;
}

expected<std::vector<std::pair<std::string, std::string>>> read_headers(const json::value& source) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& [name, value] : json::members(source)) {
    const auto text = json::as_string(value);
    if (!text)
      return invalid("with.headers." + name + " must be a string");
    headers.emplace_back(name, *text);
  }
  return headers;
}

}  // namespace

expected<pipeline_run> read_pipeline(const task_spec& spec) {
  const auto payload = json::read(spec.payload);
  if (!payload)
    return payload.error();
  const auto steps = find(*payload, "pipeline");
  if (!steps || steps->kind != json::kind::array)
    return invalid("the payload has no pipeline");
  pipeline_run run;
  for (const auto& source : json::elements(*steps)) {
    auto step = read_step(source);
    if (!step)
      return step.error();
    run.steps.push_back(*std::move(step));
  }
  return run;
}

expected<std::string> arguments_of(const pipeline_run& run, const task_spec& spec, instant now) {
  const auto& step = run.steps[run.at];
  const auto with = json::read(step.with);
  if (!with)
    return with.error();
  const auto names = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "event")
      return spec.event.empty() ? std::optional<std::string>{} : spec.event;
    if (name == "steps")
      return result_of(run);
    if (name == "now")
      return '"' + format_instant(now) + '"';
    const auto payload = json::read(spec.payload);
    const auto params = payload ? find(*payload, "params") : std::nullopt;
    if (name == "params" && params)
      return std::string{params->raw};
    return std::nullopt;
  };
  return fill_templates(*with, names);
}

expected<step_call> read_call(const std::string& arguments) {
  const auto root = json::read(arguments);
  if (!root)
    return root.error();
  step_call call;
  for (const auto& [key, value] : json::members(*root)) {
    if (key == "url") {
      call.url = json::as_string(value).value_or("");
    } else if (key == "method") {
      call.method = json::as_string(value).value_or("");
    } else if (key == "headers") {
      auto headers = read_headers(value);
      if (!headers)
        return headers.error();
      call.headers = *std::move(headers);
    } else if (key == "body") {
      call.body = json::as_string(value).value_or(std::string{value.raw});
    } else if (key == "json") {
      call.body = value.raw;
      call.headers.emplace_back("Content-Type", "application/json");
    } else if (key == "timeout_seconds") {
      call.timeout = to_duration(value);
    } else {
      return invalid("with." + key + " is not known; http.request takes url, method, headers, body, "
                     "json and timeout_seconds");
    }
  }
  if (call.url.empty())
    return invalid("with.url must be the address to call");
  if (call.method.empty())
    return invalid("with.method must be a word such as GET");
  return call;
}

void step_done(pipeline_run& run, std::string output) {
  const auto& step = run.steps[run.at++];
  // A name used twice means the later output.
  std::erase_if(run.outputs, [&](const auto& known) {
    return known.first == step.id || known.first == step.save_as;
  });
  if (!step.save_as.empty() && step.save_as != step.id)
    run.outputs.emplace_back(step.save_as, output);
  run.outputs.emplace_back(step.id, std::move(output));
}

std::string call_output(int status, const std::string& body) {
  json::writer out;
  out.begin_object().field("status", status).key("body");
  if (json::read(body))
    out.raw(body);
  else
    out.string(body);
  out.end_object();
  return out.take();
}

std::string result_of(const pipeline_run& run) {
  json::writer out;
  out.begin_object();
  for (const auto& [name, output] : run.outputs)
    out.key(name).raw(output);
  out.end_object();
  return out.take();
}

}  // namespace carillon
