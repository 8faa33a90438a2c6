#include "model/pipeline.hpp"

#include <algorithm>
#include <cmath>

#include "model/json.hpp"

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
  constexpr double seconds_max = 365.0 * 24 * 3600;
  const auto length = std::clamp(json::as_double(seconds).value_or(0), 0.0, seconds_max);
  return duration{static_cast<std::int64_t>(std::ceil(length * 1'000))};
}

expected<pipeline_step> read_step(const json::value& source) {
  pipeline_step step;
  for (const auto& [key, value] : json::members(source)) {
    if (key == "id")
      step.id = json::as_string(value).value_or("");
    else if (key == "uses")
      step.uses = json::as_string(value).value_or("");
    else if (key == "with" && value.kind != json::kind::null)
      step.with = value.raw;
    else if (key == "save_as")
      step.save_as = json::as_string(value).value_or("");
    else if (key == "if")
      step.condition = json::as_string(value).value_or("");
    else if (key == "timeout_seconds")
      step.timeout = to_duration(value);
    else if (key == "max_retries")
      step.retries_max = static_cast<int>(json::as_integer(value).value_or(0));
  }
  if (step.id.empty() || step.uses.empty())
    return invalid("a step of the pipeline has no id or does not say what it uses");
  return step;
}

/// Calls visit(name, output) for each name under which an output can be found. Of steps with one
/// name the last that ended well counts.
template <class Visitor>
void for_each_output(const task& subject, const pipeline_plan& plan, Visitor visit) {
  std::map<std::string_view, std::pair<std::size_t, const std::string*>> last;
  for (std::uint32_t at = 0; at < plan.steps.size() && at < subject.components.size(); ++at) {
    const auto found = subject.parts.find({at});
    if (subject.components[at].status != component_status::completed
        || found == subject.parts.end())
      continue;
    const auto& step = plan.steps[at];
    last[step.id] = {at, &found->second->output};
    if (!step.save_as.empty())
      last[step.save_as] = {at, &found->second->output};
  }
  std::vector<std::pair<std::string_view, std::pair<std::size_t, const std::string*>>> ordered{
      last.begin(), last.end()};
  std::ranges::stable_sort(ordered, {}, [](const auto& one) { return one.second.first; });
  for (const auto& [name, output] : ordered)
    visit(name, *output.second);
}

}  // namespace

expected<pipeline_plan> read_pipeline(const task_spec& spec) {
  const auto payload = json::read(spec.payload);
  if (!payload)
    return payload.error();
  const auto steps = find(*payload, "pipeline");
  if (!steps || steps->kind != json::kind::array)
    return invalid("the payload has no pipeline");
  pipeline_plan plan;
  for (const auto& source : json::elements(*steps)) {
    auto step = read_step(source);
    if (!step)
      return step.error();
    plan.steps.push_back(*std::move(step));
  }
  if (plan.steps.size() > pipeline_steps_max)
    return invalid("the pipeline has more than " + std::to_string(pipeline_steps_max) + " steps");
  return plan;
}

expected<jmespath_value> pipeline_names(const task& subject, const pipeline_plan& plan,
                                        instant now) {
  const auto& spec = *subject.spec;
  const auto payload = json::read(spec.payload);
  if (!payload)
    return payload.error();
  json::writer out;
  out.begin_object().field("now", format_instant(now));
  const auto params = find(*payload, "params");
  out.key("params").raw(params ? params->raw : "{}");
  out.key("event").raw(spec.event.empty() ? "null" : spec.event);
  out.key("steps").begin_object();
  for_each_output(subject, plan, [&](std::string_view name, const std::string& output) {
    out.key(name).raw(output);
  });
  out.end_object().end_object();
  return jmespath_value::read(out.text());
}

expected<jmespath_value> with_item(const jmespath_value& names, const map_item& item, instant now) {
  auto value = jmespath_value::read(item.value);
  if (!value)
    return value.error();
  auto members = names.members();
  members.push_back({"now", jmespath_value::string(format_instant(now))});
  members.push_back({item.name, *std::move(value)});
  members.push_back({"index", jmespath_value::number(item.index)});
  return jmespath_value::object(std::move(members));
}

std::string pipeline_result(const task& subject, const pipeline_plan& plan) {
  json::writer out;
  out.begin_object();
  for_each_output(subject, plan, [&](std::string_view name, const std::string& output) {
    out.key(name).raw(output);
  });
  out.end_object();
  return out.take();
}

}  // namespace carillon
