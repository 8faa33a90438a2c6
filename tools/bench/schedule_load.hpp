#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tools/bench/ledger.hpp"
#include "tools/bench/report.hpp"
#include "tools/bench/stage.hpp"

// What the workloads of schedules share: to create many, and to prove that they are there.

namespace carillon::bench {

/// A book of schedules; `write` appends the JSON of one.
ledger schedule_book(std::uint64_t count,
                     std::function<void(std::string& out, std::uint64_t sequence)> write);

/// Creates all of a book, one a request, over 64 connections (--connections).
void create_schedules(stage& on, ledger& book, run_report& out);

/// How many schedules the server knows; empty when it does not say.
std::optional<std::uint64_t> count_schedules(stage& on);

/// The server has exactly the schedules of `book` more than `before`, and a random sample of them
/// answers by id with its number and, where `executions` is set, its count of executions.
void check_schedules(stage& on, const ledger& book, std::uint64_t before,
                     const std::function<std::uint64_t(std::uint64_t sequence)>& executions,
                     run_report& out);

}  // namespace carillon::bench
