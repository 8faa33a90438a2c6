#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon {

/// What /proc tells of a process.
struct process_entry {
  pid_t pid;
  pid_t parent;
  pid_t group;
  pid_t session;
  std::uint64_t start;  ///< Ticks since boot: with the pid, it names a process for ever.
  bool alive;           ///< Not a zombie.
};

/// All processes, by rising pid. Empty when /proc cannot be read (out of descriptors): then nothing
/// is known. What starts while it is read may be missing.
std::optional<std::vector<process_entry>> read_process_table();

/// Empty: there is none.
std::optional<process_entry> read_process(pid_t pid);

/// A variable of the environment that a process was started with. Empty: unset, or not readable.
std::string environment_value(pid_t pid, std::string_view name);

}  // namespace carillon
