#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/run_log_files.hpp"

namespace carillon::storage {

/// The bytes of a run, cut into lines.
struct log_run {
  log_entry head;
  std::uint64_t next_offset = 0;     ///< Where the next run begins,
  std::uint64_t next_line = 0;       ///< and with which line.
  std::string bytes;                 ///< Up to there, from `head` or from where the ring is cut.
  std::vector<std::uint32_t> lines;  ///< Where each begins in `bytes`.

  [[nodiscard]] std::uint64_t offset(std::size_t line) const {
    return next_offset - bytes.size() + lines[line];
  }
  /// Counted from the end: what was before a cut cannot be counted any more.
  [[nodiscard]] std::uint64_t number(std::size_t line) const {
    return next_line - lines.size() + line;
  }
  [[nodiscard]] std::string_view text(std::size_t line) const;
};

/// Looks at a log as one header describes it. The files may change meanwhile: a line of a ring is
/// true only if the start in the file is not beyond it afterwards.
///
/// Bytes that cannot be read or contradict each other make ok() false; what was returned then and
/// after has no meaning. The files are not owned and outlive the view.
class log_view {
public:
  log_view(const log_file& log, const log_file& index, const log_header& header);

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] const log_header& header() const { return header_; }

  /// Cuts the header to what the files really have: a machine may stop between two writes.
  void fit();

  /// The entry of that place; behind the last one, where the log ends.
  log_entry entry(std::uint64_t place);
  /// The last entry that does not begin after it; 0 when all do.
  std::uint64_t place_of_offset(std::uint64_t offset);
  std::uint64_t place_of_line(std::uint64_t line);

  /// The run of that place without what lies before `start`, and without a line that `start` cuts.
  log_run run(std::uint64_t place, std::uint64_t start);
  /// The number of the first line of that run; of the next run's when it has none. Cheaper than
  /// to cut it into lines.
  std::uint64_t first_line(std::uint64_t place, std::uint64_t start);
  /// `size` bytes from there on, around the ring.
  std::string bytes(std::uint64_t offset, std::size_t size);

private:
  template <class Holds>
  std::uint64_t last_place(Holds holds);
  log_run uncut_run(std::uint64_t place, std::uint64_t start);
  void fit_index();
  void fit_log();

  const log_file* log_;
  const log_file* index_;
  log_header header_;
  bool ok_ = true;
  std::array<log_entry, 128> block_;  ///< Entries from block_at_ on.
  std::uint64_t block_at_ = 0;
  std::size_t block_size_ = 0;
};

}  // namespace carillon::storage
