#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "storage/run_log.hpp"
#include "storage/run_log_view.hpp"

namespace carillon::storage {
namespace {

/// A page is never much longer, whatever its limit.
constexpr std::size_t page_bytes_max = 8 << 20;

/// How often a reader begins again because the ring has passed what it read.
constexpr int tries_max = 16;

problem cannot_read(const std::string& path) {
  return {problem_kind::unavailable, "cannot read " + path + ": " + std::strerror(errno)};
}

problem damaged(const std::string& path) {
  return {problem_kind::corrupt, "the log's index " + path + " is damaged"};
}

struct open_log {
  log_file log;
  log_file index;
  log_header header;
};

/// No value: there is no log.
expected<std::optional<open_log>> open(const log_paths& paths) {
  open_log files;
  files.index = log_file{paths.index, O_RDONLY};
  if (files.index)
    files.log = log_file{paths.log, O_RDONLY};
  if (!files.log)
    return errno == ENOENT || errno == ENOTDIR ? expected<std::optional<open_log>>{std::nullopt}
                                               : cannot_read(paths.index);
  const bool just_made = files.index.size() == 0;
  if (!files.index.read(files.header))
    return just_made ? expected<std::optional<open_log>>{std::nullopt} : damaged(paths.index);
  if (files.header.magic != log_magic || files.header.version != log_version)
    return damaged(paths.index);
  return files;
}

/// Where the ring begins by now: what was read from before it is not true.
std::uint64_t start_now(const open_log& files) {
  log_header header;
  if (files.header.ring == 0)
    return 0;
  return files.index.read(header) ? header.start : start_replaced;
}

/// Reads one log as one header shows it. No value from read() or read_raw(): the ring has passed
/// what was to be read, or the files contradict themselves (broken()).
class log_reader {
public:
  explicit log_reader(const open_log& files)
      : files_{&files}, view_{files.log, files.index, files.header} {
    view_.fit();
  }

  std::optional<log_page> read(std::int64_t from, std::size_t limit);
  std::optional<log_bytes> read_raw(std::uint64_t offset, std::size_t limit);

  [[nodiscard]] bool broken() const {
    return !view_.ok() && start_now(*files_) == files_->header.start;
  }

private:
  void read_oldest();
  void read_lines(std::uint64_t from, std::size_t limit);
  void add_lines(const log_run& run, std::uint64_t from, std::size_t limit);
  bool drop_overwritten(std::uint64_t start);

