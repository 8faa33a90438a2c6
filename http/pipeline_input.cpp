#include "http/pipeline_input.hpp"

#include <algorithm>
#include <set>

#include "http/body_reader.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t steps_max = 200;
constexpr std::size_t name_bytes_max = 100;
constexpr std::size_t condition_bytes_max = 2'000;
constexpr std::int64_t retries_max = 10;
constexpr double timeout_seconds_max = 7 * 24 * 3600;

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
  in.require("uses");
  in.text("uses", {1, name_bytes_max});
  in.object("with");
  in.text("if", {1, condition_bytes_max});
  in.text("save_as", {1, name_bytes_max});
  in.number("timeout_seconds", 0, timeout_seconds_max);
  in.integer("max_retries", {0, retries_max});
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
