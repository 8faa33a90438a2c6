#include "tests/support/month_rules.hpp"

#include <string>

namespace carillon::test {
namespace {

using namespace std::chrono_literals;

/// Some of them change their clocks in October, at different hours and by different steps.
const std::vector<std::string> zones{"UTC",
                                     "Europe/Berlin",
                                     "Europe/London",
                                     "America/New_York",
                                     "Australia/Sydney",
                                     "Asia/Kolkata",
                                     "Australia/Lord_Howe",
                                     "Pacific/Chatham",
                                     "America/Sao_Paulo"};

const std::vector<std::string> often{
    "*/5 9 * * *",       "*/10 1-3 * * *",   "0,15,30,45 2,14 * * *", "20 */7 2 * * *",
    "*/2 0 * * mon,sat", "10,40 8-20 * * *", "0 5-59/6 1-2 * * sun"};
const std::vector<std::string> hourly{"17 * * * *",   "@hourly",      "@every 47m",
                                      "30 */2 * * *", "@every 3h20m", "45 0-23/3 * * *"};
const std::vector<std::string> daily{"30 2 * * *", "15 1 * * *",   "@daily",        "5 0 * * *",
                                     "0 3 * * *",  "30 2,9 * * *", "59 23 * * *",   "0 0 12 * * *",
                                     "45 1 L * *", "30 1-2 * * 0", "0 18 * * fri#2"};
const std::vector<std::string> seldom{"0 9 * * mon-fri", "30 2 * * sun", "@weekly", "0 4 1,15 * *",
                                      "0 6 15W * *"};
const std::vector<std::string> unions{"0 6 * * *|30 18 * * *", "*/20 8-9 * * *|@every 5h",
                                      "30 2 * * *|30 2 * * sun|@every 12h"};
const std::vector<std::string> recurring{"FREQ=DAILY;BYHOUR=2,9;BYMINUTE=30",
                                         "FREQ=HOURLY;INTERVAL=2",
                                         "FREQ=WEEKLY;BYDAY=MO,WE,SU",
                                         "FREQ=MINUTELY;INTERVAL=50",
                                         "FREQ=DAILY;INTERVAL=2;BYHOUR=1;BYMINUTE=45;BYSECOND=0",
                                         "FREQ=MONTHLY;BYDAY=SU;BYHOUR=2;BYMINUTE=15"};
const std::vector<std::string> counted{"FREQ=HOURLY;COUNT=37", "FREQ=MINUTELY;INTERVAL=20;COUNT=90",
                                       "FREQ=DAILY;COUNT=5",
                                       "FREQ=DAILY;BYHOUR=2;BYMINUTE=10,20,30;COUNT=40"};

instant moment_in(const time_span& span, dice& random) {
  return span.from
         + random.between(1s, std::chrono::ceil<std::chrono::seconds>(span.to - span.from));
}

template <class Enum>
Enum one_of(dice& random, std::size_t count) {
  return static_cast<Enum>(random.below(count));
}

void draw_overlap(schedule_spec& spec, dice& random) {
  spec.overlap.policy = one_of<overlap_policy>(random, 4);
  spec.overlap.parallelism = random.percent(70) ? 1 : 2 + static_cast<int>(random.below(2));
  spec.overlap.queue_limit = random.percent(50) ? 100 : 1 + static_cast<int>(random.below(3));
}

void draw_catch_up(schedule_spec& spec, dice& random) {
  spec.catch_up.policy = one_of<catch_up_policy>(random, 3);
  if (random.percent(40))
    spec.catch_up.window = random.between(10min, 12h);
  spec.catch_up.limit = random.percent(60) ? 100 : 1 + static_cast<int>(random.below(5));
}

void draw_work(schedule_spec& spec, dice& random) {
  auto& work = spec.work;
  work.target.emplace().url = "http://receiver.test/";
  work.retry = {static_cast<int>(random.below(4)), backoff_kind::fixed, random.between(1s, 5min),
                1h};
  if (random.percent(30))
    work.timeout = random.between(5min, 30min);
  if (random.percent(10))
    work.expires_after = random.between(5min, 2h);
}

}  // namespace

void change_rule(schedule_spec& spec, dice& random, instant now, const time_span& month) {
  const auto cron = [&](const std::vector<std::string>& from) {
    spec.kind = schedule_kind::cron;
    spec.expr = random.pick(from);
  };
  const auto rrule = [&](const std::vector<std::string>& from) {
    spec.kind = schedule_kind::rrule;
    spec.expr = random.pick(from);
  };
  const auto kind = random.below(100);
  if (kind < 15)
    cron(often);
  else if (kind < 32)
    cron(hourly);
  else if (kind < 62)
    cron(daily);
  else if (kind < 70)
    cron(seldom);
  else if (kind < 77)
    cron(unions);
  else if (kind < 87)
    rrule(recurring);
  else if (kind < 93)
    rrule(counted);
  else {
    spec.kind = schedule_kind::once;
    spec.expr = format_instant(moment_in({now, month.to}, random));
  }
  spec.timezone = random.pick(zones);
  spec.dst.gap = random.percent(80) ? dst_gap::after : dst_gap::skip;
  spec.dst.repeat = random.percent(60) ? dst_repeat::first : one_of<dst_repeat>(random, 3);
  spec.jitter = random.percent(20) ? random.between(1s, 10min) : duration{0};
}

void change_window(schedule_spec& spec, dice& random, instant now, const time_span& month) {
  spec.start_at.reset();
  spec.end_at.reset();
  if (random.percent(50))
    spec.start_at = moment_in({now, month.to}, random);
  if (random.percent(60))
    spec.end_at = moment_in({spec.start_at.value_or(now), month.to + 1h}, random);
}

schedule_spec random_schedule(dice& random, int number, const time_span& month) {
  schedule_spec spec;
  spec.name = "s" + std::to_string(number);
  spec.description = "0";
  change_rule(spec, random, month.from, month);
  if (random.percent(8)) {
    spec.kind = random.percent(50) ? schedule_kind::event : schedule_kind::manual;
    spec.expr = spec.kind == schedule_kind::event ? "orders.paid" : "";
  }
  if (random.percent(15))
    change_window(spec, random, month.from, month);
  if (random.percent(50))
    spec.lead = random.between(1s, 10min);
  draw_catch_up(spec, random);
  draw_overlap(spec, random);
  if (random.percent(15)) {
    spec.dedupe_window = random.between(10min, 3h);
    if (random.percent(50)) {
      spec.dedupe_key = "shared" + std::to_string(random.below(5));
      spec.dedupe_window = 1h;
    }
  }
  draw_work(spec, random);
  return spec;
}

}  // namespace carillon::test
