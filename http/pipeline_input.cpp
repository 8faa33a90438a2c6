#include "http/pipeline_input.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "http/body_reader.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t steps_max = 200;
constexpr std::size_t name_bytes_max = 100;
constexpr std::array<std::string_view, 3> runnable{"http.request", "test.echo", "test.fail"};
constexpr std::array<std::string_view, 5> not_yet_runnable{
    "command.run", "event.publish", "wait.until", "wait.for_event", "task.map"};
// Refused and not passed over: without its condition, a step would run when it must not.
constexpr std::array<std::string_view, 4> fields_not_yet_known{"if", "save_as", "timeout_seconds",
                                                               "max_retries"};
constexpr std::string_view queue_prefix = "queue.";

bool is_not_yet_runnable(std::string_view uses) {
  return std::ranges::find(not_yet_runnable, uses) != not_yet_runnable.end()
         || (uses.starts_with(queue_prefix) && uses.size() > queue_prefix.size());
}

void check_uses(body_reader& in) {
  in.require("uses");
  const auto uses = in.text("uses", {1, name_bytes_max});
  if (!uses || std::ranges::find(runnable, *uses) != runnable.end())
    return;
  if (is_not_yet_runnable(*uses))
    in.refuse("uses", "is not run by this version yet: http.request, test.echo and test.fail are",
              *uses);
  else
    in.refuse("uses",
              "must be http.request, queue.<task_type>, command.run, event.publish, wait.until, "
              "wait.for_event, task.map, test.echo or test.fail",
              *uses);
}

void check_step(const json::value& step, const std::string& location, std::set<std::string>& ids,
                fault_list& faults) {
  if (step.kind != json::kind::object) {
    faults.add(location, "must be an object", step.raw);
    return;
  }
  body_reader in{step, location, faults};
  in.require("id");
  if (const auto id = in.text("id", {1, name_bytes_max}); id && !ids.insert(*id).second)
    in.refuse("id", "is the id of an earlier step", *id);
  check_uses(in);
  in.object("with");
  for (const auto field : fields_not_yet_known)
    if (in.has(field))
      in.refuse(field, "is not understood by this version yet");
  in.finish();
}

}  // namespace

void check_pipeline(const json::value& payload, const std::string& location, fault_list& faults) {
  if (payload.kind != json::kind::object) {
    faults.add(location, "must be an object with a pipeline", payload.raw);
    return;
  }
  body_reader in{payload, location, faults};
  in.require("pipeline");
  in.object("params");
  const auto steps = in.array("pipeline").value_or(std::vector<json::value>{});
  if (steps.size() > steps_max)
    in.refuse("pipeline", "must have at most " + std::to_string(steps_max) + " steps");
  std::set<std::string> ids;
  for (std::size_t at = 0; at < std::min(steps.size(), steps_max); ++at)
    check_step(steps[at], in.location_of("pipeline") + "[" + std::to_string(at) + "]", ids, faults);
  in.finish();
}

}  // namespace carillon::http
