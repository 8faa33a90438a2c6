#pragma once

#include <string>
#include <string_view>

#include "actors/requests.hpp"
#include "http/api.hpp"
#include "http/pipeline_input.hpp"
#include "model/json.hpp"

namespace carillon::http {

// Definitions: 001's form of schedules.

/// Where faults of a definition's rule are located.
rule_locations definition_locations();

/// A definition that nothing was said about yet.
schedule_spec definition_defaults();

/// What a body makes of a definition.
struct definition_input {
  schedule_spec spec;
  fault_list faults;
  bool has_rule = true;  ///< False: there is a fault in what the rule is made of.
};

/// The fields of a POST over the defaults; `body` must be an object.
definition_input read_definition(const json::value& body, const pipeline_rules& rules);

/// The fields of a PUT over the definition as it is: what is absent stays, null is the default.
definition_input read_changes(const json::value& body, const schedule_spec& before,
                              const pipeline_rules& rules);

/// Adds the fault of naming an agent that there is not.
void check_creator(bool is_known, definition_input& input);

/// Adds the faults that only the rule itself can tell.
void check_moments(const scheduler& core, instant anchor, definition_input& input);

/// What PUT asks of a schedule. The body must have been read without a fault once; what is decided
/// is read again, from what the definition is then.
schedule_patch patch_of(std::string body, const pipeline_rules& rules);

struct snooze_input {
  duration delay;
  std::string reason;
};
expected<snooze_input> read_snooze(std::string_view body);

}  // namespace carillon::http
