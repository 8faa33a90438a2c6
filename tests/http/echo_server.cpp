// A server with a few routes and nothing behind them: for the request corpus and for measuring what
// the HTTP layer alone costs. Prints its address, runs until its input ends, prints what it used.
//
//   echo_server [--listen 127.0.0.1:0] [--threads 2]

#include <sys/resource.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>

#include "http/server.hpp"

namespace carillon::http {

/// Answers on another thread, as a store would: everything that has queued up in one go.
struct api {
  struct job {
    responder reply;
    std::string body;
  };

  void push(job added) const {
    bool first = false;
    {
      const std::lock_guard lock{mutex};
      waiting.push_back(std::move(added));
      first = waiting.size() == 1;
    }
    if (first)
      filled.notify_one();
  }

  void run() const {
    std::unique_lock lock{mutex};
    while (true) {
      filled.wait(lock, [this] { return stopped || !waiting.empty(); });
      if (stopped)
        return;
      std::deque<job> taken;
      taken.swap(waiting);
      lock.unlock();
      for (auto& each : taken)
        each.reply({201, std::move(each.body)});
      lock.lock();
    }
  }

  mutable std::mutex mutex;
  mutable std::condition_variable filled;
  mutable std::deque<job> waiting;
  mutable bool stopped = false;
};

namespace {

void get_root(const api&, const request&, responder reply) {
  reply({200, R"({"ok":true})"});
}

void post_task(const api& api, const request& asked, responder reply) {
  api.push({std::move(reply), asked.body});
}

/// Sends every piece back; the next is read when the last has left.
void pass_on(const std::shared_ptr<stream>& both) {
  both->read([both](expected<std::string> piece) {
    if (!piece || piece->empty())
      return both->finish();
    both->write(*std::move(piece), [both](bool sent) {
      if (sent)
        pass_on(both);
    });
  });
}

void stream_tasks(const api&, request, std::shared_ptr<stream> both) {
  both->begin(200, {}, "application/x-ndjson");
  pass_on(both);
}

constexpr route routes[] = {
    {"GET", "/", get_root, access::anyone},
    {"GET", "/tasks", get_root, access::anyone},
    {"POST", "/tasks", post_task, access::anyone, stream_tasks},
};

std::string option(int count, char** arguments, const std::string& name, std::string fallback) {
  for (int at = 1; at + 1 < count; ++at)
    if (arguments[at] == name)
      return arguments[at + 1];
  return fallback;
}

void print_usage() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  std::cerr << "user " << seconds(used.ru_utime) << " s, system " << seconds(used.ru_stime)
            << " s, resident at most " << used.ru_maxrss << " KiB" << std::endl;
}

int run(int count, char** arguments) {
  const api work;
  std::thread worker{[&work] { work.run(); }};
  const std::span<const route> tables[] = {routes};
  server_settings settings;
  settings.listen = {option(count, arguments, "--listen", "127.0.0.1:0")};
  settings.io_threads =
      static_cast<unsigned>(std::stoul(option(count, arguments, "--threads", "2")));
  int status = EXIT_SUCCESS;
  {
    server served{settings, router{tables}, work, nullptr};
    if (const auto started = served.start(); started) {
      std::cout << served.addresses().front() << std::endl;
      for (std::string line; std::getline(std::cin, line);)
        print_usage();
    } else {
      std::cerr << started.error().detail << std::endl;
      status = EXIT_FAILURE;
    }
    served.stop_accepting();
    served.drain(std::chrono::seconds{2});
  }
  {
    const std::lock_guard lock{work.mutex};
    work.stopped = true;
  }
  work.filled.notify_one();
  worker.join();
  print_usage();
  return status;
}

}  // namespace

}  // namespace carillon::http

int main(int count, char** arguments) {
  return carillon::http::run(count, arguments);
}
