#include "actors/file_mask.hpp"

#include <sched.h>
#include <sys/stat.h>

#include <optional>

namespace carillon {
namespace {

constexpr mode_t owner_alone = S_IRWXG | S_IRWXO;

/// What mask_files() has replaced.
std::optional<mode_t>& former_mask() {
  static std::optional<mode_t> mask;
  return mask;
}

}  // namespace

void mask_files() {
  former_mask() = ::umask(owner_alone);
}

void unmask_files() {
  // A thread has no umask of its own until it shares none with the others.
  if (former_mask() && ::unshare(CLONE_FS) == 0)
    ::umask(*former_mask());
}

}  // namespace carillon
