#pragma once

#include <sys/types.h>

#include <string>

#include "model/problem.hpp"

namespace carillon {

/// A user of this machine, and the group its processes belong to.
struct process_user {
  uid_t uid;
  gid_t gid;
  std::string name;
  std::string home;
  std::string shell;

  /// Whether a process of ours already is what it would become.
  [[nodiscard]] bool is_own() const;
};

/// Finds "name" or "name:group"; each may be a number. Both must exist. The problem's detail is the
/// reason alone, such as "unknown user joe".
expected<process_user> find_process_user(const std::string& text);

/// Whether a child can become another user.
bool may_switch_user();

}  // namespace carillon