  const open_log* files_;
  log_view view_;
  log_run oldest_;  ///< Where the log begins now. Without bytes when it was never cut.
  log_page page_;
  std::vector<std::uint64_t> offsets_;  ///< Of the page's lines.
  std::size_t page_bytes_ = 0;
};

std::optional<log_page> log_reader::read(std::int64_t from, std::size_t limit) {
  read_oldest();
  page_.total_lines = static_cast<std::int64_t>(view_.header().lines);
  const auto wanted = from < 0 ? page_.total_lines + from : from;
  if (view_.ok() && wanted < page_.total_lines)
    read_lines(static_cast<std::uint64_t>(std::max(wanted, page_.first_available)), limit);
  const auto start = start_now(*files_);
  if (!view_.ok() || (start != files_->header.start && !drop_overwritten(start)))
    return std::nullopt;
  return std::move(page_);
}

std::optional<log_bytes> log_reader::read_raw(std::uint64_t offset, std::size_t limit) {
  const auto& header = view_.header();
  if (offset < header.start) {
    read_oldest();
    offset = oldest_.lines.empty() ? oldest_.next_offset : oldest_.offset(0);
  }
  offset = std::min(offset, header.end);
  const auto size = std::min<std::uint64_t>(limit, header.end - offset);
  if (!view_.ok())
    return std::nullopt;
  log_bytes found{view_.bytes(offset, size), offset, header.end};
  const auto start = start_now(*files_);
  if (!view_.ok() || (start != files_->header.start && start >= offset))
    return std::nullopt;
  return found;
}

void log_reader::read_oldest() {
  const auto& header = view_.header();
  if (header.start > 0) {
    oldest_.next_offset = header.end;
    oldest_.next_line = header.lines;
    if (header.entries > 0)
      oldest_ = view_.run(view_.place_of_offset(header.start), header.start);
  }
  page_.first_available =
      static_cast<std::int64_t>(oldest_.lines.empty() ? oldest_.next_line : oldest_.number(0));
}

void log_reader::read_lines(std::uint64_t from, std::size_t limit) {
  const auto& header = view_.header();
  auto place = std::max(view_.place_of_line(from), view_.place_of_offset(header.start));
  for (; place < header.entries && page_.lines.size() < limit && page_bytes_ < page_bytes_max;
       ++place) {
    const auto run = view_.run(place, header.start);
    if (!view_.ok())
      return;
    add_lines(run, from, limit);
  }
}

void log_reader::add_lines(const log_run& run, std::uint64_t from, std::size_t limit) {
  const auto first = run.next_line - run.lines.size();
  for (std::size_t at = from > first ? from - first : 0; at < run.lines.size(); ++at) {
    if (page_.lines.size() >= limit || page_bytes_ >= page_bytes_max)
      return;
    const auto text = run.text(at);
    page_bytes_ += text.size();
    offsets_.push_back(run.offset(at));
    page_.lines.push_back(
        {static_cast<std::int64_t>(run.number(at)), instant{duration{run.head.time}},
         static_cast<log_stream>(run.head.stream), std::string{text}, run.head.continued != 0});
  }
}

/// Leaves what a writer has not overwritten meanwhile. False: too little to say where the log
/// begins, or nothing of the page.
bool log_reader::drop_overwritten(std::uint64_t start) {
  if (oldest_.next_offset < start)
    return false;
  // A line that begins at the start was found by the byte before it, which is not true any more;
  // where a run begins is known from its entry.
  const auto first = oldest_.next_offset == start ? start : start + 1;
  std::size_t oldest = 0;
  while (oldest < oldest_.lines.size() && oldest_.offset(oldest) < first)
    ++oldest;
  page_.first_available = static_cast<std::int64_t>(
      oldest < oldest_.lines.size() ? oldest_.number(oldest) : oldest_.next_line);
  const auto gone = std::lower_bound(offsets_.begin(), offsets_.end(), first) - offsets_.begin();
  page_.lines.erase(page_.lines.begin(), page_.lines.begin() + gone);
  return gone == 0 || !page_.lines.empty();
}

/// Asks a reader of the log for something, again when a writer was faster than it. Without a log,
/// or when the writer stays faster, `nothing` is made from the header.
template <class Answer, class Ask, class Nothing>
expected<Answer> read_log(const log_paths& paths, Ask ask, Nothing nothing) {
  log_header header;
  for (int tries = 0; tries < tries_max; ++tries) {
    const auto files = open(paths);
    if (!files)
      return files.error();
    if (!*files)
      return Answer{};
    if ((*files)->header.start == start_replaced)
      continue;
    header = (*files)->header;
    log_reader reader{**files};
    if (auto answer = ask(reader))
      return *std::move(answer);
    if (reader.broken())
      return damaged(paths.index);
    ::sched_yield();
  }
  return nothing(header);
}

bool remove_file(const std::string& path) {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR;
}

}  // namespace

std::string_view to_string(log_stream stream) {
  switch (stream) {
    case log_stream::out:
      return "stdout";
    case log_stream::err:
      return "stderr";
    case log_stream::system:
      break;
  }
  return "system";
}

run_logs::run_logs(std::string folder) : folder_{std::move(folder)} {}

expected<log_page> run_logs::read(const task_id& run, std::int64_t from, std::size_t limit) const {
  return read_log<log_page>(
      paths_of(folder_, run),
      [from, limit](log_reader& reader) { return reader.read(from, limit); },
      [](const log_header& header) {
        const auto lines = static_cast<std::int64_t>(header.lines);
        return log_page{{}, lines, lines};
      });
}

expected<log_bytes> run_logs::read_raw(const task_id& run, std::uint64_t offset,
                                       std::size_t limit) const {
  return read_log<log_bytes>(
      paths_of(folder_, run),
      [offset, limit](log_reader& reader) { return reader.read_raw(offset, limit); },
      [](const log_header& header) {
        return log_bytes{{}, header.end, header.end};
      });
}

void run_logs::for_each(const std::function<void(const task_id&)>& visit) const {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator at{folder_, error}, end; !error && at != end;
       at.increment(error)) {
    const auto& path = at->path();
    if (path.extension() != ".log")
      continue;
    if (const auto run = parse_task_id(path.stem().string()))
      visit(*run);
  }
}

bool run_logs::remove(const task_id& run) const {
  const auto paths = paths_of(folder_, run);
  // The index first: without it there is no log.
  bool removed = remove_file(paths.index);
  removed = remove_file(paths.draft) && removed;
  removed = remove_file(paths.log) && removed;
  ::rmdir(paths.shelf.c_str());  // the last log of a shelf takes it along
  return removed;
}

}  // namespace carillon::storage
