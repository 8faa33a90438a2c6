#include "tools/bench/schedule_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/bench/api_client.hpp"

namespace carillon::bench {

namespace {

constexpr int usual_connections = 64;
constexpr std::uint64_t sample_size = 100;

/// Without the prefix, which is another one for schedules.
std::string path_of(task_id id) {
  return "/v1/schedules/" + format_uuid(id);
}

}  // namespace

ledger schedule_book(std::uint64_t count,
                     std::function<void(std::string& out, std::uint64_t sequence)> write) {
  return {{.members = {}, .count_max = count, .write = std::move(write)}, 0};
}

void create_schedules(stage& on, ledger& book, run_report& out) {
  single_creators makers{on.loop, on.target.access(), book,
                         on.wanted.connections.value_or(usual_connections),
                         {.path = "/v1/schedules", .id_prefix = "schedule_"}};
  const auto begin = steady_now();
  makers.start();
  const auto done = run_while_moving(
      on.loop, [&] { return makers.idle(); }, [&] { return book.created(); });
  const auto seconds = to_seconds(steady_now() - begin);
  out.add("load_s", seconds);
  out.add("load_rate_per_s", static_cast<double>(book.created()) / seconds);
  out.add("create_", makers.span().latency);
  if (!done)
    out.fault("the creation came to a stop");
  report_failures(out, makers.failures(), "to create schedules");
  out.fault(book.faults_of_creation());
}

std::optional<std::uint64_t> count_schedules(stage& on) {
  const auto page = call(on.loop, on.target.access(), "GET", "/v1/schedules?limit=1");
  if (page.status != 200)
    return std::nullopt;
  return answer_reader{}.read_total(page.body);
}

void check_schedules(stage& on, const ledger& book, std::uint64_t before,
                     const std::function<std::uint64_t(std::uint64_t sequence)>& executions,
                     run_report& out) {
  const auto total = count_schedules(on);
  const auto expected = before + book.created();
  if (total != expected)
    out.fault(fmt::format("the server has {} schedules where {} were acknowledged",
                          total.value_or(0), expected));
  if (book.created() != book.written())
    return;
  random_numbers random{static_cast<std::uint64_t>(on.run)};
  for (std::uint64_t index = 0; index < std::min(sample_size, book.created()); ++index) {
    const auto sequence = random.below(book.written());
    const auto path = path_of(book.id_of(sequence));
    const auto found = call(on.loop, on.target.access(), "GET", path);
    const auto right =
        found.status == 200 && find_number(found.body, "seq") == sequence
        && (!executions || find_number(found.body, "execution_count") == executions(sequence));
    if (right)
      continue;
    out.fault(fmt::format("{} with seq {} answers {} {}", path, sequence, found.status,
                          found.body));
    return;
  }
}

}  // namespace carillon::bench
