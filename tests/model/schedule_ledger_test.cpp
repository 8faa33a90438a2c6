#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "tests/support/schedule_life.hpp"
#include "tests/support/seeds.hpp"

// Goal: whatever happens, every moment of a rule ends as exactly one record.
// Method: each seed is one random but repeatable week in the life of a schedule, around a change of
// the clocks: ticks, gaps, clocks that go back, pauses, edits, snoozes, crashes, tasks that end or
// do not. At the end the records are compared with the moments that the rule has.
// To repeat a failure: CARILLON_SEED=42 test_model "[ledger]"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

constexpr int weeks = 400;
constexpr int steps_a_week = 120;

struct place {
  std::string zone;
  std::string born;  ///< Some days before the clocks change.
};
const std::vector<place> places{{"UTC", "2030-02-27T00:00:00Z"},
                                {"Europe/Berlin", "2030-03-29T11:00:00Z"},
                                {"Europe/Berlin", "2030-10-25T09:00:00Z"},
                                {"America/New_York", "2030-03-08T03:00:00Z"},
                                {"America/New_York", "2030-11-01T23:00:00Z"},
                                {"Australia/Lord_Howe", "2030-04-05T00:00:00Z"}};

struct rule_text {
  schedule_kind kind;
  std::string expr;
};
const std::vector<rule_text> rules{
    {schedule_kind::cron, "*/7 * * * *"},
    {schedule_kind::cron, "*/15 1-3 * * *"},
    {schedule_kind::cron, "30 2 * * *"},
    {schedule_kind::cron, "5,50 1,2,3 * * *|0 12 * * *"},
    {schedule_kind::cron, "@every 13m"},
    {schedule_kind::cron, "0 */2 * * *|@every 40m"},
    {schedule_kind::rrule, "FREQ=HOURLY;INTERVAL=3"},
    {schedule_kind::rrule, "FREQ=DAILY;BYHOUR=1,2;BYMINUTE=15,45;BYSECOND=0"},
    {schedule_kind::rrule, "FREQ=DAILY;COUNT=5;BYHOUR=2;BYMINUTE=30;BYSECOND=0"},
};

/// One week of one schedule, and what it must come to.
class week {
public:
  explicit week(std::uint64_t seed) : random_{seed}, life_{begin(seed)} {
    segments_.push_back({life_.rule(), life_.now});
  }

  void do_something() {
    life_.delays_messages = any(3) == 0;
    if (!life_.delays_messages)
      life_.settle();
    switch (any(16)) {
      case 0:
        return sleep();
      case 1:
        return any(3) == 0 ? pause() : resume();
      case 2:
        return edit();
      case 3:
        return snooze();
      case 4:
        return extra();
      case 5:
        return any(2) == 0 ? life_.crash() : life_.lose(schedule_event::tick{});
      case 6:
        return turn_back();
      case 7:
      case 8:
      case 9:
      case 10:
        return work();
      default:
        life_.go_to(life_.now + minutes(any(8) == 0 ? 600 : 30));
    }
  }

  void check_now() {
    std::int64_t admitted = 0;
    for (const auto& [id, one] : life_.tasks()) {
      if (std::holds_alternative<scheduled>(one.state))
        due_[id] = due_at(one);
      const auto* waiting = std::get_if<queued>(&one.state);
      if (!has_ended(one) && !std::holds_alternative<scheduled>(one.state)
          && (waiting == nullptr || !waiting->held))
        ++admitted;
    }
    if (!was_unlimited_)
      CHECK(admitted <= life_.spec().overlap.parallelism);
  }

  /// Lets everything come to an end, and compares.
  void judge() {
    life_.delays_messages = false;
    life_.settle();
    life_.now = std::max(life_.now, latest_);
    resume();
    life_.sleep_until(life_.now + 1h);
    while (finish_one()) {
    }
    for (const auto& [id, one] : life_.tasks()) {
      INFO("all end, none early: " << shown(one.spec->scheduled_for));
      CHECK((has_ended(one) || std::holds_alternative<scheduled>(one.state)));
      if (const auto due = due_.find(id); due != due_.end() && one.triggered_at)
        CHECK((*one.triggered_at >= due->second || triggered_.contains(id)));
      if (one.triggered_at && one.spec->cause != trigger_cause::api)
        CHECK((*one.triggered_at >= one.spec->scheduled_for || triggered_.contains(id)));
    }
    judge_ledger();
  }

private:
  struct segment {
    moments rule;
    instant from;  ///< Its moments are strictly after this, until the next one's.
  };

