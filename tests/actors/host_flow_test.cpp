#include "tests/support/actor_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace carillon;
using namespace std::chrono_literals;
using test::actor_world;

// Hosts that hang, fail and come back, beside others.

namespace {

/// A task for a host, without retries.
task_spec task_for(const std::string& host, instant when) {
  auto spec = test::delivered_task(when);
  spec.target->url = "http://" + host + "/hook";
  return spec;
}

/// The hosts of the world: each hangs until it is told how to answer.
class hosts_of {
public:
  explicit hosts_of(actor_world& world) : world_{world} {
    world_.on_call = [this](std::size_t which) { on_call(which); };
  }
  ~hosts_of() { world_.on_call = nullptr; }
  hosts_of(const hosts_of&) = delete;
  hosts_of& operator=(const hosts_of&) = delete;

  void give(const std::string& host, int tasks) {
    for (int made = 0; made < tasks; ++made)
      world_.create(task_for(host, world_.now()));
    world_.settle();
  }

  /// From now on, and all that hang; 0 is a connection that fails.
  void answer(const std::string& host, int status) {
    statuses_[host] = status;
    for (std::size_t which = 0; which < world_.calls().size(); ++which)
      if (host_of(which) == host && !world_.calls()[which].ended)
        world_.answer_call(which, status, "connection refused");
    world_.settle();
  }
  void hang(const std::string& host) { statuses_.erase(host); }

  [[nodiscard]] int calls(const std::string& host) const {
    int count = 0;
    for (std::size_t which = 0; which < world_.calls().size(); ++which)
      count += host_of(which) == host ? 1 : 0;
    return count;
  }
  [[nodiscard]] host_facts facts(const std::string& host) {
    for (auto& known : world_.hosts())
      if (known.host == host + ":80")
        return known;
    FAIL("nobody knows " << host);
    return {};
  }

private:
  [[nodiscard]] std::string host_of(std::size_t which) const {
    const auto& url = world_.calls()[which].url;
    return url.substr(7, url.find('/', 7) - 7);
  }
  void on_call(std::size_t which) {
    if (const auto known = statuses_.find(host_of(which)); known != statuses_.end())
      world_.answer_call(which, known->second, "connection refused");
  }

  actor_world& world_;
  std::map<std::string, int> statuses_;
};

using state = host_breaker::state;

}  // namespace

// -- one bad host -----------------------------------------------------------------

