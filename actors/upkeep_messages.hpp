#pragma once

#include <caf/all.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "model/task_lifecycle.hpp"
#include "storage/retention_scan.hpp"
#include "storage/task_store.hpp"

// What is said when the server looks after itself. Never leaves the process.

namespace carillon {

// -- to any of the many ---------------------------------------------------------

/// How many messages wait for you? Told to whoever asks at any time, on the actor's thread.
struct tell_mailbox {
  std::function<void(std::size_t)> reply;
};

// -- to the watchdog ------------------------------------------------------------

/// INTERNAL: look around.
struct look_around {};
/// INTERNAL: moments that passed some time ago and still stand in the store.
struct overdue_found {
  std::vector<storage::due_moment> timers;
  std::vector<std::string> changed_zones;
};

// -- to the sweeper -------------------------------------------------------------

/// INTERNAL: it may be time for the next sweep.
struct sweep_when_due {};
/// INTERNAL: tasks that may go.
struct old_tasks_found {
  storage::retention_piece piece;
};
/// INTERNAL: they are gone, or have reasons to stay.
struct old_tasks_decided {
  std::vector<expected<task_ptr>> outcomes;
};

}  // namespace carillon

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::tell_mailbox)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::look_around)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::overdue_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::sweep_when_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::old_tasks_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::old_tasks_decided)
