#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/agent.hpp"
#include "model/problem.hpp"
#include "model/schedule.hpp"

namespace carillon::storage {

// Rows of schedules, under the same rules of change as those of tasks (storage/task_record.hpp).

/// The definition: written at creation and by edits.
std::string encode_schedule_spec(const schedule& subject);
/// All else: written by every decision.
std::string encode_schedule_state(const schedule& subject);
/// The problem is of kind corrupt.
expected<schedule> decode_schedule(const schedule_id& id, std::string_view spec_row,
                                   std::string_view state_row);

std::string encode_agent(const agent& subject);
expected<agent> decode_agent(std::string_view row);

/// Of what people may change: another one after each change by a request, the same while the
/// schedule only goes on. Not on disk: it may be another one in the next release.
std::uint64_t version_of(const schedule& subject);

}  // namespace carillon::storage
