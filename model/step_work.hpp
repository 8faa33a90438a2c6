#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/jmespath_value.hpp"
#include "model/json.hpp"
#include "model/task.hpp"

// What a step of a pipeline is, by the word in its `uses`. Pure.

namespace carillon {

enum class step_kind {
  http_request,
  queue,
  command_run,
  event_publish,
  wait_until,
  wait_for_event,
  task_map,
  test_echo,
  test_fail,
};

/// Empty for a word that names none.
std::optional<step_kind> parse_step_kind(std::string_view uses);
/// "http.request, queue.<task_type>, ...": what can be used, for a person.
std::string_view step_kinds_in_words();
/// Whether the items of a task.map can be of this kind: it needs no state of the step's own.
bool can_be_item(step_kind kind);
/// Whether `with` may be any JSON; else it is an object of arguments.
bool takes_anything(step_kind kind);

/// What is to be done for a step or an item.
struct step_order {
  std::string_view uses;
  const json::value& arguments;  ///< Templates are filled in.
  duration timeout{0};
  int retries_max = 0;
  const task_spec& owner;
  instant now;
};

struct work_done {
  std::string output;  ///< JSON
};
struct work_failed {
  std::string error;
  bool retryable = false;
};
/// A task does it.
struct work_of_child {
  task_spec spec;
};
struct work_pause {
  instant until;
};
struct work_listen {
  std::string topic;
  std::string match;
  std::optional<instant> until;
};
struct work_fan_out {};  ///< Over the items in the arguments.

using step_work =
    std::variant<work_done, work_failed, work_of_child, work_pause, work_listen, work_fan_out>;
step_work work_of(const step_order& order);

/// The arguments of a task.map. The problem is of kind invalid and names the argument.
struct map_rules {
  std::vector<json::value> items;
  std::string uses;
  json::value with;  ///< Templates are not filled in yet.
  std::string as = "item";
  std::size_t width = 10;
};
/// The arguments of a task.map that is under way.
struct item_source {
  std::shared_ptr<const part_data> data;  ///< Whose input the rules point into.
  map_rules rules;
  std::shared_ptr<const jmespath_value> names;  ///< For templates; null when there are none.
};
inline constexpr std::size_t map_items_max = 10'000;
inline constexpr std::int64_t map_width_max = 100;
expected<map_rules> read_map(const json::value& arguments);

/// What a child that completed gave: of a call {"status": 200, "body": ...}, where a body that is
/// JSON stays JSON; of a command {"exit_code": 0, "task_id": ..., "stdout": ...}, where `printed`
/// is what it wrote; else the worker's result.
std::string output_of_child(const task& child, std::string_view printed = {});
/// Of what a command printed the last so much goes into its output.
inline constexpr std::size_t printed_bytes_max = 16 * 1024;
/// Why a child that ended otherwise did not complete, for a person.
std::string error_of_child(const task& child);

}  // namespace carillon
