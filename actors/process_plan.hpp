#pragma once

#include <string>
#include <vector>

#include "actors/command_port.hpp"
#include "model/problem.hpp"

namespace carillon {

/// Marks the environment of each command: which run it is of, and of which server's data.
inline constexpr std::string_view run_variable = "CARILLON_RUN_ID";
inline constexpr std::string_view data_variable = "CARILLON_DATA";

/// All that the kernel is told about a process to start.
struct process_plan {
  std::string program;  ///< A path; without a slash in front it is one below `directory`.
  std::vector<std::string> args;
  std::vector<std::string> environment;  ///< "NAME=value"
  std::string directory;                 ///< Empty: the server's.
};

/// What is known to be impossible is refused here: a missing program or directory, an unknown user.
/// The detail is "cannot start <program>: <reason>".
///
/// A command gets few of the server's own variables: those secrets are kept in stay out. Another
/// user and the limit of processes are put on by setpriv(1) and prlimit(1), which then become the
/// command: code of ours between fork and exec could do it only at the price of a fork that copies
/// the server's page tables.
expected<process_plan> make_process_plan(const command_call& call, const std::string& data_folder);

/// The problem that says why a command cannot start.
problem cannot_start(const local_command& what, const std::string& reason);
/// As above, for a value of errno.
problem cannot_start(const local_command& what, int error);

}  // namespace carillon
