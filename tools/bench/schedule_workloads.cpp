#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <utility>

#include "tools/bench/api_client.hpp"
#include "tools/bench/api_probe.hpp"
#include "tools/bench/moment_book.hpp"
#include "tools/bench/pull_workers.hpp"
#include "tools/bench/resource_meter.hpp"
#include "tools/bench/schedule_load.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr std::uint64_t usual_schedules = 10'000;
constexpr std::uint64_t usual_schedules_at_midnight = 100'000;
constexpr double usual_seconds = 180;
constexpr auto head_start = 1s;  // the workers are there before the first moment
constexpr auto linger = 1500ms;  // so long we listen on for a task that comes twice

/// When the schedules fire, and between which moments.
struct firing_plan {
  due_time begin;
  due_time end;
  seconds period;
  std::vector<moment_series> moments = {};
  std::function<void(std::string& out, std::uint64_t sequence)> write = {};
};

/// A whole second, far enough ahead to create so many schedules before, also on a machine that has
/// other work.
due_time first_moment(std::uint64_t schedules) {
  return std::chrono::ceil<seconds>(wall_now() + 10s + std::chrono::milliseconds{schedules});
}

/// What all of them say besides when: tasks are made at their time, and none waits for another.
void append_policies(std::string& out, std::uint64_t sequence) {
  fmt::format_to(std::back_inserter(out),
                 R"("timezone":"UTC","lead":"0s","on_overlap":"allow",)"
                 R"("task_template":{{"task_type":"bench","payload":{{"seq":{}}}}})",
                 sequence);
}

/// Each schedule fires once a minute, in the second that is its own.
firing_plan every_minute(std::uint64_t schedules, seconds length,
                         const std::function<int(std::uint64_t)>& second_of) {
  const auto begin = first_moment(schedules);
  firing_plan plan{.begin = begin, .end = begin + length - 1ms, .period = 1min};
  const auto begin_second = std::chrono::floor<seconds>(plan.begin.time_since_epoch()).count() % 60;
  for (std::uint64_t sequence = 0; sequence < schedules; ++sequence) {
    const auto wait = seconds{(second_of(sequence) + 60 - begin_second) % 60};
    const auto count = wait < length ? (length - 1s - wait) / 60s + 1 : 0;
    plan.moments.push_back({plan.begin + wait, static_cast<std::uint32_t>(count)});
  }
  std::string window = R"("start_at":")";
  append_instant(window, plan.begin);
  window += R"(","end_at":")";
  append_instant(window, plan.end);
  window += R"(",)";
  plan.write = [second_of, window = std::move(window)](std::string& out, std::uint64_t sequence) {
    fmt::format_to(std::back_inserter(out), R"({{"cron":"{} * * * * *",{})", second_of(sequence),
                   window);
    append_policies(out, sequence);
    out += '}';
  };
  return plan;
}

/// All schedules fire daily, at the same time of day: once in this run.
firing_plan every_day(std::uint64_t schedules) {
  const auto moment = first_moment(schedules);
  firing_plan plan{.begin = moment, .end = moment, .period = 24h};
  plan.moments.assign(schedules, {moment, 1});
  const std::chrono::hh_mm_ss time{moment - std::chrono::floor<std::chrono::days>(moment)};
  const auto rule = fmt::format("{} {} {} * * *", time.seconds().count(), time.minutes().count(),
                                time.hours().count());
  plan.write = [rule](std::string& out, std::uint64_t sequence) {
    fmt::format_to(std::back_inserter(out), R"({{"cron":"{}",)", rule);
    append_policies(out, sequence);
    out += '}';
  };
  return plan;
}

/// One run: creates the schedules, and lets workers take what they make until all moments came.
class firing_run {
public:
  firing_run(stage& on, run_report& out, firing_plan plan)
      : on_(on),
        out_(out),
        plan_(std::move(plan)),
        book_(schedule_book(plan_.moments.size(), plan_.write)),
        moments_(plan_.moments, plan_.period),
        workers_(on.loop, on.target.access(), moments_, {.queue = "bench"}),
        schedules_before_(count_schedules(on).value_or(0)),
        completed_before_(completed_tasks()) {}

