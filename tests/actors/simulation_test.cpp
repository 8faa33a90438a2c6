#include "tests/support/actor_world.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "tests/support/seeds.hpp"

// Goal: no order of requests, results, crashes and full disks breaks a promise.
// Method: each seed is one random but repeatable day in the life of the server. What a client was
// told is kept apart from the server and compared with it at the end.
// To repeat a failure: CARILLON_SEED=42 test_actors "[simulation]"

using namespace carillon;
using namespace std::chrono_literals;
using test::actor_world;

namespace {

constexpr int days = 150;
constexpr int steps_a_day = 200;
const std::vector<key_limit> limits{
    {"one", 1}, {"two", 2}, {"even", 0, 4, 1s}, {"both", 1, 10, 1s}};

struct held_lease {
  task_id id;
  std::uint64_t token;
};

/// Clients of one day, and what they remember.
class clients {
public:
  explicit clients(actor_world& world) : world_{world} {}

  void do_something() {
    switch (world_.random()() % 12) {
      case 0:
      case 1:
      case 2:
        return create();
      case 3:
        return ask(event::trigger{});
      case 4:
        return ask(event::cancel{});
      case 5:
        leases_asked_.push_back(world_.lease("q", 1 + world_.random()() % 3, 5s, 2s));
        return;
      case 6:
      case 7:
        return use_lease();
      case 8:
      case 9:
        return answer_call();
      case 10:
        if (world_.random()() % 4 == 0)
          world_.fail_commits(storage::commit_status::no_space, 1 + world_.random()() % 3);
        return;
      default:
        world_.advance(duration{static_cast<std::int64_t>(world_.random()() % 4'000)});
    }
  }

  void kill() {
    note();
    world_.kill_and_restart();
  }

  /// Takes down what was answered.
  void note() {
    for (const auto& slot : creations_)
      if (const auto* made = test::good(slot))
        acked_.insert(made->subject->id);
    for (const auto& slot : leases_asked_)
      if (const auto* granted = test::good(slot))
        for (const auto& one : *granted)
          leases_.push_back({one->id, std::get<processing>(one->state).token});
    for (const auto& [id, slot] : asks_)
      if (const auto* answered = test::good(slot); answered != nullptr && has_ended(**answered))
        ended_.emplace(id, status_of(**answered));
    const auto is_answered = [](const auto& slot) { return slot->has_value(); };
    std::erase_if(creations_, is_answered);
    std::erase_if(leases_asked_, is_answered);
    std::erase_if(asks_, [&](const auto& ask) { return is_answered(ask.second); });
  }

  /// However many wait, no more than a key allows are under way.
  void check_keys() const {
    std::map<std::string, int> running;
    for (const auto& task : world_.all_stored())
      if (std::holds_alternative<processing>(task.state))
        ++running[task.spec->limit.key];
    for (const auto& limit : limits)
      CHECK((limit.concurrency == 0 || running[limit.key] <= limit.concurrency));
  }

  /// Heals everything, lets time pass until all is over, and compares.
  void judge() {
    for (int round = 0; round < 200; ++round) {
      for (std::size_t call = 0; call < world_.calls().size(); ++call)
        world_.answer_call(call, 200);
      const auto asked = world_.lease("q", 100, 60s);
      world_.settle();
      for (const auto& one : *test::good(asked))
        world_.ask(one->id, event::succeeded{std::get<processing>(one->state).token});
      world_.advance(1s);
      note();
    }
    for (const auto& id : acked_) {
      INFO("an acknowledged task is never lost: " << to_text(id));
      REQUIRE(world_.stored(id));
      INFO("it is " << to_string(status_of(*world_.stored(id))));
      CHECK(has_ended(*world_.stored(id)));
    }
    for (const auto& [id, status] : ended_) {
      INFO("an end that was told is never undone: " << to_text(id));
      CHECK(status_of(*world_.stored(id)) == status);
    }
    std::map<std::pair<task_id, int>, int> starts;
    for (const auto& call : world_.calls()) {
      const auto task = *world_.stored(call.id);
      INFO("never early, each attempt once: " << to_text(call.id));
      CHECK(call.at >= *task.triggered_at);
      CHECK((*task.triggered_at >= task.spec->scheduled_for || triggered_.contains(call.id)));
      CHECK(++starts[{call.id, call.attempt}] == 1);
    }
    CHECK(world_.keys_in_use().empty());
    std::map<task_status, std::int64_t> counts;
    for (const auto& task : world_.all_stored())
      ++counts[status_of(task)];
    for (const auto& [status, count] : counts)
      CHECK(world_.counted(status) == count);
  }

private:
  void create() {
    auto& random = world_.random();
    const auto due = world_.now() + duration{static_cast<std::int64_t>(random() % 20'000)};
    auto spec = random() % 2 == 0 ? test::pull_task(due) : test::delivered_task(due, 2);
    if (spec.target)
      spec.target->url = "http://host" + std::to_string(random() % 3) + "/hook";
    if (random() % 5 == 0)
      spec.unique_id = std::string(1 + random() % 3, 'u');
    if (random() % 5 == 0)
      spec.expires_at = due + 3s;
    if (random() % 2 == 0)
      spec.limit = limits[random() % limits.size()];
    creations_.push_back(world_.create(std::move(spec)));
  }

  void ask(const task_event& what) {
    if (acked_.empty())
      return;
    const auto id =
        *std::next(acked_.begin(), static_cast<std::ptrdiff_t>(world_.random()() % acked_.size()));
    if (std::holds_alternative<event::trigger>(what))
      triggered_.insert(id);
    asks_.emplace_back(id, world_.ask(id, what));
  }

  void use_lease() {
    if (leases_.empty())
      return;
    const auto at = world_.random()() % leases_.size();
    const auto [id, token] = leases_[at];
    switch (world_.random()() % 4) {
      case 0:
        asks_.emplace_back(id, world_.ask(id, event::failed{token}));
        break;
      case 1:
        asks_.emplace_back(id, world_.ask(id, event::release{token}));
        break;
      case 2:
        asks_.emplace_back(id, world_.ask(id, event::heartbeat{token, 5s}));
        return;
      default:
        asks_.emplace_back(id, world_.ask(id, event::succeeded{token}));
    }
    if (world_.random()() % 4 != 0)  // sometimes a worker says it twice
      leases_.erase(leases_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void answer_call() {
    if (world_.calls().empty())
      return;
    const auto which = world_.random()() % world_.calls().size();
    constexpr int statuses[] = {200, 200, 500, 503, 429, 0};
    world_.answer_call(which, statuses[world_.random()() % std::size(statuses)]);
  }

  actor_world& world_;
  std::vector<test::slot<created_task>> creations_;
  std::vector<test::slot<std::vector<task_ptr>>> leases_asked_;
  std::vector<std::pair<task_id, test::slot<task_ptr>>> asks_;
  std::vector<held_lease> leases_;
  std::set<task_id> acked_;
  std::set<task_id> triggered_;
  std::map<task_id, task_status> ended_;
};

}  // namespace

TEST_CASE("no day breaks a promise", "[simulation]") {
  for (const auto seed : test::seeds(days)) {
    CAPTURE(seed);
    actor_world world{seed};
    clients people{world};
    for (int step = 0; step < steps_a_day; ++step) {
      people.do_something();
      world.stir();
      if (world.random()() % 40 == 0)
        people.kill();
      people.note();
      people.check_keys();
    }
    people.judge();
  }
}
