#include "tools/bench/due_load.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto head_start = 1s;

}  // namespace

std::function<due_time(std::uint64_t)> spread_evenly(due_time first, double length_ms,
                                                     std::uint64_t tasks) {
  return [=](std::uint64_t sequence) {
    const auto share = static_cast<double>(sequence) / static_cast<double>(tasks);
    return first + std::chrono::milliseconds{static_cast<std::int64_t>(share * length_ms)};
  };
}

void wait_until_nearly_due(stage& on, due_time first, run_report& out) {
  const auto begin = to_steady(first) - head_start;
  if (steady_now() > begin)
    out.fault("loading took so long that the first task was due before its end");
  on.loop.run([] { return false; }, begin);
}

void run_until_completed(stage& on, const ledger& book, run_report& out) {
  const auto done = [&] { return book.completed() >= book.created(); };
  if (!run_while_moving(on.loop, done, [&] { return book.completed(); }))
    out.fault("no task came for 15 seconds, and some are missing");
}

void close_books(stage& on, pull_workers& workers, const ledger& book, run_report& out) {
  workers.stop();
  on.loop.run([&] { return workers.idle(); }, steady_now() + 5s);
  report_failures(out, workers.failures(), "of the workers");
  out.fault(book.faults_of_start());
  out.fault(book.faults_of_completion());
}

}  // namespace carillon::bench
