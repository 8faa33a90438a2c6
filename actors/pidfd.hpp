#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>

namespace carillon {

// glibc 2.36 has these in <sys/pidfd.h>, but without extern "C".

inline int open_pidfd(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

inline bool signal_pidfd(int pidfd, int signal, unsigned flags = 0) {
  return ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, flags) == 0;
}

}  // namespace carillon
