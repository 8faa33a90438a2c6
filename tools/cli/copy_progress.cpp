#include "tools/cli/copy_progress.hpp"

#include "tools/cli/terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace carillon::cli {
namespace {

constexpr duration pause{100};
constexpr std::uintmax_t mebibyte = 1U << 20U;

/// Files come and go meanwhile.
std::int64_t mebibytes_in(const std::string& folder) {
  namespace fs = std::filesystem;
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at{folder, error}, end; !error && at != end;
       at.increment(error)) {
    std::error_code gone;
    const auto size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
    bytes += gone ? 0 : size;
  }
  return static_cast<std::int64_t>(bytes / mebibyte);
}

}  // namespace

copy_progress::copy_progress(std::string from, std::string to)
    : from_{std::move(from)}, to_{std::move(to)} {
  if (screen_of(STDERR_FILENO, {}).is_terminal)
    thread_ = std::thread{[this] { show(); }};
}

copy_progress::~copy_progress() {
  is_over_ = true;
  if (thread_.joinable())
    thread_.join();
}

void copy_progress::show() {
  progress_line line{{}, true};
  while (!is_over_) {
    const auto done = mebibytes_in(to_);
    line.show(done, std::max(done, mebibytes_in(from_)), "MiB are copied");
    rest(pause);
  }
}

}  // namespace carillon::cli