  std::uint64_t any(std::uint64_t below) { return random_() % below; }
  duration minutes(std::uint64_t below) {
    return duration{static_cast<std::int64_t>(any(below * 60'000))};
  }

  schedule_life begin(std::uint64_t seed) {
    const auto& where = places[any(places.size())];
    const auto& rule = rules[any(rules.size())];
    turns_back_ = seed % 2 == 0;
    auto spec = a_schedule(rule.expr);
    spec.kind = rule.kind;
    spec.timezone = where.zone;
    spec.dst.gap = static_cast<dst_gap>(any(2));
    spec.dst.repeat = static_cast<dst_repeat>(any(3));
    spec.jitter = any(2) == 0 ? 0min : 10min;
    spec.overlap.parallelism = 1 + static_cast<int>(any(3));
    spec.work.retry = {static_cast<int>(any(3)), backoff_kind::fixed, 5min, 5min};
    const auto born = *parse_instant(where.born) + minutes(600);
    if (any(4) == 0)
      spec.start_at = born + 24h;
    if (any(4) == 0)
      spec.end_at = born + 72h;
    choose_policies(spec);
    return schedule_life{spec, born, any(8) != 0, seed};
  }

  void choose_policies(schedule_spec& spec) {
    spec.lead = any(2) == 0 ? 0min : minutes(any(4) == 0 ? 600 : 20);
    spec.catch_up = {static_cast<catch_up_policy>(any(3)), {}, 1 + static_cast<int>(any(5))};
    if (any(2) == 0)
      spec.catch_up.window = minutes(600);
    spec.overlap.policy = static_cast<overlap_policy>(any(4));
    spec.overlap.queue_limit = static_cast<int>(any(4));
    spec.dedupe_window = any(4) == 0 ? minutes(60) : 0min;
    was_unlimited_ |= spec.overlap.policy == overlap_policy::allow;
  }

  void sleep() { life_.sleep_until(life_.now + minutes(any(4) == 0 ? 2'000 : 200)); }

  void pause() {
    if (life_.subject().status == schedule_status::active)
      life_.tell(schedule_event::pause{});
  }
  void resume() {
    if (life_.subject().status == schedule_status::paused)
      life_.tell(schedule_event::resume{});
  }

  void edit() {
    auto spec = life_.spec();
    choose_policies(spec);
    const bool is_new_rule = !turns_back_ && any(4) == 0;
    if (is_new_rule) {
      const auto& rule = rules[any(rules.size())];
      spec.kind = rule.kind;
      spec.expr = rule.expr;
      if (any(2) == 0)
        spec.end_at.reset();
    }
    life_.edit(spec);
    if (!is_new_rule)
      return;
    segments_.push_back({life_.rule(), life_.now});
    for (const auto& [id, one] : life_.tasks())
      if (one.spec->scheduled_for > life_.now)
        stays_.insert(one.spec->scheduled_for);
  }

  void snooze() {
    const schedule_event::snooze asked{minutes(300)};
    if (!life_.refuses(asked))
      life_.tell(asked);
  }

  void extra() {
    if (life_.subject().status == schedule_status::active)
      life_.tell(schedule_event::run{});
  }

  void turn_back() {
    latest_ = std::max(latest_, life_.now);
    life_.settle();  // what is told already is told at that time
    if (turns_back_)
      life_.now -= minutes(180);
  }

  /// Somebody does something with a task.
  void work() {
    if (life_.tasks().empty())
      return;
    const auto& [id, one] =
        *std::next(life_.tasks().begin(), static_cast<std::ptrdiff_t>(any(life_.tasks().size())));
    const auto* running = std::get_if<processing>(&one.state);
    if (any(8) == 0)
      life_.tell_task(id, event::cancel{});
    else if (running != nullptr && any(3) == 0)
      life_.tell_task(id, event::failed{running->token});
    else if (running == nullptr && was_unlimited_ && any(4) == 0)
      meddle(one);
    else if (running == nullptr && any(4) != 0)
      life_.tell_task(id, event::tick{});
    else
      finish_one();
  }

  /// What a person asks of a task may go over the limit.
  void meddle(const task& one) {
    if (std::holds_alternative<scheduled>(one.state))
      triggered_.insert(one.id);
    life_.tell_task(one.id, any(2) == 0 ? task_event{event::trigger{}} : event::retry{});
  }

  /// The first one that waits or runs succeeds. False: there is none.
  bool finish_one() {
    for (const auto& [id, one] : life_.tasks()) {
      const auto* waiting = std::get_if<queued>(&one.state);
      if (const auto* running = std::get_if<processing>(&one.state))
        life_.tell_task(id, event::succeeded{running->token});
      else if (std::holds_alternative<retrying>(one.state))
        life_.tell_task(id, event::retry{});
      else if (waiting != nullptr && !waiting->held)
        life_.tell_task(id, event::grant{runner_kind::lease, 7, "worker-1", 24h});
      else
        continue;
      return true;
    }
    return false;
  }

  void judge_ledger() {
    std::map<instant, int> records;
    std::vector<const task_spec*> ranges;
    for (const auto& [id, one] : life_.tasks()) {
      if (one.spec->stands_for)
        ranges.push_back(one.spec.get());
      else if (one.spec->cause != trigger_cause::api)
        ++records[one.spec->scheduled_for];
    }
    const auto single = records;
    for (const auto* range : ranges) {
      std::int64_t count = 0;
      for (const auto at : moments_in(range->scheduled_for, range->stands_for->last)) {
        if (single.contains(at))
          continue;
        ++records[at];
        ++count;
      }
      INFO("a range from " << shown(range->scheduled_for));
      CHECK(count == range->stands_for->count);
    }
    const auto expected = moments_in(segments_.front().from + 1ms, life_.now);
    for (const auto at : expected) {
      INFO("the moment " << shown(at));
      CHECK(records[at] == 1);
    }
    for (const auto& [at, count] : records) {
      INFO("the record of " << shown(at));
      CHECK(count == 1);
      // Behind now: made ahead by its lead or by a snooze.
      CHECK((at > life_.now || std::ranges::binary_search(expected, at) || stays_.contains(at)));
    }
  }

  /// The moments of whatever rule held then, in rising order.
  [[nodiscard]] std::vector<instant> moments_in(instant first, instant last) const {
    std::vector<instant> all;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      const auto& [rule, from] = segments_[i];
      const auto to = i + 1 < segments_.size() ? std::min(segments_[i + 1].from, last) : last;
      for (auto at = rule.next(std::max(from, first - 1ms)); at && at->at <= to;
           at = rule.next(at->at))
        all.push_back(at->at);
    }
    return all;
  }

  std::mt19937_64 random_;
  bool turns_back_ = false;
  bool was_unlimited_ = false;
  schedule_life life_;
  instant latest_ = instant_min;
  std::vector<segment> segments_;
  std::set<instant> stays_;  ///< Made ahead by a rule that is no more.
  std::map<task_id, instant> due_;
  std::set<task_id> triggered_;
};

}  // namespace

TEST_CASE("every moment ends as exactly one record, whatever happens", "[schedule][ledger]") {
  for (const auto seed : seeds(weeks)) {
    CAPTURE(seed);
    week one{seed};
    for (int step = 0; step < steps_a_week; ++step) {
      one.do_something();
      one.check_now();
    }
    one.judge();
  }
}

TEST_CASE("what a preview shows is what fires", "[schedule][ledger]") {
  for (const auto seed : seeds(weeks)) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    const auto& where = places[random() % places.size()];
    const auto& rule = rules[random() % rules.size()];
    auto spec = a_schedule(rule.expr);
    spec.kind = rule.kind;
    spec.timezone = where.zone;
    spec.dst.gap = static_cast<dst_gap>(random() % 2);
    spec.dst.repeat = static_cast<dst_repeat>(random() % 3);
    spec.jitter = random() % 2 == 0 ? 0min : 10min;
    spec.lead = random() % 2 == 0 ? 0min : 5min;
    spec.overlap.policy = overlap_policy::allow;
    schedule_life life{spec, *parse_instant(where.born), true, seed};
    const auto shown_before = life.preview(100);
    REQUIRE_FALSE(shown_before.empty());
    life.go_to(shown_before.back());
    std::vector<instant> fired;
    for (const auto& [id, one] : life.tasks())
      if (one.triggered_at) {
        CHECK(one.triggered_at == one.spec->scheduled_for);
        fired.push_back(one.spec->scheduled_for);
      }
    CHECK(fired == shown_before);
  }
}
