#pragma once

#include <functional>
#include <variant>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

// Events of schedules that need something from the store or a compiled rule before they can be
// decided. All of this runs on the threads of lookups.

namespace carillon {

/// Makes the event that can be decided, or says why it cannot.
using preparation = std::function<expected<schedule_change>(const storage::task_store&)>;

/// Null: `what` is a schedule_change that can be decided as it is.
preparation preparation_of(const std::variant<schedule_change, schedule_patch>& what,
                           const schedule_lifecycle::state& subject, const house& home);

/// A rule for a definition: compiled, and checked to have a moment after `now`. `anchor` is the
/// creation of its schedule.
expected<recurrence> compile_rule(const schedule_spec& spec, instant anchor, instant now,
                                  const zone_source& zones, const rule_locations& locations);

/// A schedule with its tasks and its rule, as the store holds them; empty when there is none.
expected<std::optional<schedule_lifecycle::state>> load_schedule(const storage::task_store& store,
                                                                 const zone_source& zones,
                                                                 const schedule_id& id);

}  // namespace carillon
