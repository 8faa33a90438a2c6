#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/instant.hpp"
#include "model/json.hpp"
#include "model/task.hpp"

namespace carillon {

/// One step of a pipeline, as it stands in the payload.
struct pipeline_step {
  std::string id;
  std::string uses;
  std::string with = "{}";  ///< JSON object with templates.
  std::string save_as;      ///< Another name for its output, or empty.
  std::string condition;    ///< Its `if`, or empty.
  duration timeout{0};      ///< Of its call; 0: none of its own.
};

/// The HTTP call of an http.request step.
struct step_call {
  std::string url;
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  duration timeout{0};  ///< 0: none of its own.
};

/// How far an attempt has come. A value: each step is decided by pure functions, whoever runs it.
struct pipeline_run {
  std::vector<pipeline_step> steps;
  std::size_t at = 0;  ///< The step that is next, or under way.
  /// Outputs of the steps that ended well, as JSON, by the names they can be found under.
  std::vector<std::pair<std::string, std::string>> outputs = {};
};

/// The steps of a payload. The problem is of kind invalid.
expected<pipeline_run> read_pipeline(const task_spec& spec);

/// The step's `with`, its templates filled in: `event`, `params`, `steps` (outputs by id) and `now`
/// can be named.
expected<std::string> arguments_of(const pipeline_run& run, const task_spec& spec, instant now);

/// The arguments of an http.request. The problem is of kind invalid and names the argument.
expected<step_call> read_call(const std::string& arguments);

/// The step under way has ended well; the next one is next.
void step_done(pipeline_run& run, std::string output);

/// The output of an http.request: {"status": 200, "body": ...}; a body that is JSON stays JSON.
std::string call_output(int status, const std::string& body);

/// All outputs by step: what the task results in.
std::string result_of(const pipeline_run& run);

}  // namespace carillon
