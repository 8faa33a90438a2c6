#pragma once

#include "actors/answer.hpp"
#include "actors/house.hpp"
#include "storage/mark_record.hpp"

namespace carillon {

/// Saves what the asker's request leaves in the store together with what it asked for, which is
/// about `made`, if
/// that has an id.
template <class T>
void leave_mark(const answer<T>& asker, const std::optional<task_id>& made,
                storage::change_set& out) {
  if (asker.mark())
    storage::leave_mark(*asker.mark(), made, out);
}

/// Removes records of changes and kept answers whose time is over, a piece at a time.
void sweep_marks(const house& home);

}  // namespace carillon
