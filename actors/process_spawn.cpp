#include "actors/process_spawn.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "actors/pidfd.hpp"

namespace carillon {
namespace {

struct pipe_ends {
  descriptor ours;
  descriptor childs;
};

/// Above 2, so that none is in the way of the child's stdin, stdout and stderr.
descriptor moved_up(int number) {
  descriptor given{number};
  if (number > STDERR_FILENO)
    return given;
  return descriptor{::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
}

/// Without ends when the machine has no descriptors left.
pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return {};
  pipe_ends made{moved_up(ends[0]), moved_up(ends[1])};
  // Only our end: a command expects that its output blocks.
  if (made.ours)
    ::fcntl(made.ours.get(), F_SETFL, O_NONBLOCK);
  return made;
}

class spawn_rules {
public:
  spawn_rules(const std::string& directory, int out, int err) {
    sigset_t all;
    sigset_t none;
    // sigfillset() leaves out the two that glibc uses itself, and posix_spawn would ignore them.
    std::memset(&all, 0xFF, sizeof all);
    ::sigemptyset(&none);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);

    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    if (!directory.empty())
      ::posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
  }
  ~spawn_rules() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  spawn_rules(const spawn_rules&) = delete;
  spawn_rules& operator=(const spawn_rules&) = delete;

  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }
  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }

private:
  posix_spawnattr_t attributes_;
  posix_spawn_file_actions_t actions_;
};

/// The form that exec wants. Points into `texts`, which exec does not change.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const auto& each : texts)
    pointers.push_back(const_cast<char*>(each.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

expected<spawned_process> spawn_process(const local_command& what, const process_plan& plan) {
  errno = 0;
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out.ours || !out.childs || !err.ours || !err.childs)
    return cannot_start(what, errno);

  const spawn_rules rules{plan.directory, out.childs.get(), err.childs.get()};
  const auto args = pointers_to(plan.args);
  const auto environment = pointers_to(plan.environment);
  pid_t pid = -1;
  if (const int error = ::posix_spawn(&pid, plan.program.c_str(), rules.actions(),
                                      rules.attributes(), args.data(), environment.data());
      error != 0)
    return cannot_start(what, error);

  descriptor pidfd{open_pidfd(pid)};
  if (!pidfd) {  // a process that cannot be watched is none
    const int error = errno;
    ::kill(-pid, SIGKILL);
    siginfo_t ignored{};
    ::waitid(P_PID, static_cast<id_t>(pid), &ignored, WEXITED);
    return cannot_start(what, error);
  }
  return spawned_process{pid, std::move(pidfd), std::move(out.ours), std::move(err.ours)};
}

}  // namespace carillon
