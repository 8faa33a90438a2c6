#pragma once

#include "tools/bench/report.hpp"
#include "tools/bench/stage.hpp"

namespace carillon::bench {

/// The workloads of docs/benchmarks.md. Each plays one run on the stage, adds its figures, and adds
/// a fault for everything that was lost, doubled, early or refused.

// -- create_workloads.cpp
void create_one_by_one(stage& on, int connections, run_report& out);  ///< W1
void create_by_stream(stage& on, run_report& out);                    ///< W1b

// -- run_workloads.cpp
void create_lease_complete(stage& on, run_report& out);        ///< W2
void create_deliver_complete(stage& on, run_report& out);      ///< W2h
void create_lease_complete_keyed(stage& on, run_report& out);  ///< W10

// -- due_workloads.cpp
void due_evenly(stage& on, run_report& out);   ///< W3a
void due_at_once(stage& on, run_report& out);  ///< W3b

// -- standing_workloads.cpp: these three play on stage::load
void load_standing_tasks(stage& on);
void measure_memory(stage& on, run_report& out);   ///< W4
void measure_restart(stage& on, run_report& out);  ///< W5
void measure_idle(stage& on, run_report& out);     ///< W8

// -- schedule_workloads.cpp
void schedules_evenly(stage& on, run_report& out);           ///< W6a
void schedules_at_full_minutes(stage& on, run_report& out);  ///< W6m
void schedules_at_midnight(stage& on, run_report& out);      ///< W6n

// -- batch_workload.cpp
void run_batch(stage& on, run_report& out);  ///< W7

// -- standing_schedules.cpp
void measure_schedules(stage& on, run_report& out);  ///< W6b

// -- command_workloads.cpp: these and the flood need command_definitions()
void run_commands(stage& on, run_report& out);           ///< W11a
void run_printing_commands(stage& on, run_report& out);  ///< W11b
void keep_commands_running(stage& on, run_report& out);  ///< W11c

// -- flood_workload.cpp
void run_beside_flood(stage& on, run_report& out);  ///< W11d

}  // namespace carillon::bench
