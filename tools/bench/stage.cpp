#include "tools/bench/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "tools/bench/api_client.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto stall_patience = 15s;
constexpr auto ready_patience = 60s;
constexpr auto poll_pause = 2ms;
constexpr std::uint64_t sample_size = 100;

void check_sample(stage& on, const ledger& book, run_report& out) {
  random_numbers random{static_cast<std::uint64_t>(on.run)};
  const auto size = std::min(sample_size, book.created());
  for (std::uint64_t index = 0; index < size; ++index) {
    const auto sequence = random.below(book.written());
    const auto id = format_task_id(book.id_of(sequence));
    const auto found = call(on.loop, on.target.access(), "GET", "/v1/tasks/" + id);
    if (found.status == 200 && find_number(found.body, "seq") == sequence)
      continue;
    out.fault(fmt::format("{} with seq {} answers {} {}", id, sequence, found.status, found.body));
    return;
  }
}

}  // namespace

bool run_while_moving(event_loop& loop, const std::function<bool()>& done,
                      const std::function<std::uint64_t()>& progress) {
  auto last = progress();
  auto moved_at = steady_now();
  while (!loop.run(done, steady_now() + 1s)) {
    const auto now = progress();
    if (now != last)
      moved_at = steady_now();
    last = now;
    if (interrupted() || steady_now() - moved_at > stall_patience)
      return false;
  }
  return true;
}

void load_by_stream(stage& on, ledger& book, run_report& out) {
  stream_creator stream{on.loop, on.target.access(), book};
  const auto begin = steady_now();
  stream.start();
  const auto done = run_while_moving(
      on.loop, [&] { return stream.idle(); }, [&] { return book.created(); });
  const auto seconds = to_seconds(steady_now() - begin);
  out.add("load_s", seconds);
  out.add("load_rate_per_s", static_cast<double>(book.created()) / seconds);
  if (!done)
    out.fault("the load came to a stop");
  report_failures(out, stream.failures(), "of the load");
  out.fault(book.faults_of_creation());
}

void report_failures(run_report& out, const failure_count& failures, const std::string& whose) {
  if (failures.count > 0)
    out.fault(
        fmt::format("{} requests {} failed, first: {}", failures.count, whose, failures.first));
}

void check_kept(stage& on, const ledger& book, std::uint64_t others, run_report& out) {
  const auto expected = on.tasks_before + book.created() + others;
  const auto total = count_tasks(on.loop, on.target.access());
  if (!total)
    out.fault("GET /v1/tasks does not tell its total");
  else if (*total != expected)
    out.fault(fmt::format("the server has {} tasks where {} were acknowledged", *total, expected));
  if (book.created() == book.written() && book.created() > 0)
    check_sample(on, book, out);
}

std::optional<double> first_200(stage& on, const std::string& path, steady_time begin) {
  while (call(on.loop, on.target.access(), "GET", path, {}, 10s).status != 200) {
    if (steady_now() > begin + ready_patience || interrupted())
      return std::nullopt;
    std::this_thread::sleep_for(poll_pause);
  }
  return to_seconds(steady_now() - begin);
}

void kill_and_start(stage& on, run_report& out) {
  if (!on.target.ours())
    return;
  on.target.kill_hard();
  auto problem = on.target.launch();
  if (!problem)
    problem = on.target.wait_until_ready(on.loop);
  if (problem)
    out.fault(*problem);
}

}  // namespace carillon::bench
