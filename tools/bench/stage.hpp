#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tools/bench/creators.hpp"
#include "tools/bench/ledger.hpp"
#include "tools/bench/options.hpp"
#include "tools/bench/report.hpp"
#include "tools/bench/server.hpp"

namespace carillon::bench {

/// A million tasks that wait for next week: what W4, W5 and W8 share.
struct standing_load {
  std::unique_ptr<ledger> book;
  run_report loading;               ///< Figures and faults of the load itself.
  std::uint64_t memory_before = 0;  ///< RSS of the server, bytes.
  std::uint64_t memory_after = 0;   ///< The same, settled.
};

/// What a workload plays on: one server during one run.
struct stage {
  const options& wanted;
  server& target;
  event_loop& loop;
  int run = 1;                     ///< From 1; seeds the payloads.
  std::uint64_t tasks_before = 0;  ///< That the server had when the run began.
  std::unique_ptr<standing_load> load = {};
};

/// Handles events until `done`. Gives up when `progress` has not moved for 15 seconds.
bool run_while_moving(event_loop& loop, const std::function<bool()>& done,
                      const std::function<std::uint64_t()>& progress);

/// Creates all of a ledger by streams, as fast as it goes. Faults go to `out`.
void load_by_stream(stage& on, ledger& book, run_report& out);

/// Adds the requests that failed as a fault.
void report_failures(run_report& out, const failure_count& failures, const std::string& whose);

/// Nothing lost or doubled, as the server tells it: it has exactly the tasks of `book` and `others`
/// more than before, and a random sample of them answers by id with its payload.
void check_kept(stage& on, const ledger& book, std::uint64_t others, run_report& out);

/// Asks until the answer is 200, for at most a minute, as a client that waits for the server.
/// Returns seconds after `begin`.
std::optional<double> first_200(stage& on, const std::string& path, steady_time begin);

/// Kills a server of our own and starts it again; what was acknowledged must still be there. No
/// power cut: the kernel keeps what was written, so this proves writing, not syncing.
void kill_and_start(stage& on, run_report& out);

}  // namespace carillon::bench
