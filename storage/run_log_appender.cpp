#include "storage/run_log_appender.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include "storage/run_log_view.hpp"

namespace carillon::storage {
namespace {

/// An index of 64 KiB may be as dead as it wants.
constexpr std::uint64_t compaction_entries_min = (64 << 10) / sizeof(log_entry);

/// Another log's removal may take the shelf away between the making of it and of the file.
log_file make(const log_paths& paths, const std::string& name) {
  for (int tries = 0; tries < 3; ++tries) {
    ::mkdir(paths.folder.c_str(), 0700);
    ::mkdir(paths.shelf.c_str(), 0700);
    log_file made{name, O_RDWR | O_CREAT | O_TRUNC};
    if (made || errno != ENOENT)
      return made;
  }
  return {};
}

bool copy_entries(const log_file& from, std::uint64_t place, std::uint64_t count,
                  const log_file& to) {
  std::vector<log_entry> block(compaction_entries_min);
  for (std::uint64_t done = 0; done < count;) {
    const auto step = std::min<std::uint64_t>(block.size(), count - done);
    const auto size = step * sizeof(log_entry);
    if (!from.read(block.data(), size, offset_of_entry(place + done))
        || !to.write(block.data(), size, offset_of_entry(done)))
      return false;
    done += step;
  }
  return true;
}

}  // namespace

log_appender::log_appender(log_paths paths, const log_rules& rules, std::uint64_t ring,
                           std::size_t piece)
    : paths_{std::move(paths)}, piece_{piece}, compaction_at_{compaction_entries_min} {
  header_.on_full = static_cast<std::uint8_t>(rules.on_full);
  header_.bytes_max = rules.bytes_max;
  header_.ring = ring;
}

bool log_appender::open() {
  if (log_ && index_)
    return true;
  // A reader opens the index first: it must not meet the one without the other.
  if (!log_)
    log_ = make(paths_, paths_.log);
  if (!log_)
    return false;
  auto index = make(paths_, paths_.index);
  if (!index || !index.write(header_))
    return false;
  index_ = std::move(index);
  return true;
}

bool log_appender::append(line_kind kind, std::string_view bytes, std::uint64_t lines,
                          instant now) {
  const auto time = now.time_since_epoch().count();
  if (!open())
    return false;
  const bool extended = extends(kind, time);
  if (!write_at_end(bytes))
    return false;
  if (!extended) {
    const log_entry entry{header_.end, header_.lines, time, static_cast<std::uint8_t>(kind.stream),
                          static_cast<std::uint8_t>(kind.continued)};
    if (!index_.write(entry, header_.entries))
      return false;
    last_ = entry;
    ++header_.entries;
  }
  header_.end += bytes.size();
  header_.lines += lines;
  line_ended_ = bytes.ends_with('\n');
  // Not written it is only late: the next one has it all.
  static_cast<void>(index_.write(header_));
  if (header_.entries >= compaction_at_)
    compact_if_mostly_dead();
  return true;
}

bool log_appender::end_line() {
  if (empty() || line_ended_)
    return true;
  if (!write_at_end("\n"))
    return false;
  ++header_.end;
  line_ended_ = true;
  return true;
}

void log_appender::drop(std::uint64_t bytes, std::uint64_t lines) {
  header_.dropped_bytes += bytes;
  header_.dropped_lines += lines;
  if (index_)
    static_cast<void>(index_.write(header_));
}

std::uint64_t log_appender::overwritten_after(std::uint64_t bytes) const {
  const auto end = header_.end + bytes;
  if (empty() || end <= header_.ring)
    return 0;
  const auto start = end - header_.ring;
  if (start >= header_.end)
    return header_.lines;
  log_view view{log_, index_, header_};
  return view.first_line(view.place_of_offset(start), start);
}

bool log_appender::extends(line_kind kind, std::int64_t time) const {
  return header_.entries > 0 && line_ended_ && !kind.continued && last_.continued == 0
         && last_.stream == static_cast<std::uint8_t>(kind.stream) && last_.time == time
         && header_.end - last_.offset < piece_;
}

bool log_appender::write_at_end(std::string_view bytes) {
  const auto ring = header_.ring;
  if (ring == 0)
    return log_.write(bytes.data(), bytes.size(), header_.end);
  const auto end = header_.end + bytes.size();
  if (end > ring && end - ring > header_.start) {
    auto announced = header_;
    announced.start = end - ring;
    if (!index_.write(announced))
      return false;
    header_.start = announced.start;
  }
  const auto place = header_.end % ring;
  const auto first = bytes.substr(0, ring - place);
  const auto second = bytes.substr(first.size());
  return log_.write(first.data(), first.size(), place)
         && log_.write(second.data(), second.size(), 0);
}

// -- the index of a ring ------------------------------------------------------

void log_appender::compact_if_mostly_dead() {
  const auto entries = header_.entries;
  const auto dead = log_view{log_, index_, header_}.place_of_offset(header_.start);
  // A log that was removed meanwhile must not get a name again.
  if (dead > entries / 2 && index_.named() && compact(dead))
    compaction_at_ = std::max(2 * header_.entries, compaction_entries_min);
  else
    compaction_at_ = entries + entries / 8;
}

bool log_appender::compact(std::uint64_t dead) {
  log_file draft{paths_.draft, O_RDWR | O_CREAT | O_TRUNC};
  auto header = header_;
  header.entries -= dead;
  if (!draft || !draft.write(header) || !copy_entries(index_, dead, header.entries, draft)
      || std::rename(paths_.draft.c_str(), paths_.index.c_str()) != 0) {
    ::unlink(paths_.draft.c_str());
    return false;
  }
  // Who has the old one open must not take its start for true when the ring goes on.
  auto replaced = header_;
  replaced.start = start_replaced;
  static_cast<void>(index_.write(replaced));
  index_ = std::move(draft);
  header_ = header;
  return true;
}

}  // namespace carillon::storage
