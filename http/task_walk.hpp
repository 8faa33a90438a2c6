#pragma once

#include <functional>

#include "actors/scheduler.hpp"

namespace carillon::http {

/// Goes through all matching tasks, newest first, a page at a time: memory stays small and no
/// thread waits. `each` gives false when it has seen enough. `done` is called once, at the end or
/// with why there is none. `core` must outlive the walk.
void walk_tasks(const scheduler& core, storage::task_filter filter,
                std::function<bool(const task&)> each, std::function<void(expected<void>)> done);

}  // namespace carillon::http
