#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/local_command.hpp"
#include "storage/run_log.hpp"
#include "storage/run_log_files.hpp"

namespace carillon::storage {

/// What the lines of one append have in common.
struct line_kind {
  log_stream stream;
  bool continued;

  bool operator==(const line_kind&) const = default;
};

/// Puts lines at the end of a log's files, which it makes when the first line comes. Knows rings,
/// not rules. One thread.
///
/// The order of its writes is what readers rely on: a ring's start before the bytes that are
/// overwritten, then the bytes, then their entry, then the end.
class log_appender {
public:
  log_appender(log_paths paths, const log_rules& rules, std::uint64_t ring, std::size_t piece);

  /// Whole lines, or a piece of one, at most a piece and a newline. False: nothing was kept, and
  /// errno says why.
  [[nodiscard]] bool append(line_kind kind, std::string_view bytes, std::uint64_t lines,
                            instant now);
  /// Ends the last line if it was a piece, so that the next does not stand in it.
  [[nodiscard]] bool end_line();
  /// Notes what is not kept.
  void drop(std::uint64_t bytes, std::uint64_t lines);

  [[nodiscard]] bool empty() const { return header_.lines == 0; }
  [[nodiscard]] std::uint64_t end() const { return header_.end; }
  [[nodiscard]] std::uint64_t lines() const { return header_.lines; }
  /// How many lines will be overwritten once so many bytes more are there.
  [[nodiscard]] std::uint64_t overwritten_after(std::uint64_t bytes) const;

private:
  bool open();
  bool write_at_end(std::string_view bytes);
  [[nodiscard]] bool extends(line_kind kind, std::int64_t time) const;
  void compact_if_mostly_dead();
  bool compact(std::uint64_t dead);

  const log_paths paths_;
  const std::size_t piece_;
  log_file log_;
  log_file index_;
  log_header header_;            ///< As it is on disk, or newer when the disk refused.
  log_entry last_;               ///< The run that the next lines may belong to.
  bool line_ended_ = false;      ///< Whether the last byte is a newline.
  std::uint64_t compaction_at_;  ///< So many entries are a reason to count the dead.
};

}  // namespace carillon::storage
