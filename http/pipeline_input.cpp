#include "http/pipeline_input.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "http/body_reader.hpp"
#include "http/text.hpp"
#include "model/jmespath.hpp"
#include "model/pipeline.hpp"
#include "model/step_work.hpp"
#include "model/template_text.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t name_bytes_max = 100;
constexpr std::size_t uses_bytes_max = 255;
constexpr std::size_t condition_bytes_max = 2'000;
constexpr std::int64_t retries_max = 10;
constexpr double timeout_seconds_max = 7 * 24 * 3600;

/// What templates can name: an item must not hide it.
constexpr std::array<std::string_view, 5> reserved_names{"now", "params", "steps", "event",
                                                         "index"};

std::optional<json::value> member_of(const json::value& object, std::string_view name) {
  for (const auto& member : json::members(object))
    if (member.key == name)
      return member.value;
  return std::nullopt;
}

class step_check {
public:
  step_check(const pipeline_rules& rules, fault_list& faults) : rules_{rules}, faults_{faults} {}

  void check(const json::value& step, const std::string& location, std::set<std::string>& ids) {
    if (step.kind != json::kind::object)
      return faults_.add(location, "must be an object", step.raw);
    body_reader in{step, location, faults_};
    in.require("id");
    if (const auto id = in.text("id", {1, name_bytes_max})) {
      if (has_control(*id))
        in.refuse("id", "must be printable characters", *id);
      if (!ids.insert(*id).second)
        in.refuse("id", "is the id of an earlier step", *id);
    }
    in.require("uses");
    const auto uses = in.text("uses", {1, uses_bytes_max});
    const auto with = arguments_of(in);
    check_condition(in);
    in.text("save_as", {1, name_bytes_max});
    in.number("timeout_seconds", 0, timeout_seconds_max);
    in.integer("max_retries", {0, retries_max});
    in.finish();
    check_templates(with, location + ".with", faults_);
    if (uses)
      check_use(*uses, with, location);
  }

private:
  /// `with`; nothing is an empty object.
  static json::value arguments_of(body_reader& in) {
    const auto given = in.any("with");
    return given && given->kind != json::kind::null ? *given
                                                    : json::value{json::kind::object, "{}"};
  }

  void check_condition(body_reader& in) {
    const auto condition = in.text("if", {1, condition_bytes_max});
    if (!condition)
      return;
    if (const auto read = jmespath::compile(*condition); !read)
      in.refuse("if", "cannot be read: " + read.error().detail, *condition);
  }

  void check_use(const std::string& uses, const json::value& with, const std::string& location) {
    const auto kind = parse_step_kind(uses);
    if (!kind || has_control(uses))
      return faults_.add(location + ".uses", "must be one of " + std::string{step_kinds_in_words()},
                         uses);
    if (with.kind != json::kind::object && !takes_anything(*kind))
      return faults_.add(location + ".with", "must be an object", with.raw);
    if (*kind == step_kind::command_run)
      check_command(with, location);
    if (*kind == step_kind::task_map)
      return check_map(with, location + ".with");
    // What does not hang on templates can be tried now.
    if (has_templates(with.raw) || *kind == step_kind::test_fail)
      return;
    const task_spec nobody;
    const auto work = work_of({uses, with, {}, 0, nobody, {}});
    if (const auto* failed = std::get_if<work_failed>(&work))
      add_at_place(location, failed->error, with);
  }

  /// Words about one argument begin with its place: "with.url must be ...".
  void add_at_place(const std::string& location, const std::string& words,
                    const json::value& with) {
    const auto end = words.find(' ');
    const bool is_of_one =
        words.starts_with("with.") && words.find(" or with.") == std::string::npos;
    if (!is_of_one || end == std::string::npos)
      return faults_.add(location + ".with", words, with.raw);
    const auto place = words.substr(0, end);
    const auto name = place.substr(std::string_view{"with."}.size());
    const auto value = member_of(with, name);
    faults_.add(location + "." + place, words.substr(end + 1),
                value ? value->raw : std::string_view{});
  }

  /// A value must never become a part of a line that a shell reads.
  void check_command(const json::value& with, const std::string& location) {
    if (!rules_.allows_commands)
      faults_.add(location + ".uses",
                  "is not allowed on this server: see commands.allow_api in its settings",
                  "command.run");
    const auto line = member_of(with, "run");
    if (line && is_templated(json::as_string(*line).value_or("")))
      faults_.add(location + ".with.run", "must hold no templates: hand values over in env or args",
                  line->raw);
  }

  void check_map(const json::value& with, const std::string& location) {
    body_reader in{with, location, faults_};
    in.require("items");
    in.any("items");
    in.require("uses");
    in.any("width");
    const auto inner = arguments_of(in);
    if (const auto as = in.text("as", {1, name_bytes_max});
        as && std::ranges::find(reserved_names, *as) != reserved_names.end())
      in.refuse("as", "is the name of something else already", *as);
    const auto uses = in.text("uses", {1, uses_bytes_max});
    in.finish();
    if (!uses)
      return;
    const auto kind = parse_step_kind(*uses);
    if (!kind || !can_be_item(*kind))
      return faults_.add(location + ".uses",
                         "must be http.request, queue.<task_type>, command.run, event.publish, "
                         "test.echo or test.fail",
                         *uses);
    check_use(*uses, inner, location);
    if (!has_templates(with.raw))
      if (const auto rules = read_map(with); !rules)
        add_at_place(location.substr(0, location.rfind('.')), rules.error().detail, with);
  }

  const pipeline_rules& rules_;
  fault_list& faults_;
};

/// `pipeline`
void check_steps(body_reader& in, const pipeline_rules& rules, fault_list& faults) {
  const auto steps = in.array("pipeline").value_or(std::vector<json::value>{});
  if (steps.size() > pipeline_steps_max)
    in.refuse("pipeline", "must have at most " + std::to_string(pipeline_steps_max) + " steps");
  std::set<std::string> ids;
  step_check checks{rules, faults};
  for (std::size_t at = 0; at < std::min(steps.size(), pipeline_steps_max); ++at)
    checks.check(steps[at], in.location_of("pipeline") + "[" + std::to_string(at) + "]", ids);
}

}  // namespace

void check_pipeline(const json::value& payload, const pipeline_rules& rules,
                    const std::string& location, fault_list& faults) {
  if (payload.kind != json::kind::object) {
    faults.add(location, "must be an object with a pipeline", payload.raw);
    return;
  }
  body_reader in{payload, location, faults};
  in.require("pipeline");
  in.object("params");
  check_steps(in, rules, faults);
  in.finish();
}

std::optional<std::string> read_pipeline_fields(body_reader& in, const pipeline_rules& rules,
                                                fault_list& faults) {
  const auto steps = in.any("pipeline");
  const auto params = in.object("params");
  if (!steps || steps->kind == json::kind::null) {
    if (params)
      in.refuse("params", "belong to a pipeline", params->raw);
    return std::nullopt;
  }
  check_steps(in, rules, faults);
  for (const auto* other : {"target", "task_type", "payload", "components"})
    if (in.has(other))
      in.refuse(other, "cannot stand beside a pipeline");
  json::writer payload;
  payload.begin_object().key("pipeline").raw(steps->raw);
  if (params)
    payload.key("params").raw(params->raw);
  payload.end_object();
  return payload.take();
}

}  // namespace carillon::http
