#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "tests/support/actor_world.hpp"
#include "tests/support/dice.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

// Commands and services among the actors: a clock that the test moves, a disk that fails on
// command, processes that end when the test says so.

namespace {

schedule_spec a_job(const std::string& name, overlap_policy overlap = overlap_policy::queue) {
  schedule_spec spec;
  spec.name = name;
  spec.kind = schedule_kind::manual;
  spec.work.task_type = name;
  spec.work.command = local_command{{"/bin/true"}};
  spec.overlap.policy = overlap;
  spec.file.emplace();
  return spec;
}

schedule_spec a_service(const std::string& name, int instances) {
  auto spec = a_job(name);
  spec.kind = schedule_kind::service;
  spec.service.instances = instances;
  return spec;
}

class runner_world : public actor_world {
public:
  using actor_world::actor_world;

  schedule_id define(const schedule_spec& spec) {
    const auto made = create_schedule(spec);
    settle();
    return (*good(made))->id;
  }
  void run(const schedule_id& id) { ask_schedule(id, schedule_change{schedule_event::run{}}); }

  /// What runs now, by name and instance.
  [[nodiscard]] std::vector<std::size_t> running(const std::string& name) {
    std::vector<std::size_t> found;
    for (std::size_t at = 0; at < commands().size(); ++at)
      if (!commands()[at].ended && commands()[at].name == name)
        found.push_back(at);
    return found;
  }
  [[nodiscard]] std::vector<end_reason> reasons() const {
    std::vector<end_reason> found;
    for (const auto& one : all_stored())
      if (const auto* end = std::get_if<ended>(&one.state))
        found.push_back(end->reason);
    return found;
  }
};

}  // namespace

TEST_CASE("a command runs once and its exit is kept", "[commands]") {
  runner_world world;
  const auto job = world.define(a_job("job"));
  world.run(job);
  world.settle();
  REQUIRE(world.commands().size() == 1);
  world.end_command(0, 3);
  world.settle();
  const auto stored = world.stored(parse_run_id(world.commands()[0].run).task);
  REQUIRE(stored);
  CHECK(status_of(*stored) == task_status::failed);
  CHECK(stored->attempts.back().exit_code == 3);
}

TEST_CASE("what is stopped makes room only when its process is gone", "[commands]") {
  runner_world world;
  const auto job = world.define(a_job("job", overlap_policy::terminate));
  world.run(job);
  world.settle();
  world.run(job);
  world.settle();
  CHECK(world.commands().at(0).stopped);
  CHECK(world.commands().size() == 1);
  world.end_command(0, 143);
  world.settle();
  CHECK(world.running("job").size() == 1);
  CHECK(world.reasons() == std::vector{end_reason::replaced});
}

TEST_CASE("after a kill a command has crashed, and the next of its schedule may run",
          "[commands]") {
  runner_world world;
  const auto job = world.define(a_job("job"));
  world.run(job);
  world.settle();
  world.run(job);
  world.settle();
  CHECK(world.commands().size() == 1);
  world.kill_and_restart();
  world.settle();
  CHECK(world.reasons() == std::vector{end_reason::crashed});
  CHECK(world.running("job").size() == 1);
  CHECK(world.commands().size() == 2);
}

TEST_CASE("an outcome that a full disk refused is told again", "[commands]") {
  runner_world world;
  const auto job = world.define(a_job("job"));
  world.run(job);
  world.settle();
  world.fail_commits(storage::commit_status::no_space, 2);
  world.end_command(0, 0);
  world.advance(5s);
  CHECK(world.reasons() == std::vector{end_reason::success});
}

TEST_CASE("instances of a service return after their end, also when it slept", "[commands]") {
  runner_world world;
  world.define(a_service("web", 2));
  CHECK(world.running("web").size() == 2);
  world.advance(1h);
  world.end_command(0, 1);
  world.settle();
  CHECK(world.running("web").size() == 1);
  world.advance(1s);
  CHECK(world.running("web").size() == 2);
  CHECK(world.commands().back().instance == world.commands()[0].instance);
}

TEST_CASE("after a kill all instances return", "[commands]") {
  runner_world world;
  world.define(a_service("web", 3));
  world.kill_and_restart(1h);
  world.advance(2s);
  CHECK(world.running("web").size() == 3);
  CHECK(world.reasons().size() == 3);
}

// -- random days ----------------------------------------------------------------

namespace {

/// Starts, ends, stops, kills and full disks in any order.
class random_day {
public:
  explicit random_day(std::uint64_t seed) : world_{seed}, dice_{world_.random()} {
    services_ = {world_.define(a_service("web", 3)), world_.define(a_service("bus", 1))};
    auto pair = a_job("pair", overlap_policy::terminate);
    pair.overlap.parallelism = 2;
    jobs_ = {world_.define(a_job("one")), world_.define(pair)};
  }

  void live(int steps) {
    for (int step = 0; step < steps; ++step) {
      act();
      check();
    }
    for (const auto& id : services_)
      world_.ask_schedule(id, schedule_change{schedule_event::resume{}});
    // Then all that was told to end does, and time goes on.
    for (int round = 0; round < 200; ++round) {
      for (const auto name : {"web", "bus", "one", "pair"})
        for (const auto at : world_.running(name))
          if (world_.commands()[at].stopped || world_.commands()[at].name == "one"
              || world_.commands()[at].name == "pair")
            world_.end_command(at, 0);
      world_.advance(1s);
      check();
    }
    CHECK(world_.running("web").size() == 3);
    CHECK(world_.running("bus").size() == 1);
    CHECK(world_.running("one").empty());
    CHECK(world_.running("pair").empty());
    for (const auto& one : world_.all_stored())
      CHECK((has_ended(one) || one.spec->cause == trigger_cause::service));
  }

private:
  void act() {
    switch (dice_.below(10)) {
      case 0:
        return world_.kill_and_restart(dice_.below(3) == 0 ? duration{90s} : duration{0});
      case 1:
        return world_.fail_commits(storage::commit_status::no_space, 1);
      case 2: {
        const auto& id = services_[dice_.below(2)];
        const schedule_change what[] = {schedule_event::pause{}, schedule_event::resume{},
                                        schedule_event::restart{}};
        world_.ask_schedule(id, what[dice_.below(3)]);
        return world_.stir();
      }
      case 3:
      case 4:
        world_.run(jobs_[dice_.below(2)]);
        return world_.stir();
      case 5:
      case 6: {
        if (world_.commands().empty())
          return;
        const auto at = dice_.below(world_.commands().size());
        world_.end_command(at, static_cast<int>(dice_.below(2)));
        return world_.stir();
      }
      default:
        return world_.advance(duration{1} * static_cast<int>(dice_.below(3'001)));
    }
  }

  /// Whatever happens, no two processes take the same place.
  void check() {
    std::map<std::pair<std::string, int>, int> count;
    std::map<task_id, int> starts;
    for (const auto& one : world_.commands()) {
      REQUIRE(++starts[one.run] == 1);
      if (!one.ended)
        ++count[{one.name, one.instance}];
    }
    for (const auto& [place, processes] : count)
      REQUIRE(processes <= (place.first == "pair" ? 2 : 1));
  }

  runner_world world_;
  dice dice_;
  std::vector<schedule_id> services_;
  std::vector<schedule_id> jobs_;
};

}  // namespace

TEST_CASE("on any day each place holds one process, and in the end all services are on",
          "[commands][random]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    random_day{seed}.live(60);
  }
}
