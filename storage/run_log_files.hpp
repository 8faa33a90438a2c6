#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "model/task_id.hpp"

/// How the output of an attempt lies on disk. Nothing outside storage/run_log*.cpp includes this.
///
/// <uuid>.log holds the lines as they were printed, and the markers between them. When old output
/// makes room for new it is a ring: the byte with the logical offset n is at n % ring.
///
/// <uuid>.idx is a log_header and then log_entries. An entry stands for a run of lines: all that
/// lies between its offset and the next one's (the header's end for the last). In a run a line ends
/// with its newline or, the last one only, with the run.
///
/// Numbers are little-endian. To change the layout: increase log_version and go on reading older
/// files for as long as runs are kept.
namespace carillon::storage {

inline constexpr std::uint32_t log_magic = 0x474f4c43;  ///< "CLOG"
inline constexpr std::uint16_t log_version = 1;

/// A line without an end is kept in pieces of at most this many bytes.
inline constexpr std::size_t piece_bytes_max = 64 << 10;
/// A run is not extended once it has the length of a piece, so that a reader needs little memory:
/// two pieces, and a newline that a marker put behind the second.
inline constexpr std::size_t run_bytes_max = 2 * piece_bytes_max + 1;

/// The start that says: this file was replaced by a newer one, open it again.
inline constexpr std::uint64_t start_replaced = ~std::uint64_t{0};

struct log_header {
  std::uint32_t magic = log_magic;
  std::uint16_t version = log_version;
  std::uint8_t on_full = 0;
  std::uint8_t unused = 0;
  std::uint64_t bytes_max = 0;
  std::uint64_t ring = 0;   ///< Bytes of the ring; 0: the log only grows.
  std::uint64_t start = 0;  ///< What lies before it is overwritten. Written before that is done.
  std::uint64_t end = 0;    ///< Logical: counts all bytes ever kept.
  std::uint64_t lines = 0;  ///< Likewise.
  std::uint64_t entries = 0;
  std::uint64_t dropped_bytes = 0;  ///< Never kept, because of the rules or of the disk.
  std::uint64_t dropped_lines = 0;
  std::uint64_t check = 0;  ///< Of all before it; tells a reader that it met a writer.
};
static_assert(sizeof(log_header) == 80 && std::is_trivially_copyable_v<log_header>);

struct log_entry {
  std::uint64_t offset = 0;  ///< Of the first byte of its first line.
  std::uint64_t line = 0;    ///< The number of that line.
  std::int64_t time = 0;     ///< Of all its lines, in milliseconds.
  std::uint8_t stream = 0;
  std::uint8_t continued = 0;  ///< 1: it is one line, which goes on with an earlier one.
  std::uint8_t unused[6] = {};

  bool operator==(const log_entry&) const = default;
};
static_assert(sizeof(log_entry) == 32 && std::is_trivially_copyable_v<log_entry>);

/// The same whatever version wrote it.
std::uint64_t check_of(const log_header& header);

struct log_paths {
  std::string folder;  ///< Of all logs.
  std::string shelf;   ///< One of 256 folders in it.
  std::string log;
  std::string index;
  std::string draft;  ///< Of the next index, while it is being written.
};
log_paths paths_of(const std::string& folder, const task_id& run);

/// An open file that closes itself.
class log_file {
public:
  log_file() = default;
  /// Not open when the machine refuses; errno says why.
  log_file(const std::string& path, int flags);
  log_file(log_file&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  log_file& operator=(log_file&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~log_file();

  explicit operator bool() const { return number_ >= 0; }
  [[nodiscard]] std::uint64_t size() const;
  /// Whether it still has a name.
  [[nodiscard]] bool named() const;
  /// All of it, or errno says why not.
  [[nodiscard]] bool write(const void* bytes, std::size_t size, std::uint64_t offset) const;
  /// False when the file is shorter or broken.
  [[nodiscard]] bool read(void* bytes, std::size_t size, std::uint64_t offset) const;

  [[nodiscard]] bool write(log_header header) const;
  /// False when there is none that is whole, also after some tries.
  [[nodiscard]] bool read(log_header& header) const;
  [[nodiscard]] bool write(const log_entry& entry, std::uint64_t place) const;

private:
  int number_ = -1;
};

/// Where the entry of that place lies in its file.
constexpr std::uint64_t offset_of_entry(std::uint64_t place) {
  return sizeof(log_header) + place * sizeof(log_entry);
}

}  // namespace carillon::storage
