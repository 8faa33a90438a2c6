#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "tools/bench/api_client.hpp"
#include "tools/bench/readings.hpp"
#include "tools/bench/resource_meter.hpp"
#include "tools/bench/schedule_load.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t usual_schedules = 1'000'000;
constexpr auto settle_before = 2s;
constexpr auto settle_after = 10s;
// None is due while the run lasts.
constexpr auto begin_after = std::chrono::days{2};

constexpr std::array zones = {"UTC",           "Europe/Berlin",    "America/New_York",
                              "Asia/Tokyo",    "Asia/Kolkata",     "America/Sao_Paulo",
                              "Africa/Johannesburg", "Australia/Sydney"};
constexpr std::array weekdays = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

struct rule {
  const char* kind;
  std::string expr;
};

/// Rules as people have them, in equal parts: daily, on weekdays, weekly and monthly ones as cron,
/// weekly and monthly rrules, an interval of a day, and one moment of next year.
rule rule_of(std::uint64_t sequence, due_time once_at) {
  random_numbers random{sequence};
  const auto minute = random.below(60);
  const auto hour = random.below(24);
  const auto day = random.below(28) + 1;
  const auto weekday = random.below(weekdays.size());
  switch (sequence % 8) {
    case 0:
      return {"cron", fmt::format("{} {} * * *", minute, hour)};
    case 1:
      return {"cron", fmt::format("{} {} * * 1-5", minute, hour)};
    case 2:
      return {"cron", fmt::format("{} {} * * {}", minute, hour, weekday)};
    case 3:
      return {"cron", fmt::format("{} {} {} * *", minute, hour, day)};
    case 4:
      return {"rrule", fmt::format("FREQ=WEEKLY;INTERVAL=2;BYDAY={};BYHOUR={};BYMINUTE={}",
                                   weekdays[weekday], hour, minute)};
    case 5:
      return {"rrule", fmt::format("FREQ=MONTHLY;BYDAY=-1{};BYHOUR={};BYMINUTE={}",
                                   weekdays[weekday], hour, minute)};
    case 6:
      return {"cron", "@every 1d"};
    default: {
      std::string moment;
      append_instant(moment, once_at + std::chrono::minutes{random.below(100'000)});
      return {"once", moment};
    }
  }
}

ledger mixed_schedules(std::uint64_t count) {
  const auto now = std::chrono::floor<std::chrono::seconds>(wall_now());
  std::string start;
  append_instant(start, now + begin_after);
  return schedule_book(count, [start, once_at = now + std::chrono::years{1}](
                                  std::string& out, std::uint64_t sequence) {
    const auto [kind, expr] = rule_of(sequence, once_at);
    fmt::format_to(std::back_inserter(out),
                   R"({{"schedule_kind":"{}","schedule_expr":"{}","timezone":"{}",)"
                   R"("start_at":"{}","task_template":{{"task_type":"bench_later",)"
                   R"("payload":{{"seq":{},"report":"daily-sales","store":{}}}}}}})",
                   kind, expr, zones[sequence / 8 % zones.size()], start, sequence,
                   sequence % 1000);
  });
}

std::uint64_t resident_bytes(const server& target) {
  const auto reading = read_process(target.process());
  return reading ? reading->resident_bytes : 0;
}

void measure_space(stage& on, const ledger& book, std::uint64_t memory_before, run_report& out) {
  const auto count = static_cast<double>(std::max<std::uint64_t>(book.created(), 1));
  const auto memory = resident_bytes(on.target);
  const auto disk = static_cast<double>(disk_bytes(on.target.data()));
  const auto growth = static_cast<double>(memory) - static_cast<double>(memory_before);
  out.add("schedules", book.created());
  out.add("bytes_sent_per_schedule", static_cast<double>(book.bytes()) / count);
  out.add("rss_before_mb", static_cast<double>(memory_before) / 1e6);
  out.add("rss_settled_mb", static_cast<double>(memory) / 1e6);
  out.add("rss_bytes_per_schedule", growth / count);
  out.add("disk_bytes_per_schedule", disk / count);
}

/// Kills the server, starts it, and adds when it was back.
void measure_start(stage& on, run_report& out) {
  on.target.kill_hard();
  const auto begin = steady_now();
  if (const auto problem = on.target.launch())
    return out.fault(*problem);
  const auto ready = first_200(on, "/readyz", begin);
  const auto lists = first_200(on, "/v1/schedules?limit=1", begin);
  if (!ready || !lists)
    return out.fault("the server did not come back");
  out.add("ready_s", *ready);
  out.add("first_list_s", *lists);
  out.add("rss_after_start_mb", static_cast<double>(resident_bytes(on.target)) / 1e6);
}

}  // namespace

void measure_schedules(stage& on, run_report& out) {
  auto book = mixed_schedules(on.wanted.tasks_or(usual_schedules));
  const auto before = count_schedules(on).value_or(0);
  on.loop.run_for(settle_before);
  const auto memory_before = resident_bytes(on.target);
  const resource_meter meter{on.target};
  create_schedules(on, book, out);
  meter.finish(out, book.created());
  on.loop.run_for(settle_after);
  measure_space(on, book, memory_before, out);
  measure_start(on, out);
  check_schedules(on, book, before, [](std::uint64_t) { return 0; }, out);
  if (const auto tasks = count_tasks(on.loop, on.target.access()); tasks != on.tasks_before)
    out.fault(fmt::format("schedules made {} tasks before their time",
                          tasks.value_or(0) - on.tasks_before));
}

}  // namespace carillon::bench
