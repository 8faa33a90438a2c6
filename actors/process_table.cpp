#include "actors/process_table.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

#include "actors/descriptor.hpp"

namespace carillon {
namespace {

enum class reading { done, gone, failed };

struct close_folder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

template <class Number>
bool to_number(std::string_view text, Number& number) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && stop == text.data() + text.size();
}

/// Reads proc_pid_stat(5). A name may hold anything, also ')': the last one ends it.
std::optional<process_entry> parse_stat(pid_t pid, std::string_view text) {
  constexpr std::size_t state = 0, parent = 1, group = 2, session = 3, threads = 17, start = 19;
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos)
    return std::nullopt;
  text.remove_prefix(name_end + 1);
  std::array<std::string_view, start + 1> fields;
  for (auto& field : fields) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    field = text.substr(0, text.find(' '));
    text.remove_prefix(field.size());
  }
  process_entry entry{};
  entry.pid = pid;
  int thread_count = 0;
  if (!to_number(fields[parent], entry.parent) || !to_number(fields[group], entry.group)
      || !to_number(fields[session], entry.session) || !to_number(fields[threads], thread_count)
      || !to_number(fields[start], entry.start))
    return std::nullopt;
  // A process whose first thread has ended looks like a zombie while the others work.
  entry.alive = (fields[state] != "Z" && fields[state] != "X") || thread_count > 1;
  return entry;
}

reading read_stat(pid_t pid, process_entry& entry) {
  const auto path = "/proc/" + std::to_string(pid) + "/stat";
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file)
    return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? reading::failed : reading::gone;
  std::array<char, 1024> buffer;
  const auto bytes = ::read(file.get(), buffer.data(), buffer.size());
  if (bytes <= 0)
    return reading::gone;
  const auto parsed = parse_stat(pid, {buffer.data(), static_cast<std::size_t>(bytes)});
  if (!parsed)
    return reading::failed;
  entry = *parsed;
  return reading::done;
}

}  // namespace

std::optional<std::vector<process_entry>> read_process_table() {
  const std::unique_ptr<DIR, close_folder> folder{::opendir("/proc")};
  if (!folder)
    return std::nullopt;
  std::vector<process_entry> table;
  while (const auto* const each = ::readdir(folder.get())) {
    pid_t pid = 0;
    if (!to_number(std::string_view{each->d_name}, pid))
      continue;
    process_entry entry{};
    const auto result = read_stat(pid, entry);
    if (result == reading::failed)
      return std::nullopt;
    if (result == reading::done)
      table.push_back(entry);
  }
  std::sort(table.begin(), table.end(),
            [](const auto& one, const auto& other) { return one.pid < other.pid; });
  return table;
}

std::optional<process_entry> read_process(pid_t pid) {
  process_entry entry{};
  if (read_stat(pid, entry) != reading::done)
    return std::nullopt;
  return entry;
}

std::string environment_value(pid_t pid, std::string_view name) {
  const auto path = "/proc/" + std::to_string(pid) + "/environ";
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file)
    return {};
  std::string all;
  std::array<char, 16384> piece;
  for (ssize_t bytes = 0; (bytes = ::read(file.get(), piece.data(), piece.size())) > 0;)
    all.append(piece.data(), static_cast<std::size_t>(bytes));
  for (std::string_view left = all; !left.empty();) {
    const auto entry = left.substr(0, left.find('\0'));
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
      return std::string{entry.substr(name.size() + 1)};
    left.remove_prefix(std::min(entry.size() + 1, left.size()));
  }
  return {};
}

}  // namespace carillon
