#pragma once

#include <cstdint>
#include <functional>

#include "tools/bench/ledger.hpp"
#include "tools/bench/pull_workers.hpp"
#include "tools/bench/report.hpp"
#include "tools/bench/stage.hpp"

// What the workloads of tasks that become due later share: all are loaded before the first is due.

namespace carillon::bench {

/// When each of so many tasks is due.
std::function<due_time(std::uint64_t)> spread_evenly(due_time first, double length_ms,
                                                     std::uint64_t tasks);

/// Returns a second before the first is due: then the workers start.
void wait_until_nearly_due(stage& on, due_time first, run_report& out);

void run_until_completed(stage& on, const ledger& book, run_report& out);

/// Stops the workers, listens on for doubles, and draws the line.
void close_books(stage& on, pull_workers& workers, const ledger& book, run_report& out);

}  // namespace carillon::bench
