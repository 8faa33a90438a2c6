#include "tools/bench/readings.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "tools/bench/clock.hpp"

namespace carillon::bench {

namespace fs = std::filesystem;

namespace {

std::string read_text(const fs::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The number after `name` in lines such as "VmRSS:   123 kB"; 0 when it is not there.
std::uint64_t number_after(const std::string& text, const std::string& name) {
  const auto begin = text.find(name);
  if (begin == std::string::npos)
    return 0;
  std::istringstream rest{text.substr(begin + name.size())};
  std::uint64_t value = 0;
  rest >> value;
  return value;
}

double ticks_to_seconds(std::uint64_t ticks) {
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double to_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t count_entries(const fs::path& folder) {
  std::uint64_t count = 0;
  std::error_code ignored;  // the process may be gone
  for (fs::directory_iterator each{folder, ignored}, end; each != end; each.increment(ignored))
    ++count;
  return count;
}

/// What the kernel says of a process behind its name, which may hold anything, blanks too: state,
/// parent, ... Fails at once when the process is gone.
std::istringstream read_stat(const fs::path& folder) {
  const auto stat = read_text(folder / "stat");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) {
    std::istringstream none;
    none.setstate(std::ios::failbit);
    return none;
  }
  return std::istringstream{stat.substr(name_end + 1)};
}

std::optional<std::uint64_t> read_disk_flushes(const fs::path& directory) {
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0)
    return std::nullopt;
  std::ifstream in{
      fmt::format("/sys/dev/block/{}:{}/stat", major(info.st_dev), minor(info.st_dev))};
  constexpr int fields_before_flushes = 15;
  std::uint64_t value = 0;
  for (int field = 0; field < fields_before_flushes; ++field)
    in >> value;
  if (!(in >> value))
    return std::nullopt;
  return value;
}

}  // namespace

std::optional<process_reading> read_process(pid_t process) {
  const auto folder = fs::path{"/proc"} / std::to_string(process);
  auto fields = read_stat(folder);
  std::string skipped;
  constexpr int fields_before_utime = 11;
  for (int field = 0; field < fields_before_utime; ++field)
    fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  if (!(fields >> user >> system))
    return std::nullopt;
  const auto status = read_text(folder / "status");
  const auto io = read_text(folder / "io");
  process_reading result;
  result.cpu_seconds = ticks_to_seconds(user + system);
  result.resident_bytes = number_after(status, "VmRSS:") * 1024;
  result.resident_bytes_peak = number_after(status, "VmHWM:") * 1024;
  result.threads = number_after(status, "Threads:");
  result.descriptors = count_entries(folder / "fd");
  result.write_calls = number_after(io, "syscw:");
  result.written_bytes = number_after(io, "\nwrite_bytes:");
  return result;
}

child_count count_children(pid_t server, const fs::path& data) {
  const auto mark = "CARILLON_DATA=" + data.string() + '\0';
  child_count result;
  std::error_code ignored;  // processes come and go while we look
  for (fs::directory_iterator each{"/proc", ignored}, end; each != end; each.increment(ignored)) {
    const auto& folder = each->path();
    if (folder.filename().native().find_first_not_of("0123456789") != std::string::npos)
      continue;
    char state = 0;
    pid_t parent = 0;
    read_stat(folder) >> state >> parent;
    if (state == 'Z')
      result.zombies += parent == server ? 1 : 0;
    else
      result.alive += read_text(folder / "environ").find(mark) != std::string::npos ? 1 : 0;
  }
  return result;
}

machine_reading read_machine(const fs::path& directory) {
  std::ifstream in{"/proc/stat"};
  std::string word;
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, io_wait = 0, irq = 0, soft_irq = 0;
  std::uint64_t steal = 0;
  in >> word >> user >> nice >> system >> idle >> io_wait >> irq >> soft_irq >> steal;
  machine_reading result;
  result.busy_seconds = ticks_to_seconds(user + nice + system + irq + soft_irq);
  result.steal_seconds = ticks_to_seconds(steal);
  result.disk_flushes = read_disk_flushes(directory);
  return result;
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return to_seconds(usage.ru_utime) + to_seconds(usage.ru_stime);
}

std::uint64_t disk_bytes(const fs::path& directory) {
  std::uint64_t blocks = 0;
  std::error_code ignored;  // a file may go while we look
  for (fs::recursive_directory_iterator each{directory, ignored}, end; each != end;
       each.increment(ignored)) {
    struct stat info {};
    if (::lstat(each->path().c_str(), &info) == 0)
      blocks += static_cast<std::uint64_t>(info.st_blocks);
  }
  return blocks * 512;
}

double measure_syncs_per_second(const fs::path& directory) {
  const auto file = directory / "sync_probe";
  const auto handle = ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (handle < 0)
    return 0;
  std::array<char, 600> block;
  block.fill('x');
  const auto begin = steady_now();
  std::uint64_t count = 0;
  auto passed = std::chrono::nanoseconds{0};
  while (passed < std::chrono::milliseconds{500}) {
    if (::write(handle, block.data(), block.size()) < 0 || ::fdatasync(handle) != 0)
      break;
    ++count;
    passed = steady_now() - begin;
  }
  ::close(handle);
  ::unlink(file.c_str());
  return passed.count() > 0 ? static_cast<double>(count) / bench::to_seconds(passed) : 0;
}

bool lies_in_memory(const fs::path& directory) {
  struct statfs info {};
  return ::statfs(directory.c_str(), &info) == 0
         && (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC);
}

std::string describe_machine() {
  utsname system{};
  uname(&system);
  const auto processors = read_text("/proc/cpuinfo");
  const auto begin = processors.find("model name");
  const auto colon = processors.find(':', begin);
  auto model = begin == std::string::npos
                   ? std::string{system.machine}
                   : processors.substr(colon + 2, processors.find('\n', colon) - colon - 2);
  return fmt::format("{} x {}, {} {}", std::thread::hardware_concurrency(), model, system.sysname,
                     system.release);
}

}  // namespace carillon::bench
