#pragma once

#include <vector>

#include "actors/house.hpp"
#include "model/schedule_lifecycle.hpp"
#include "storage/schedule_store.hpp"

// What a keeper and an awake schedule both do with a decision: save it, and act on it once it is on
// disk.

namespace carillon {

schedule_lifecycle::surroundings surroundings_of(const house& home, const schedule_id& id);

/// All rows of a decision: one batch. `before` is null for a new schedule.
void encode(const schedule_lifecycle::decision& made, const schedule* before,
            storage::change_set& out);

/// Timers and offers of a decision that is on disk. Returns the tasks it made.
std::vector<task_ptr> announce(const house& home, schedule_lifecycle::decision& done,
                               const schedule* before, const hold& until_decided);

/// The same, for several decisions that are announced together.
std::vector<task_ptr> announce(schedule_lifecycle::decision& done, const schedule* before,
                               announcements& told);

/// Nothing was written.
void take_back(const house& home, const schedule_lifecycle::decision& lost);

/// Tells a task what its schedule decided, again and again while the disk is full. `heard` is
/// called, on any thread, when it is carried out or refused.
void send_order(const house& home, const schedule_lifecycle::order& word, const hold& until_decided,
                std::function<void()> heard);

}  // namespace carillon
