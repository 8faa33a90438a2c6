#pragma once

#include <string>

#include "model/json.hpp"

namespace carillon::http {

/// Checks the payload of a definition, {"pipeline": [step, ...], "params": {...}}, and adds what is
/// wrong with it to `faults`. `location` is the payload's own.
void check_pipeline(const json::value& payload, const std::string& location, fault_list& faults);

}  // namespace carillon::http
