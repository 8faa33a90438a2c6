#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/requests.hpp"
#include "model/schedule.hpp"
#include "model/tally.hpp"

namespace carillon {

/// What waits in a queue of workers.
struct queue_depth {
  std::string name;
  std::int64_t waiting = 0;
  std::int64_t processing = 0;
  std::optional<duration> age = {};  ///< Of the task that is next; empty: none waits.
};

/// The mailboxes of all actors of a kind.
struct mailbox_depth {
  std::string_view actors;
  std::size_t messages = 0;
  std::size_t longest = 0;
  std::size_t silent = 0;  ///< Actors that have not said how many.
};

/// What the server counts of itself, since its start where it counts up. Times in seconds.
struct server_figures {
  // -- tasks
  spread start_lag;
  std::vector<std::pair<std::string_view, std::uint64_t>> due_moments;  ///< By what became of them.
  struct ended_attempts {
    std::string_view runner;
    std::string_view outcome;
    std::uint64_t count;
  };
  std::vector<ended_attempts> attempts;
  bool has_store = false;  ///< The store has answered: what is counted in it is known.
  std::array<std::int64_t, task_status_count> tasks{};
  std::uint64_t tasks_swept = 0;
  std::vector<queue_depth> queues;  ///< The largest.
  queue_depth other_queues;         ///< The sums of the others, without an age.
  std::size_t waiting_for_tasks = 0;

  // -- what makes, bounds and delivers them
  std::array<std::int64_t, schedule_status_count> schedules{};
  std::int64_t batches_open = 0;
  std::uint64_t events_published = 0;
  std::size_t keys_in_use = 0;
  std::size_t key_holders = 0;
  std::size_t key_queues_waiting = 0;
  std::optional<host_counts> hosts;

  // -- how the server does
  spread writer_changes;
  spread writer_bytes;
  spread commit_time;
  spread sync_time;
  std::uint64_t commit_failures = 0;
  std::size_t changes_queued = 0;
  std::size_t bytes_queued = 0;
  std::size_t commands_in_flight = 0;
  std::uint64_t timers_rearmed = 0;
  std::vector<mailbox_depth> mailboxes;
};

}  // namespace carillon
