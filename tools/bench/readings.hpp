#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace carillon::bench {

/// A process at one moment, from /proc.
struct process_reading {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t resident_bytes_peak = 0;
  std::uint64_t write_calls = 0;    ///< syscw
  std::uint64_t written_bytes = 0;  ///< write_bytes: to the block layer
  std::uint64_t threads = 0;
  std::uint64_t descriptors = 0;  ///< That are open.
};

/// The machine at one moment, since it was started.
struct machine_reading {
  double busy_seconds = 0;   ///< All processors, all processes, without steal.
  double steal_seconds = 0;  ///< Taken by the host.
  /// Flushes that the disk under a directory was asked for: each fdatasync is one, unless the file
  /// system merges two. Counts those of all processes.
  std::optional<std::uint64_t> disk_flushes;
};

std::optional<process_reading> read_process(pid_t process);
machine_reading read_machine(const std::filesystem::path& directory);

/// CPU that this process used, all threads.
double own_cpu_seconds();

/// What a server has started and not yet seen the end of.
struct child_count {
  std::uint64_t alive = 0;
  std::uint64_t zombies = 0;  ///< Ended, and not yet waited for.
};
/// Those that are alive are known by the data folder in their environment, wherever they have gone.
child_count count_children(pid_t server, const std::filesystem::path& data);

/// What the files below a directory take of the disk.
std::uint64_t disk_bytes(const std::filesystem::path& directory);

/// What the disk gives now: appends of 600 bytes, each with fdatasync, for half a second. A
/// second's worth; 0 when the directory cannot be written.
double measure_syncs_per_second(const std::filesystem::path& directory);

/// Syncs cost nothing there: the directory lies in memory.
bool lies_in_memory(const std::filesystem::path& directory);

/// "2 x AMD EPYC, Linux 6.1.0": for the reader of a result.
std::string describe_machine();

}  // namespace carillon::bench
