#include "http/process_figures.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace carillon::http {
namespace {

// Places in /proc/self/stat behind the name, from 0; see proc(5).
enum : std::size_t {
  user_ticks = 11,
  system_ticks = 12,
  threads = 17,
  started = 19,
  size = 20,
  resident_pages = 21,
  places = 22
};

/// The numbers behind "(name) S"; the name may hold anything.
std::vector<std::uint64_t> read_stat() {
  std::ifstream file{"/proc/self/stat"};
  std::string line;
  std::getline(file, line);
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos)
    return {};
  std::istringstream rest{line.substr(end_of_name + 1)};
  std::string state;
  rest >> state;
  std::vector<std::uint64_t> numbers(1);  // the state's place
  for (std::int64_t number = 0; rest >> number;)
    numbers.push_back(static_cast<std::uint64_t>(number));
  return numbers;
}

/// When the machine began, in seconds since 1970.
double boot_time() {
  std::ifstream file{"/proc/stat"};
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds)
      return seconds;
  }
  return 0;
}

std::uint64_t count_open_files() {
  std::error_code ignored;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator at{"/proc/self/fd", ignored}, end; at != end;
       at.increment(ignored))
    ++count;
  return count;
}

}  // namespace

std::optional<process_figures> look_at_process() {
  const auto stat = read_stat();
  if (stat.size() < places)
    return std::nullopt;
  const auto tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  process_figures found;
  found.cpu_seconds = static_cast<double>(stat[user_ticks] + stat[system_ticks]) * tick;
  found.start_time_seconds = boot_time() + static_cast<double>(stat[started]) * tick;
  found.resident_bytes = stat[resident_pages] * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  found.virtual_bytes = stat[size];
  found.threads = stat[threads];
  found.open_files = count_open_files();
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0)
    found.open_files_max = files.rlim_cur;
  return found;
}

}  // namespace carillon::http
