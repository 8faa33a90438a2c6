#pragma once

#include <sys/types.h>

#include "actors/descriptor.hpp"
#include "actors/process_plan.hpp"

namespace carillon {

/// A child of ours that leads a session and a process group of its own.
struct spawned_process {
  pid_t pid;
  descriptor pidfd;  ///< Readable when it has ended.
  descriptor out;    ///< What it prints, as its error output below; does not block.
  descriptor err;
};

/// Starts a process with an empty stdin, the default disposition of all signals, none of them
/// blocked, and no descriptor but 0, 1 and 2. `what` is what was planned, for the problem: exec's
/// is told too.
expected<spawned_process> spawn_process(const local_command& what, const process_plan& plan);

}  // namespace carillon
