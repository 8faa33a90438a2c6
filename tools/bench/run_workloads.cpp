#include <fmt/format.h>

#include "tools/bench/hook_receiver.hpp"
#include "tools/bench/pull_workers.hpp"
#include "tools/bench/resource_meter.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr double usual_seconds = 10;
constexpr std::uint64_t usual_tasks_max = 2'000'000;
constexpr int usual_creators = 16;
constexpr std::uint64_t usual_keys = 100'000;
// So long we listen on for a task that comes twice.
constexpr auto linger = 1500ms;

std::unique_ptr<creator> creator_of(stage& on, ledger& book) {
  return make_creator(on.wanted.create, on.loop, on.target.access(), book,
                      on.wanted.connections.value_or(usual_creators));
}

/// Creates for the span and goes on until `reached` counts as many tasks as were created.
void create_until_reached(stage& on, creator& maker, ledger& book,
                          const std::function<std::uint64_t()>& reached, run_report& out) {
  maker.start();
  on.loop.run([&] { return maker.idle(); },
              steady_now() + from_seconds(on.wanted.seconds_or(usual_seconds)));
  book.close();
  const auto progress = [&] { return book.created() + reached(); };
  const auto done = [&] { return maker.idle() && reached() >= book.created(); };
  if (!run_while_moving(on.loop, done, progress))
    out.fault(fmt::format("{} tasks were created, {} came through", book.created(), reached()));
  report_failures(out, maker.failures(), "to create");
}

void lease_and_complete(stage& on, std::uint64_t keys, run_report& out) {
  ledger book{{.members = R"("task_type":"bench",)",
               .count_max = on.wanted.tasks_or(usual_tasks_max),
               .keys = keys},
              static_cast<std::uint64_t>(on.run)};
  const auto maker = creator_of(on, book);
  pull_workers workers{on.loop, on.target.access(), book, {.queue = "bench"}};
  const resource_meter meter{on.target};
  const auto begin = steady_now();
  workers.start();
  create_until_reached(
      on, *maker, book, [&] { return book.completed(); }, out);
  const auto seconds = to_seconds(workers.last_completion() - begin);
  if (book.completed() > 0)
    out.add("rate_per_s", static_cast<double>(book.completed()) / seconds);
  out.add("", workers.whole());
  out.add("create_", maker->span().latency);
  meter.finish(out, book.completed());

  workers.stop();
  on.loop.run_for(linger);
  report_failures(out, workers.failures(), "of the workers");
  out.fault(book.faults_of_creation());
  out.fault(book.faults_of_start());
  out.fault(book.faults_of_completion());
  check_kept(on, book, 0, out);
}

}  // namespace

void create_lease_complete(stage& on, run_report& out) {
  lease_and_complete(on, 0, out);
}

void create_lease_complete_keyed(stage& on, run_report& out) {
  lease_and_complete(on, usual_keys, out);
}

void create_deliver_complete(stage& on, run_report& out) {
  ledger* told = nullptr;
  hook_receiver receiver{on.loop, [&](std::string_view body) {
                           if (const auto sequence = find_number(body, "seq"))
                             told->on_delivered(*sequence);
                         }};
  ledger book{{.members = fmt::format(R"("target":"http://127.0.0.1:{}/hook",)", receiver.port()),
               .count_max = on.wanted.tasks_or(usual_tasks_max)},
              static_cast<std::uint64_t>(on.run)};
  told = &book;
  // With a secret of this name every delivery is signed.
  if (call(on.loop, on.target.access(), "POST", "/v1/secrets", R"({"name":"default"})").status
      != 201)
    out.fault("there is no secret to sign with");
  const auto completed_before = count_tasks(on.loop, on.target.access(), "status=completed");
  const auto maker = creator_of(on, book);
  const resource_meter meter{on.target};
  const auto begin = steady_now();
  create_until_reached(
      on, *maker, book, [&] { return book.started(); }, out);
  // All are delivered; the last are completed when the server has the answers on disk.
  std::uint64_t completed = 0;
  const auto deadline = steady_now() + 10s;
  while (completed < book.created() && steady_now() < deadline && !interrupted())
    completed = count_tasks(on.loop, on.target.access(), "status=completed").value_or(0)
                - completed_before.value_or(0);
  const auto seconds = to_seconds(steady_now() - begin);
  out.add("rate_per_s", static_cast<double>(completed) / seconds);
  out.add("create_", maker->span().latency);
  meter.finish(out, completed);

  on.loop.run_for(linger);
  if (completed != book.created())
    out.fault(fmt::format("{} tasks were created, {} completed", book.created(), completed));
  out.fault(book.faults_of_creation());
  out.fault(book.faults_of_start());
  check_kept(on, book, 0, out);
}

}  // namespace carillon::bench
