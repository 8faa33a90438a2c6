#pragma once

#include <signal.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

#include "actors/descriptor.hpp"
#include "actors/process_host.hpp"
#include "actors/process_table.hpp"

namespace carillon::test {

using namespace std::chrono_literals;

/// Looks until it holds, with a limit that only a broken host reaches.
template <class Condition>
bool eventually(Condition holds) {
  for (const auto until = std::chrono::steady_clock::now() + 20s; !holds();) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

inline bool is_alive(pid_t pid) {
  const auto found = read_process(pid);
  return found && found->alive;
}

/// Processes in the session that a command led.
inline int living_members(pid_t leader) {
  int count = 0;
  const auto table = read_process_table();
  REQUIRE(table);
  for (const auto& each : *table)
    count += each.alive && each.session == leader ? 1 : 0;
  return count;
}

/// All that runs of ours kept, by run and stream. Outlives its writers.
class kept_output {
public:
  using stream = storage::log_stream;

  std::unique_ptr<storage::run_log_writer> open(const task_id& run) {
    return std::make_unique<writer>(*this, run);
  }
  std::string text(const task_id& run, stream from = stream::out) {
    const std::lock_guard lock{mutex_};
    return texts_[{run, from}];
  }
  int finished(const task_id& run) {
    const std::lock_guard lock{mutex_};
    return finished_[run];
  }
  int flushed(const task_id& run) {
    const std::lock_guard lock{mutex_};
    return flushed_[run];
  }
  void be_full_after(std::size_t bytes) { bytes_max_ = bytes; }

private:
  class writer : public storage::run_log_writer {
  public:
    writer(kept_output& all, const task_id& run) : all_{all}, run_{run} {}
    verdict append(stream from, std::string_view bytes, instant) override {
      const std::lock_guard lock{all_.mutex_};
      auto& text = all_.texts_[{run_, from}];
      text += bytes;
      return text.size() > all_.bytes_max_ ? verdict::full : verdict::kept;
    }
    verdict flush(instant) override {
      const std::lock_guard lock{all_.mutex_};
      ++all_.flushed_[run_];
      return verdict::kept;
    }
    void finish(instant) override {
      const std::lock_guard lock{all_.mutex_};
      ++all_.finished_[run_];
    }

  private:
    kept_output& all_;
    task_id run_;
  };

  std::mutex mutex_;
  std::map<std::pair<task_id, stream>, std::string> texts_;
  std::map<task_id, int> flushed_;
  std::map<task_id, int> finished_;
  std::size_t bytes_max_ = std::size_t{64} << 20;
};

class fixed_clock : public wall_clock {
public:
  instant now() const override { return instant{}; }
};

/// A command that was ordered.
struct ordered_run {
  command_port::ticket ticket;
  task_id id;
  std::future<command_outcome> done;

  command_outcome outcome() {
    REQUIRE(done.wait_for(30s) == std::future_status::ready);
    return done.get();
  }
  [[nodiscard]] bool is_done() const { return done.wait_for(0s) == std::future_status::ready; }
};

inline local_command shell(std::string line) {
  local_command what;
  what.args = {"/bin/sh", "-c", std::move(line)};
  return what;
}

/// A host, and what its commands print.
class process_world {
public:
  ordered_run start(local_command what) {
    ordered_run run{0, next_id(), {}};
    auto done = std::make_shared<std::promise<command_outcome>>();
    run.done = done->get_future();
    command_call call{std::make_shared<const local_command>(std::move(what)), run.id, facts};
    run.ticket = host_->start(
        std::move(call), [done](command_outcome outcome) { done->set_value(std::move(outcome)); });
    return run;
  }
  command_outcome carry_out(local_command what) { return start(std::move(what)).outcome(); }

  /// What the command has printed when it has ended.
  std::string output_of(local_command what) {
    auto run = start(std::move(what));
    run.outcome();
    return output.text(run.id);
  }

  /// Waits until a line of the output is a number, as `echo $!` prints it.
  pid_t printed_pid(const ordered_run& run) {
    std::string text;
    REQUIRE(eventually([&] {
      text = output.text(run.id);
      return text.find('\n') != std::string::npos;
    }));
    return static_cast<pid_t>(std::stol(text));
  }

  process_host& host() { return *host_; }
  /// Ends the host as a server's end does.
  void end() { host_.reset(); }

  std::vector<std::pair<std::string, std::string>> facts;
  kept_output output;
  std::atomic<int> outputs_told = 0;

private:
  task_id next_id() {
    task_id id;
    id.bytes[6] = 0x70;
    id.bytes[14] = static_cast<std::uint8_t>(++last_id_ >> 8);
    id.bytes[15] = static_cast<std::uint8_t>(last_id_);
    return id;
  }

  int last_id_ = 0;
  fixed_clock clock_;
  std::unique_ptr<process_host> host_ = std::make_unique<process_host>(process_host_settings{
      [this](const task_id& run, const log_rules&) { return output.open(run); }, &clock_,
      [this](const task_id&) { ++outputs_told; }, "/data/of/tests"});
};

}  // namespace carillon::test