TEST_CASE("a host that hangs with ten thousand tasks delays no other one", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  hosts.give("bad", 10'000);
  const int hanging = hosts.calls("bad");
  CHECK(hanging > 0);

  hosts.answer("good", 200);
  for (int round = 1; round <= 20; ++round) {
    hosts.give("good", 5);
    CHECK(hosts.calls("good") == 5 * round);
    CHECK(world.counted(task_status::completed) == 5 * round);
  }
  CHECK(hosts.calls("bad") == hanging);
}

TEST_CASE("many hosts that hang leave room for one more", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  for (int host = 0; host < 20; ++host)
    hosts.give("bad" + std::to_string(host), 10);
  for (int host = 0; host < 20; ++host)
    CHECK(hosts.calls("bad" + std::to_string(host)) >= 1);

  hosts.answer("good", 200);
  hosts.give("good", 50);
  CHECK(hosts.calls("good") == 50);
}

TEST_CASE("a host gets no more calls at once than it may", "[host]") {
  actor_world world{1, {.delivery_slots = 1'000, .calls_per_host = 7}};
  hosts_of hosts{world};
  hosts.give("slow", 50);
  CHECK(hosts.calls("slow") == 7);
  hosts.answer("slow", 200);
  CHECK(world.counted(task_status::completed) == 50);
}

TEST_CASE("a line longer than its head in memory is called whole, each task once", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  hosts.give("slow", 500);
  hosts.answer("slow", 200);
  CHECK(hosts.calls("slow") == 500);
  CHECK(world.counted(task_status::completed) == 500);
}

// -- the breaker --------------------------------------------------------------------

TEST_CASE("a host that is down keeps its tasks until a probe succeeds", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  hosts.answer("down", 0);
  hosts.give("down", 100);
  const int burnt = hosts.calls("down");
  CHECK(burnt >= 10);
  CHECK(burnt < 20);
  CHECK(world.counted(task_status::failed) == burnt);
  CHECK(world.counted(task_status::queued) == 100 - burnt);
  auto facts = hosts.facts("down");
  CHECK(facts.state == state::open);
  CHECK(facts.rests_until == world.now() + 1s);
  CHECK(facts.has_waiting_tasks);
  CHECK(facts.last_failure == "connection refused");

  world.advance(900ms);
  CHECK(hosts.calls("down") == burnt);
  world.advance(100ms);
  CHECK(hosts.calls("down") == burnt + 1);
  world.advance(1'900ms);
  CHECK(hosts.calls("down") == burnt + 1);
  hosts.answer("down", 200);
  world.advance(100ms);
  CHECK(world.counted(task_status::completed) == 100 - burnt - 1);
  facts = hosts.facts("down");
  CHECK(facts.state == state::closed);
  CHECK(facts.failures == 0);
}

TEST_CASE("a probe that hangs keeps up no other", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  hosts.answer("down", 0);
  hosts.give("down", 100);
  hosts.hang("down");
  const int burnt = hosts.calls("down");
  world.advance(1s);
  CHECK(hosts.calls("down") == burnt + 1);
  CHECK(hosts.facts("down").state == state::half_open);
  world.advance(1s);
  CHECK(hosts.calls("down") == burnt + 2);
}

TEST_CASE("a task that is kept back still expires", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  hosts.answer("down", 0);
  hosts.give("down", 20);
  auto spec = task_for("down", world.now());
  spec.expires_at = world.now() + 500ms;
  const auto made = world.create(std::move(spec));
  world.advance(600ms);
  const auto task = *world.stored(test::good(made)->subject->id);
  CHECK(status_of(task) == task_status::expired);
  CHECK(task.attempts.empty());
}

TEST_CASE("a breaker that is reset lets all through", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  hosts.answer("down", 0);
  hosts.give("down", 100);
  hosts.answer("down", 200);
  const auto failed = world.counted(task_status::failed);
  CHECK(world.counted(task_status::queued) == 100 - failed);
  world.reset_host("down:80");
  world.settle();
  CHECK(world.counted(task_status::completed) == 100 - failed);
}

TEST_CASE("a call that was canceled says nothing of its host", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  for (int at = 0; at < 30; ++at) {
    const auto made = world.create(task_for("slow", world.now()));
    world.settle();
    world.ask(test::good(made)->subject->id, event::cancel{});
    world.settle();
  }
  CHECK(hosts.calls("slow") == 30);
  CHECK(hosts.facts("slow").failures == 0);
}

// -- rates and the manual clock -------------------------------------------------------

TEST_CASE("on the manual clock a host's rate has every call at its moment", "[host]") {
  actor_world world{1, {.manual_clock = true, .starts_per_host = 2}};
  hosts_of hosts{world};
  hosts.answer("even", 200);
  hosts.give("even", 15);
  const auto begin = world.now();
  CHECK(world.calls().empty());
  world.advance_manual(1h);
  REQUIRE(world.calls().size() == 15);
  for (std::size_t call = 0; call < 15; ++call)
    CHECK(world.calls()[call].at - begin == static_cast<int>(call + 1) * 500ms);
}

TEST_CASE("on the manual clock a host that is down is probed at the cool-downs' ends", "[host]") {
  actor_world world{1, true};
  hosts_of hosts{world};
  hosts.answer("down", 0);
  hosts.give("down", 40);
  const auto burnt = world.calls().size();
  const auto begin = world.now();
  // Each probe's end is heard before the clock goes on.
  for (const auto moment : {1s, 3s, 7s, 15s}) {
    world.advance_manual(begin + moment - world.now());
    CHECK(world.calls().back().at == begin + moment);
  }
  CHECK(world.calls().size() == burnt + 4);
}

// -- keys, crashes, the end -------------------------------------------------------------

TEST_CASE("a key that is freed goes to the host's task that waits longest", "[host][key]") {
  actor_world world;
  hosts_of hosts{world};
  const auto keyed = [&](task_spec spec) {
    spec.limit = {"key", 1};
    const auto made = world.create(std::move(spec));
    world.advance(1s);
    return made;
  };
  keyed(test::pull_task(world.now()));
  const auto first = world.lease("q", 1, 1h);
  world.settle();
  const auto& held = *(**first)->front();
  const auto waits = keyed(task_for("host", world.now()));
  keyed(test::pull_task(world.now()));
  const auto second = world.lease("q", 1, 1h, 1h);
  world.settle();

  world.ask(held.id, event::succeeded{std::get<processing>(held.state).token});
  world.settle();
  CHECK(hosts.calls("host") == 1);
  CHECK_FALSE(second->has_value());
  hosts.answer("host", 200);
  CHECK(second->has_value());
}

TEST_CASE("a key that no host can use now is in nobody's way", "[host][key]") {
  actor_world world;
  hosts_of hosts{world};
  hosts.answer("down", 0);
  hosts.give("down", 30);
  auto spec = task_for("down", world.now());
  spec.limit = {"key", 1};
  world.create(spec);
  auto pulled = test::pull_task(world.now());
  pulled.limit = {"key", 1};
  world.create(pulled);
  world.settle();
  const auto leased = world.lease("q", 1, 1h);
  world.settle();
  CHECK(test::good(leased)->size() == 1);
}

TEST_CASE("what waits for its host survives a kill", "[host][crash]") {
  actor_world world;
  hosts_of hosts{world};
  for (int host = 0; host < 30; ++host)
    hosts.give("host" + std::to_string(host), 10);
  world.kill_and_restart();
  for (int host = 0; host < 30; ++host)
    hosts.answer("host" + std::to_string(host), 200);
  CHECK(world.counted(task_status::completed) == 300);
}

TEST_CASE("a breaker that was open begins anew after a kill", "[host][crash]") {
  actor_world world;
  hosts_of hosts{world};
  hosts.answer("down", 0);
  hosts.give("down", 40);
  const auto failed = world.counted(task_status::failed);
  hosts.answer("down", 200);
  world.kill_and_restart();
  CHECK(world.counted(task_status::completed) == 40 - failed);
}

TEST_CASE("a stop waits for calls under way and begins none", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  hosts.give("slow", 20);
  const int under_way = hosts.calls("slow");
  const auto stopped = world.stop_deliveries();
  world.settle();
  CHECK_FALSE(stopped->has_value());
  hosts.answer("slow", 200);
  CHECK(stopped->has_value());
  CHECK(hosts.calls("slow") == under_way);
}

TEST_CASE("a thousand hosts with a task each are called and then forgotten", "[host]") {
  actor_world world;
  hosts_of hosts{world};
  for (int host = 0; host < 1'000; ++host) {
    const auto name = "host" + std::to_string(host);
    hosts.answer(name, host % 2 == 0 ? 200 : 0);
    world.create(task_for(name, world.now()));
  }
  world.settle();
  CHECK(world.counted(task_status::completed) == 500);
  CHECK(world.counted(task_status::failed) == 500);
  CHECK(world.hosts().size() == 1'000);
  for (int minutes = 0; minutes < 2; ++minutes)
    world.wait(1min);
  CHECK(world.hosts().size() == 500);  // failures are remembered longer
  for (int minutes = 0; minutes < 5; ++minutes)
    world.wait(1min);
  CHECK(world.hosts().empty());
}
