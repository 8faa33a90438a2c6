#include "tests/support/month.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "storage/zone_files.hpp"
#include "tests/support/actor_world.hpp"
#include "tests/support/month_oracle.hpp"
#include "tests/support/month_people.hpp"
#include "tests/support/month_receiver.hpp"

namespace carillon::test {
namespace {

using namespace std::chrono_literals;

constexpr int requests_per_schedule = 5;
/// What still waits after the last moment has ended after so many steps of an hour.
constexpr int drain_steps_max = 100;

class month {
public:
  explicit month(const month_settings& settings);
  month_summary live();

private:
  enum class happening { creation, request, kill };

  void plan();
  void go_to(instant when);
  void settle();
  void happen(happening what);
  void kill();
  void work_a_little();
  void restart(instant trouble_from, duration downtime);
  duration draw_downtime();
  void finish();
  void judge(month_summary& found);
  void judge_schedule(const diary& about, const std::vector<const task*>& tasks);

  month_settings settings_;
  time_span span_;
  actor_world world_;
  dice random_;
  chronicle record_;
  people people_;
  receiver receiver_;
  std::multimap<instant, happening> plan_;
  int kills_ = 0;
};

world_settings world_of(const month_settings& settings) {
  return {.manual_clock = true,
          .begins = settings.begins,
          .delivery_slots = 64,
          .settles_at_start = false};
}

month::month(const month_settings& settings)
    : settings_{settings},
      span_{settings.begins, settings.begins + std::chrono::days{settings.days}},
      world_{settings.seed, world_of(settings)},
      random_{world_.random()},
      people_{world_, random_, span_, record_},
      receiver_{world_, random_, record_} {}

void month::plan() {
  const auto whole = std::chrono::ceil<std::chrono::seconds>(span_.to - span_.from);
  const auto some_time = [&](std::chrono::seconds end) {
    return span_.from + random_.between(1s, end);
  };
  for (int made = 0; made < settings_.schedules; ++made)
    plan_.emplace(random_.percent(70) ? span_.from : some_time(whole * 2 / 3), happening::creation);
  for (int asked = 0; asked < settings_.schedules * requests_per_schedule; ++asked)
    plan_.emplace(some_time(whole), happening::request);
  for (int killed = 0; killed < settings_.kills; ++killed)
    plan_.emplace(some_time(whole), happening::kill);
}

// -- time -------------------------------------------------------------------------

void month::settle() {
  do
    world_.settle();
  while (receiver_.answer_due());
}

void month::go_to(instant when) {
  if (random_.one_in(40))
    world_.fail_commits(storage::commit_status::no_space, 1 + static_cast<int>(random_.below(4)));
  settle();
  while (world_.now() < when) {
    const auto piece = std::min<instant>(when, world_.now() + random_.between(1s, 15min));
    const auto moved = world_.start_advance(piece);
    bool is_busy = true;
    while (!*moved && is_busy) {
      is_busy = world_.run_a_round();
      is_busy |= receiver_.answer_due();
    }
    if (!*moved)
      record_.faults.push_back("the clock stands still at " + format_instant(world_.now()));
    if (!*moved)
      return;
    settle();
    world_.wait(1s);  // what failed for want of space is tried again
    settle();
    people_.note();
    settle();
  }
}

void month::happen(happening what) {
  switch (what) {
    case happening::creation:
      return people_.make_schedule();
    case happening::request:
      return people_.ask_something();
    case happening::kill:
      return kill();
  }
}

// -- kills --------------------------------------------------------------------------

void month::work_a_little() {
  for (auto steps = random_.below(30); steps > 0; --steps) {
    if (random_.one_in(3))
      world_.run_a_round();
    else
      world_.stir();
    if (random_.one_in(8))
      people_.ask_something();
    if (random_.one_in(3))
      receiver_.answer_due();
    people_.note();
  }
}

duration month::draw_downtime() {
  const auto draw = random_.below(100);
  if (draw < 55)
    return 0s;
  if (draw < 90)
    return random_.between(1s, 1h);
  if (draw < 99)
    return random_.between(1h, 8h);
  return random_.between(8h, 48h);
}

void month::restart(instant trouble_from, duration downtime) {
  people_.note();
  record_.downtimes.push_back({trouble_from, world_.now() + downtime});
  world_.kill_and_restart(downtime);
  ++kills_;
  people_.look_again();
}

/// In the midst of whatever goes on; sometimes again while it starts.
void month::kill() {
  const auto trouble_from = world_.now();
  if (random_.percent(60))
    world_.start_advance(world_.now() + random_.between(1s, 30min));
  if (random_.percent(15))
    world_.fail_commits(storage::commit_status::no_space, 1 + static_cast<int>(random_.below(3)));
  for (auto requests = random_.below(5); requests > 0; --requests)
    people_.ask_something();
  work_a_little();
  restart(trouble_from, draw_downtime());
  while (random_.one_in(4)) {
    work_a_little();
    restart(trouble_from, 0s);
  }
}

// -- the end ------------------------------------------------------------------------

/// With the server up: all that was paused owes records, then nothing new is made.
void month::finish() {
  world_.fail_commits(storage::commit_status::durable, 0);
  go_to(world_.now() + 2min);
  people_.resume_all();
  settle();
  people_.note();
  go_to(world_.now() + 15min);
  people_.pause_all();
  settle();
  people_.note();
  receiver_.be_kind();
  const auto is_open = [&] {
    return world_.counted(task_status::scheduled) + world_.counted(task_status::queued)
               + world_.counted(task_status::processing) + world_.counted(task_status::retrying)
           > 0;
  };
  for (int step = 0; step < drain_steps_max && is_open(); ++step)
    go_to(world_.now() + 1h);
  record_.ended_at = world_.now();
}

std::uint64_t digest_of(const std::vector<task>& tasks) {
  std::uint64_t digest = 0xCBF29CE484222325ULL;
  const auto mix = [&](std::uint64_t bits) { digest = (digest ^ bits) * 0x100000001B3ULL; };
  const auto count = [](instant at) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count());
  };
  for (const auto& one : tasks) {
    mix(random_part(one.id));
    mix(count(one.spec->scheduled_for));
    mix(count(finished_at(one).value_or(instant{})));
    mix(static_cast<std::uint64_t>(status_of(one)) << 32 | one.attempts.size());
  }
  return digest;
}

