#include "actors/process_host.hpp"

#include <pthread.h>
#include <sys/prctl.h>

#include <csignal>

#include "actors/file_mask.hpp"
#include "actors/process_loop.hpp"

namespace carillon {
namespace {

/// Threads that are made meanwhile get no signals: those are for the rest of the server.
class blocked_signals {
public:
  blocked_signals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~blocked_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  blocked_signals(const blocked_signals&) = delete;
  blocked_signals& operator=(const blocked_signals&) = delete;

private:
  sigset_t before_{};
};

}  // namespace

process_host::process_host(process_host_settings settings)
    : loop_{std::make_unique<process_loop>(std::move(settings))} {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  // A server may be started with SIGCHLD ignored: the kernel would forget how children ended.
  ::signal(SIGCHLD, SIG_DFL);
  const blocked_signals quiet;
  thread_ = std::thread{[this] {
    unmask_files();  // commands are not ours
    loop_->run();
  }};
}

process_host::~process_host() {
  loop_->quit();
  thread_.join();
}

command_port::ticket process_host::start(command_call call,
                                         std::function<void(command_outcome)> on_done) {
  auto run = std::make_unique<process_run>();
  const ticket id = run->id = ++last_ticket_;
  run->call = std::move(call);
  run->on_done = std::move(on_done);
  loop_->post(std::move(run));
  return id;
}

void process_host::stop(ticket which) {
  loop_->post(process_loop::stop_order{which, false});
}

void process_host::kill(ticket which) {
  loop_->post(process_loop::stop_order{which, true});
}

}  // namespace carillon
