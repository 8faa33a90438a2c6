#pragma once

#include <optional>
#include <string>

#include "http/body_reader.hpp"
#include "model/json.hpp"

namespace carillon::http {

/// What this server lets a pipeline do.
struct pipeline_rules {
  bool allows_commands = false;  ///< command.run
};

/// Checks the payload of a definition, {"pipeline": [step, ...], "params": {...}}, and adds what is
/// wrong with it to `faults`. `location` is the payload's own.
void check_pipeline(const json::value& payload, const pipeline_rules& rules,
                    const std::string& location, fault_list& faults);

/// `pipeline` and, beside it, `params`: the payload that they make. Empty without a pipeline.
/// Fields that say otherwise what runs are refused beside it.
std::optional<std::string> read_pipeline_fields(body_reader& in, const pipeline_rules& rules,
                                                fault_list& faults);

}  // namespace carillon::http
