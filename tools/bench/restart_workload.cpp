#include <fmt/format.h>

#include <thread>

#include "tools/bench/api_client.hpp"
#include "tools/bench/pull_workers.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto time_to_kill = 2s;  // for creating the two tasks before the server goes
constexpr auto down = 2s;
constexpr auto due_before_start = 1s;
constexpr auto due_after_start = 3s;
constexpr auto patience = 60s;
constexpr auto poll_pause = 2ms;

/// When the server is started again, on both clocks.
struct start_plan {
  due_time moment;
  steady_time steady;
};

/// Two tasks: one becomes due while the server is down, one soon after it is back.
bool create_two(stage& on, ledger& book, run_report& out) {
  std::string body;
  while (const auto sequence = book.write_next(body)) {
    const auto made = call(on.loop, on.target.access(), "POST", "/v1/tasks", body);
    const auto id = find_task_id(made.body);
    if (made.status != 201 || !id) {
      out.fault(fmt::format("a task is refused: {} {}", made.status, made.body));
      return false;
    }
    book.on_created(*sequence, *id);
    body.clear();
  }
  return true;
}

/// Leases until both tasks have come; adds when each did.
void lease_two(stage& on, ledger& book, const start_plan& start, run_report& out) {
  answer_reader reader;
  while (book.started() < book.created()) {
    if (steady_now() > start.steady + patience || interrupted())
      return;
    const auto news =
        call(on.loop, on.target.access(), "POST", "/v1/queues/bench_restart/lease", lease_body);
    const auto arrived = wall_now();
    const auto leases = news.status == 200 ? reader.read_leases(news.body) : std::nullopt;
    if (!leases)
      std::this_thread::sleep_for(poll_pause);
    for (const auto& each : leases.value_or(std::vector<lease>{})) {
      book.on_leased(each, arrived);
      if (each.sequence == 0)
        out.add("dispatch_s", to_seconds(arrived - start.moment));
      else
        out.add("first_due_late_ms", to_milliseconds(arrived - each.scheduled_for));
    }
  }
}

}  // namespace

void measure_restart(stage& on, run_report& out) {
  const auto now = std::chrono::ceil<std::chrono::milliseconds>(wall_now());
  start_plan start{now + time_to_kill + down, {}};
  start.steady = steady_now() + (start.moment - wall_now());
  const auto due = [=](std::uint64_t sequence) {
    return sequence == 0 ? start.moment - due_before_start : start.moment + due_after_start;
  };
  ledger book{{.members = R"("task_type":"bench_restart",)", .due = due, .count_max = 2},
              static_cast<std::uint64_t>(on.run)};
  if (!create_two(on, book, out))
    return;
  on.target.kill_hard();
  std::this_thread::sleep_until(start.steady);
  if (const auto problem = on.target.launch())
    return out.fault(*problem);
  const auto healthy = first_200(on, "/healthz", start.steady);
  const auto accepting = first_200(on, "/v1/tasks?limit=1", start.steady);
  if (!healthy || !accepting)
    return out.fault("the server did not come back");
  out.add("healthy_s", *healthy);
  out.add("accept_s", *accepting);
  lease_two(on, book, start, out);
  out.fault(book.faults_of_start());
  check_kept(on, *on.load->book, book.created(), out);
  on.tasks_before += book.created();  // for what plays on this stage after us
}

}  // namespace carillon::bench
