#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/house.hpp"
#include "tests/support/actor_world.hpp"

// What the actors of a test stand on instead of threads and sockets: each does a step when the
// world says so.

namespace carillon::test {

/// Commits when the world says so.
class stepped_writer final : public storage::commit_queue {
public:
  explicit stepped_writer(storage::task_store& store) : store_{store} {}

  void submit(storage::change_set changes, on_committed done) override {
    if (!is_dead_)
      queue_.push_back({std::move(changes), std::move(done)});
  }
  /// One group: the first `count` of what is queued.
  bool step(std::size_t count) {
    if (queue_.empty())
      return false;
    count = std::min(count, queue_.size());
    std::vector<std::pair<storage::change_set, on_committed>> group;
    for (; count > 0; --count) {
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    std::vector<const storage::change_set*> changes;
    for (const auto& one : group)
      changes.push_back(&one.first);
    const auto status = store_.commit(changes);
    for (auto& one : group)
      one.second(status);
    return true;
  }
  /// After a kill nothing reaches the disk.
  void die() {
    is_dead_ = true;
    queue_.clear();
  }

private:
  bool is_dead_ = false;
  storage::task_store& store_;
  std::deque<std::pair<storage::change_set, on_committed>> queue_;
};

class stepped_lookups final : public storage::lookup_queue {
public:
  explicit stepped_lookups(const storage::task_store& store) : store_{store} {}
  void post(job look) override {
    if (!is_dead_)
      jobs_.push_back(std::move(look));
  }
  bool step() {
    if (jobs_.empty())
      return false;
    const auto next = std::move(jobs_.front());
    jobs_.pop_front();
    next(store_);
    return true;
  }
  void die() {
    is_dead_ = true;
    jobs_.clear();
  }

private:
  bool is_dead_ = false;
  const storage::task_store& store_;
  std::deque<job> jobs_;
};

class recorded_calls final : public call_port {
public:
  recorded_calls(actor_world& world, const wall_clock& time)
      : world_{world}, record_{world.calls()}, time_{time} {}

  std::uint64_t start(http_call call, std::function<void(http_outcome)> on_done) override {
    made_call made{{}, 0, time_.now(), ++last_ticket_};
    made.url = call.url;
    for (const auto& [name, value] : call.headers) {
      if (name == "webhook-id")
        made.id = *parse_task_id(value);
      if (name == "carillon-attempt")
        made.attempt = std::stoi(value);
      if (name == "Idempotency-Key")
        made.key = value;
    }
    made.url = call.url;
    made.body = *call.body;
    made.ended = is_dead_;
    record_.push_back(made);
    open_.emplace(made.ticket, open_call{record_.size() - 1, std::move(on_done)});
    if (world_.on_call && !is_dead_)
      world_.on_call(record_.size() - 1);
    return made.ticket;
  }
  void cancel(std::uint64_t ticket) override {
    http_outcome outcome;
    outcome.error = "canceled";
    end(ticket, outcome);
  }
  void end(std::uint64_t ticket, const http_outcome& outcome) {
    const auto found = open_.extract(ticket);
    if (found.empty())
      return;
    record_[found.mapped().place].ended = true;
    found.mapped().on_done(outcome);
  }
  /// With the server, all calls end.
  void die() {
    is_dead_ = true;
    for (const auto& [ticket, call] : open_)
      record_[call.place].ended = true;
  }

private:
  struct open_call {
    std::size_t place;  ///< In the record.
    std::function<void(http_outcome)> on_done;
  };

  bool is_dead_ = false;
  actor_world& world_;
  std::vector<made_call>& record_;
  const wall_clock& time_;
  std::map<std::uint64_t, open_call> open_;
  std::uint64_t last_ticket_ = 0;
};

/// Commands that end when the world says so.
class recorded_commands final : public command_port {
public:
  explicit recorded_commands(std::vector<started_command>& record)
      : record_{record}, first_{record.size()} {}

  ticket start(command_call call, std::function<void(command_outcome)> on_done) override {
    started_command made{call.run, {}, 0, record_.size(), false, false};
    for (const auto& [name, value] : call.facts) {
      if (name == "CARILLON_TASK")
        made.name = value;
      if (name == "CARILLON_INSTANCE")
        made.instance = std::stoi(value);
    }
    made.ended = is_dead_;
    record_.push_back(made);
    on_done_.push_back(std::move(on_done));
    return made.ticket;
  }
  void stop(ticket which) override { record_.at(which).stopped = true; }
  void kill(ticket which) override { stop(which); }

  void end(std::size_t which, int exit_code) {
    if (which < first_ || record_.at(which).ended)
      return;
    record_.at(which).ended = true;
    command_outcome outcome;
    outcome.exit_code = exit_code;
    on_done_.at(which - first_)(outcome);
  }
  /// With the server, all commands end: what it leaves behind is ended by the next life.
  void die() {
    is_dead_ = true;
    for (auto& one : record_)
      one.ended = true;
  }

private:
  bool is_dead_ = false;
  std::vector<started_command>& record_;  ///< Of all lives.
  std::size_t first_;                     ///< Of this one.
  std::vector<std::function<void(command_outcome)>> on_done_;
};

}  // namespace carillon::test
