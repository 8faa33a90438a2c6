#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/local_command.hpp"
#include "model/problem.hpp"
#include "model/task_id.hpp"

namespace carillon::storage {

/// Where a line came from. The numbers are on disk: append only.
enum class log_stream : std::uint8_t { out, err, system };
/// "stdout", "stderr", "system"
std::string_view to_string(log_stream stream);

struct log_line {
  std::int64_t number;  ///< From 0.
  instant time;
  log_stream stream;
  std::string text;        ///< Bytes as they came, without the newline; perhaps not UTF-8.
  bool continued = false;  ///< Goes on with the line before it, which was longer than a piece.
};

/// Some lines of a log, and what is known of all of it.
struct log_page {
  std::vector<log_line> lines;       ///< Rising numbers.
  std::int64_t first_available = 0;  ///< Lines before it were overwritten.
  std::int64_t total_lines = 0;      ///< Also those that were overwritten.
};

/// Some bytes of a log.
struct log_bytes {
  std::string bytes;
  std::uint64_t offset = 0;  ///< Of the first of them, counted from the first byte ever kept.
  std::uint64_t end = 0;     ///< What the log reached so far.
};

/// Keeps what a command prints. One thread. Files appear with the first byte.
class run_log_writer {
public:
  virtual ~run_log_writer() = default;

  enum class verdict {
    kept,
    full,  ///< The rules say that the command must end now (kill_task). A marker is written.
  };
  /// What came on a stream, at that time, in pieces of any size.
  virtual verdict append(log_stream stream, std::string_view bytes, instant now) = 0;
  /// Keeps what has waited for the end of its line for a second or longer, such as a prompt. To be
  /// called now and then.
  virtual verdict flush(instant now) = 0;
  /// Keeps lines that have no end yet, and says how much was dropped. At most once.
  virtual void finish(instant now) = 0;
};

/// The logs of all attempts, one or two files each in a folder of their own. Any thread.
///
/// Output is kept best effort: it survives the end of the server, but it is not synced to disk.
class run_logs {
public:
  explicit run_logs(std::string folder);

  /// A disk that is full or broken loses output, never the run: it is noted in the log and in
  /// the next marker.
  [[nodiscard]] std::unique_ptr<run_log_writer> create(const task_id& run, log_rules rules) const;

  /// At most `limit` lines (and about 8 MiB) from line `from` on; a negative one counts from the
  /// end. A log without a byte is an empty page.
  [[nodiscard]] expected<log_page> read(const task_id& run, std::int64_t from,
                                        std::size_t limit) const;
  /// At most `limit` bytes from `offset` on, or from the first that is still there. Empty at the
  /// end.
  [[nodiscard]] expected<log_bytes> read_raw(const task_id& run, std::uint64_t offset,
                                             std::size_t limit) const;

  /// Calls `visit` for every attempt that has a log, in no order.
  void for_each(const std::function<void(const task_id& run)>& visit) const;

  /// Removes what there is. False: the disk refused.
  bool remove(const task_id& run) const;

private:
  std::string folder_;
};

}  // namespace carillon::storage
