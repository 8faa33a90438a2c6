#pragma once

#include <string>
#include <vector>

#include "model/task_lifecycle.hpp"

// Deliveries to a group of addresses: each is a part of the task, done by a child with the task's
// own retries. For model/task_pipeline.cpp alone.

namespace carillon::lifecycle {

/// Begins the deliveries that have not been made yet, or ends the attempt when there are none.
void deliver_to_group(decision& made, const std::vector<std::string>& urls, instant now);

/// One of them has ended.
void group_child_ended(decision& made, const part_id& part, const event::child_ended& news,
                       instant now);

}  // namespace carillon::lifecycle
