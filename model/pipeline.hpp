#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/jmespath_value.hpp"
#include "model/problem.hpp"
#include "model/task.hpp"

namespace carillon {

/// One step of a pipeline, as it stands in the payload.
struct pipeline_step {
  std::string id;
  std::string uses;
  std::string with = "{}";  ///< JSON object with templates.
  std::string save_as;      ///< Another name for its output, or empty.
  std::string condition;    ///< Its `if`, JMESPath, or empty.
  duration timeout{0};      ///< Of one try; 0: none of its own.
  int retries_max = 0;
};

/// The steps of a payload, in the order in which they run.
struct pipeline_plan {
  std::vector<pipeline_step> steps;
};

inline constexpr std::size_t pipeline_steps_max = components_max;
/// Of all that the steps of one task were given and gave.
inline constexpr std::size_t parts_bytes_max = 4 << 20;

/// The problem is of kind invalid. What `http/` has checked has none.
expected<pipeline_plan> read_pipeline(const task_spec& spec);

/// One item of a step that fans out, for those who name it.
struct map_item {
  std::string name;  ///< It is called so.
  std::string_view value;
  std::uint32_t index;  ///< From 0.
};

/// What conditions and templates can name: now, params, steps (outputs by the ids and save_as of
/// steps that ended well), event.
expected<jmespath_value> pipeline_names(const task& subject, const pipeline_plan& plan,
                                        instant now);
/// The same later and, for the templates of one item, it and its index.
expected<jmespath_value> with_item(const jmespath_value& names, const map_item& item, instant now);

/// What a task whose steps have all ended results in: their outputs, by id and save_as.
std::string pipeline_result(const task& subject, const pipeline_plan& plan);

}  // namespace carillon
