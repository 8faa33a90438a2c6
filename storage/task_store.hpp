#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/ready_queue.hpp"
#include "model/task.hpp"
#include "storage/key_value.hpp"
#include "storage/task_filter.hpp"

namespace carillon::storage {

/// One decision about one task, to be made durable.
struct task_change {
  task_ptr after;
  std::optional<index_facts> before;  ///< Empty: the task is new.
  std::vector<task_news> news;        ///< The last ones of after->news_count.
  bool removed = false;               ///< Nothing of it is to stay.
  std::vector<part_id> parts = {};    ///< Of after->parts: those that have changed.
};

/// Adds the rows and index entries of a decision to `out`. Pure; runs on the thread that decides.
void encode(const task_change& change, change_set& out);

/// New tasks that come to be with a decision about another one.
void encode_born(const std::vector<task_ptr>& born, change_set& out);

/// Notes where the manual clock stands, so that the next life of the server goes on from there.
void encode_manual_time(instant now, change_set& out);

struct due_moment {
  instant moment;
  task_id id;
};

/// Where tasks survive a crash, in the model's words. Every key it reads and writes is in keys.hpp.
///
/// Thread rule: commit() is the writer's alone; everything else reads and may run on any thread.
/// Contract (tests/storage/task_store_contract_test.cpp runs it on every engine):
///  - What commit() answered durable for is there after any crash, whole, with its index entries.
///  - load() and the lists show the last durable state and nothing else.
class task_store {
public:
  explicit task_store(engine& disk) : disk_{disk} {}

  commit_status commit(const std::vector<const change_set*>& changes);
  bool recover() { return disk_.recover(); }
  [[nodiscard]] const engine& disk() const { return disk_; }

  [[nodiscard]] expected<std::optional<task>> load(const task_id& id) const;
  /// Without what its parts were given and gave, as the lists show it.
  [[nodiscard]] expected<std::optional<task>> load_record(const task_id& id) const;
  [[nodiscard]] expected<std::optional<task_id>> find_unique(std::string_view unique_id) const;
  /// What was reported about a task, oldest first, at most the newest `limit`.
  [[nodiscard]] expected<std::vector<task_news>> news_of(const task_id& id,
                                                         std::size_t limit) const;

  /// Moments in [from, before) of one shard, in time order, at most `limit`.
  [[nodiscard]] std::vector<due_moment> scan_due(unsigned shard, instant from, instant before,
                                                 std::size_t limit) const;
  /// The head of a queue over all shards, lowest rank first, at most `limit`, without what the
  /// bounds skip. (ready_scan.cpp)
  [[nodiscard]] std::vector<ready_entry> scan_ready(std::string_view queue, std::size_t limit,
                                                    parked_bounds& bounds) const;
  [[nodiscard]] std::vector<ready_entry> scan_ready(std::string_view queue,
                                                    std::size_t limit) const;

  /// The queues with tasks whose names begin so.
  [[nodiscard]] std::vector<std::string> ready_queues(std::string_view beginning) const;
  /// Moves the entries of a queue whose tasks wait in another one by now, and tells how many: an
  /// earlier version may have had fewer queues. Before there is a writer.
  expected<std::size_t> rehome_ready(std::string_view queue);

  /// The earliest moment of all shards at `from` or later.
  [[nodiscard]] std::optional<instant> first_due(instant from) const;

  [[nodiscard]] std::vector<task_id> ids_with_status(task_status status) const;

  /// The tasks that hold a concurrency_key, with the key.
  [[nodiscard]] std::vector<std::pair<task_id, std::string>> key_holders() const;

  /// Matching tasks, newest first. Meaningless when the bounds have ended it. (task_list.cpp)
  [[nodiscard]] expected<task_page> list(const task_filter& filter, const page_request& page,
                                         search_bounds& bounds) const;
  [[nodiscard]] expected<task_page> list(const task_filter& filter, const page_request& page) const;
  /// How many match. Exact; immediate where counters know it.
  [[nodiscard]] expected<std::int64_t> count(const task_filter& filter) const;

  /// Where the manual clock stood; empty when this store never had one.
  [[nodiscard]] std::optional<instant> manual_time() const;

  /// How often this store was opened, this time included. Makes that durable.
  expected<std::uint64_t> begin_epoch();

private:
  [[nodiscard]] std::int64_t counter(const std::string& name) const;

  engine& disk_;                                            ///< Outlives this.
  std::unordered_map<std::string, std::int64_t> counters_;  ///< The writer's cache.
};

}  // namespace carillon::storage
