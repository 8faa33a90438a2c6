#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/clock.hpp"
#include "tools/bench/payload.hpp"
#include "tools/bench/task_answers.hpp"
#include "tools/bench/work_book.hpp"

namespace carillon::bench {

/// The tasks of one run.
struct task_plan {
  std::string members;  ///< JSON before the payload: `"task_type":"bench",`.
  std::function<due_time(std::uint64_t)> due = {};  ///< By sequence; empty: due at once.
  std::uint64_t count_max;
  /// Appends the whole JSON of one, instead of all that: for what is no task.
  std::function<void(std::string& out, std::uint64_t sequence)> write = {};
  std::uint64_t keys = 0;  ///< The tasks have so many concurrency keys, in turn; 0: none.
};

/// A task that becomes due next week: it only lies there.
due_time next_week();

/// The book of one run: what was asked for, and what was seen of it. Each task carries its sequence
/// number in its payload, so that every answer finds its entry, and at the end it is known of each
/// single task whether it was lost or doubled.
class ledger final : public work_book {
public:
  ledger(task_plan plan, std::uint64_t seed);

  /// Appends the JSON of the next task and returns its number; empty when there are enough.
  std::optional<std::uint64_t> write_next(std::string& out);
  /// No more tasks, also when count_max is not reached.
  void close() { closed_ = true; }

  // -- news -------------------------------------------------------------------
  void on_created(std::uint64_t sequence, task_id id);
  void on_leased(const lease& seen, wall_time at) override;
  void on_delivered(std::uint64_t sequence);
  void on_completed(const lease& done) override;
  void on_reported(const lease& done) override;

  // -- what is known ----------------------------------------------------------
  [[nodiscard]] std::uint64_t written() const { return entries_.size(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  ///< JSON of all that was written.
  [[nodiscard]] std::uint64_t created() const { return created_; }
  [[nodiscard]] std::uint64_t started() const { return started_; }
  [[nodiscard]] std::uint64_t completed() const { return completed_; }
  [[nodiscard]] steady_time sent_at(std::uint64_t sequence) const;
  [[nodiscard]] steady_time begin_of(const lease& done) const override {
    return sent_at(done.sequence);
  }
  [[nodiscard]] task_id id_of(std::uint64_t sequence) const;

  /// What is wrong with the creations: no 201, two answers, one id for two tasks.
  [[nodiscard]] std::vector<std::string> faults_of_creation() const;
  /// With the leases or deliveries: none, two, early, another id, another due moment, a key that
  /// another task held.
  [[nodiscard]] std::vector<std::string> faults_of_start() const;
  /// With the completions: none, two.
  [[nodiscard]] std::vector<std::string> faults_of_completion() const;

private:
  struct entry {
    task_id created_as;
    task_id leased_as;
    steady_time sent_at;
    due_time due;
    std::uint8_t creations = 0;
    std::uint8_t starts = 0;
    std::uint8_t completions = 0;
  };

  /// Returns when it is due.
  due_time write_task(std::string& out, std::uint64_t sequence);
  entry* find(std::uint64_t sequence);

  task_plan plan_;
  payload_maker payloads_;
  std::vector<entry> entries_;
  bool closed_ = false;
  std::uint64_t bytes_ = 0;
  std::uint64_t created_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t early_ = 0;
  std::vector<std::uint32_t> running_;  // tasks leased and not yet reported, by key
  std::uint64_t crowded_ = 0;           // leased while another task held the key
  std::uint64_t moved_ = 0;             // leased with another due moment than asked for
  std::uint64_t strangers_ = 0;         // news of tasks that were never asked for
};

}  // namespace carillon::bench