  /// Until the first moment has nearly come.
  void create() {
    create_schedules(on_, book_, out_);
    const auto begin = to_steady(plan_.begin) - head_start;
    if (steady_now() > begin)
      out_.fault("creating took so long that the first moment came before its end");
    on_.loop.run([] { return false; }, begin);
  }

  /// Adds what was measured of leases; `begin_watch` is called at the first moment.
  void fire(const std::function<void()>& begin_watch) {
    workers_.start();
    const auto begin = to_steady(plan_.begin);
    on_.loop.run([&] { return moments_.started() > 0; }, begin);  // also when it is early
    begin_watch();
    const resource_meter meter{on_.target};
    const auto done = [&] { return moments_.completed() >= moments_.expected(); };
    on_.loop.run(done, to_steady(plan_.end));
    if (!run_while_moving(on_.loop, done, [&] { return moments_.completed(); }))
      out_.fault("no task came for 15 seconds, and some are missing");
    out_.add("moments", moments_.expected());
    out_.add("late_", workers_.lateness());
    out_.add("late_p999_ms", to_milliseconds(workers_.lateness().quantile(0.999)));
    if (plan_.begin == plan_.end) {
      out_.add("last_lease_s", to_seconds(workers_.last_lease() - begin));
      out_.add("last_completion_s", to_seconds(workers_.last_completion() - begin));
    }
    meter.finish(out_, moments_.completed());
  }

  /// The moments as the workers saw them, and as the server tells them.
  void check() {
    on_.loop.run_for(linger);
    workers_.stop();
    on_.loop.run([&] { return workers_.idle(); }, steady_now() + 5s);
    report_failures(out_, workers_.failures(), "of the workers");
    out_.fault(moments_.faults());
    const auto total = count_tasks(on_.loop, on_.target.access());
    const auto completed = completed_tasks() - completed_before_;
    if (total != on_.tasks_before + moments_.expected() || completed != moments_.expected())
      out_.fault(fmt::format("{} moments were due; the server has {} tasks more, {} completed",
                             moments_.expected(), total.value_or(0) - on_.tasks_before, completed));
    check_schedules(
        on_, book_, schedules_before_,
        [this](std::uint64_t sequence) { return moments_.moments_of(sequence); }, out_);
  }

private:
  std::uint64_t completed_tasks() {
    return count_tasks(on_.loop, on_.target.access(), "status=completed").value_or(0);
  }

  stage& on_;
  run_report& out_;
  firing_plan plan_;
  ledger book_;
  moment_book moments_;
  pull_workers workers_;
  std::uint64_t schedules_before_;
  std::uint64_t completed_before_;
};

void fire_every_minute(stage& on, run_report& out,
                       const std::function<int(std::uint64_t)>& second_of) {
  const auto length = seconds{std::llround(std::ceil(on.wanted.seconds_or(usual_seconds)))};
  firing_run run{on, out, every_minute(on.wanted.tasks_or(usual_schedules), length, second_of)};
  run.create();
  run.fire([] {});
  run.check();
}

}  // namespace

void schedules_evenly(stage& on, run_report& out) {
  fire_every_minute(on, out,
                    [](std::uint64_t sequence) { return static_cast<int>(sequence % 60); });
}

void schedules_at_full_minutes(stage& on, run_report& out) {
  fire_every_minute(on, out, [](std::uint64_t) { return 0; });
}

void schedules_at_midnight(stage& on, run_report& out) {
  firing_run run{on, out, every_day(on.wanted.tasks_or(usual_schedules_at_midnight))};
  run.create();
  failure_count failures;
  request_maker maker{on.target.access(), "GET", "/v1/tasks?limit=1"};
  api_probe list{on.loop, on.target.access(), [&] { return probe_question{maker.make()}; },
                 [&](std::uint64_t, const answer& news) {
                   if (news.status != 200)
                     failures.add(news.status, news.body);
                 }};
  run.fire([&] { list.begin_span(); });
  out.add("list_", list.times());
  list.stop();
  on.loop.run([&] { return list.idle(); }, steady_now() + 5s);
  report_failures(out, failures, "of the probe");
  run.check();
}

}  // namespace carillon::bench
