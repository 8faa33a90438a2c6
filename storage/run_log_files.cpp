#include "storage/run_log_files.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>

namespace carillon::storage {
namespace {

static_assert(std::endian::native == std::endian::little);

/// A reader meets a writer in the middle of a header seldom, and for nanoseconds.
constexpr int header_tries_max = 100;

}  // namespace

std::uint64_t check_of(const log_header& header) {
  std::uint64_t words[offsetof(log_header, check) / sizeof(std::uint64_t)];
  std::memcpy(words, &header, sizeof words);
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const auto word : words) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32U;
  }
  return hash;
}

log_paths paths_of(const std::string& folder, const task_id& run) {
  const auto uuid = to_uuid(run);
  const auto shelf = folder + "/" + uuid.substr(uuid.size() - 2);
  const auto stem = shelf + "/" + uuid;
  return {folder, shelf, stem + ".log", stem + ".idx", stem + ".idx.new"};
}

// -- files --------------------------------------------------------------------

log_file::log_file(const std::string& path, int flags)
    : number_{::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)} {}

log_file::~log_file() {
  if (number_ >= 0)
    ::close(number_);
}

std::uint64_t log_file::size() const {
  struct stat status {};
  return ::fstat(number_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

bool log_file::named() const {
  struct stat status {};
  return ::fstat(number_, &status) == 0 && status.st_nlink > 0;
}

bool log_file::write(const void* bytes, std::size_t size, std::uint64_t offset) const {
  const auto* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const auto done = ::pwrite(number_, from, size, static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return false;
    from += done;
    size -= static_cast<std::size_t>(done);
    offset += static_cast<std::uint64_t>(done);
  }
  return true;
}

bool log_file::read(void* bytes, std::size_t size, std::uint64_t offset) const {
  auto* to = static_cast<char*>(bytes);
  while (size > 0) {
    const auto done = ::pread(number_, to, size, static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return false;
    to += done;
    size -= static_cast<std::size_t>(done);
    offset += static_cast<std::uint64_t>(done);
  }
  return true;
}

// -- the index ----------------------------------------------------------------

bool log_file::write(log_header header) const {
  header.check = check_of(header);
  return write(&header, sizeof header, 0);
}

bool log_file::read(log_header& header) const {
  for (int tries = 0; tries < header_tries_max; ++tries) {
    if (!read(&header, sizeof header, 0))
      return false;
    if (header.check == check_of(header))
      return true;
    ::sched_yield();
  }
  return false;
}

bool log_file::write(const log_entry& entry, std::uint64_t place) const {
  return write(&entry, sizeof entry, offset_of_entry(place));
}

}  // namespace carillon::storage
