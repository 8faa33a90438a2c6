#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/api.hpp"
#include "http/body_reader.hpp"
#include "model/schedule.hpp"

namespace carillon::http {

// Bodies into definitions: all faults at once, nothing half done. Each reader works over what is
// there already: an absent field stays as it is, null gives its default. A creation begins with the
// defaults of its surface.

/// What 003 has when a definition says nothing.
schedule_spec native_schedule_defaults();

enum class reading {
  whole,   ///< What the rule needs must be there.
  change,  ///< What is absent is known already.
};

/// When it fires: `cron`, or `schedule_kind` and `schedule_expr`; `timezone`, `dst`, `start_at`,
/// `end_at`.
void read_rule(body_reader& in, fault_list& faults, schedule_spec& spec, reading how);

/// Where the faults belong that only the rule itself can tell.
rule_locations locate_rule(body_reader& in);

/// Adds what only the rule can tell: that it cannot be read, or never fires.
void check_rule(const api& with, const schedule_spec& spec, const rule_locations& locations,
                fault_list& faults);

/// What becomes of its moments: `catch_up...`, `on_overlap`, `parallelism`, `queue_limit`, `lead`,
/// `jitter`, `dedupe_...`.
void read_moment_policies(body_reader& in, schedule_spec& spec);

/// `task_template`, whose own fields are read over what is there.
void read_template(const api& with, body_reader& in, fault_list& faults, task_template& work,
                   reading how);

/// The body of POST /v1/schedules. `knows_creator`: false when there is no such agent as it names.
expected<new_schedule> read_new_schedule(const api& with, std::string_view body,
                                         bool knows_creator);

/// The body of PATCH /v1/schedules/{id}, checked when the change is made. Empty: it changes
/// nothing. Malformed text is a problem at once.
expected<std::optional<schedule_patch>> read_schedule_patch(const api& with, std::string body);

}  // namespace carillon::http
