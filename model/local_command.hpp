#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/instant.hpp"

namespace carillon {

/// What becomes of output when an attempt's log is full. The numbers are on disk: append only.
enum class log_on_full : std::uint8_t {
  drop_new,   ///< What comes later is not kept.
  drop_old,   ///< What came first is overwritten.
  kill_task,  ///< The command is ended, for the reason log_overflow.
};

struct log_rules {
  std::uint64_t bytes_max = 100ULL << 20;  ///< Of one attempt's output.
  log_on_full on_full = log_on_full::drop_old;

  bool operator==(const log_rules&) const = default;
};

/// A process of this machine: what a task of the operator's file runs.
struct local_command {
  std::vector<std::string> args;  ///< Never empty. A shell line is {"/bin/sh", "-c", line}.
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< Beside the server's own.
  std::string directory = {};                                         ///< Empty: the server's.
  std::string user = {};                     ///< "name" or "name:group"; empty: the server's.
  int processes_max = 0;                     ///< RLIMIT_NPROC of setrlimit(2); 0: the server's.
  duration grace = std::chrono::seconds{5};  ///< From SIGTERM to SIGKILL.
  log_rules log = {};

  bool operator==(const local_command&) const = default;
};

/// A command that all tasks of a schedule share, or none. Equal when the commands are.
class command_ref {
public:
  command_ref() = default;
  command_ref(local_command what) : to_{std::make_shared<const local_command>(std::move(what))} {}

  explicit operator bool() const { return to_ != nullptr; }
  const local_command& operator*() const { return *to_; }
  const local_command* operator->() const { return to_.get(); }
  [[nodiscard]] std::shared_ptr<const local_command> share() const { return to_; }

  bool operator==(const command_ref& other) const {
    return to_ == other.to_ || (to_ && other.to_ && *to_ == *other.to_);
  }

private:
  std::shared_ptr<const local_command> to_;
};

}  // namespace carillon