/// What the schedule says of itself.
void month::judge_schedule(const diary& about, const std::vector<const task*>& tasks) {
  const auto is = *world_.stored_schedule(about.id);
  const auto complain = [&](const std::string& what) {
    record_.faults.push_back(to_text(about.id) + ": " + what);
  };
  if (is.spec->description != about.definitions.back().spec->description)
    complain("is not what was acknowledged last");
  const auto begun =
      std::ranges::count_if(tasks, [](const task* one) { return one->triggered_at.has_value(); });
  // A kill may swallow the news that one which was made ahead has begun.
  if (is.execution_count > begun || is.execution_count + kills_ < begun)
    complain("counts " + std::to_string(is.execution_count) + " executions of "
             + std::to_string(begun));
}

void month::judge(month_summary& found) {
  const storage::zone_files zones;
  auto all = world_.all_stored();
  std::ranges::sort(all, {}, &task::id);
  std::unordered_map<schedule_id, std::vector<const task*>> by_maker;
  for (const auto& one : all)
    by_maker[*one.spec->schedule].push_back(&one);
  for (const auto& about : record_.schedules) {
    auto end = world_.now();
    if (about.closed_at)
      end = *about.closed_at;
    else if (about.is_paused())
      end = about.pauses.back().from;
    judge_schedule(about, by_maker[about.id]);
    auto one = oracle{about, by_maker[about.id], record_, end, zones}.judge();
    found.moments += one.moments;
    found.records += one.records;
    found.gaps += one.gaps;
    found.doubles += one.doubles;
    found.faults.insert(found.faults.end(), one.faults.begin(), one.faults.end());
    by_maker.erase(about.id);
  }
  for (const auto& [maker, made] : by_maker)
    found.faults.push_back(to_text(maker) + ": nobody knows of it");
  const auto twice = judge_dedupe(all, record_);
  found.faults.insert(found.faults.end(), twice.begin(), twice.end());
  found.tasks = std::ssize(all);
  found.digest = digest_of(all);
}

month_summary month::live() {
  plan();
  settle();
  while (!plan_.empty()) {
    const auto [when, what] = *plan_.begin();
    plan_.erase(plan_.begin());
    go_to(when);
    happen(what);
  }
  settle();
  people_.note();
  finish();
  month_summary found;
  found.kills = kills_;
  found.calls = std::ssize(world_.calls());
  judge(found);
  found.faults.insert(found.faults.end(), record_.faults.begin(), record_.faults.end());
  return found;
}

}  // namespace

month_summary live_through(const month_settings& settings) {
  return month{settings}.live();
}

}  // namespace carillon::test
