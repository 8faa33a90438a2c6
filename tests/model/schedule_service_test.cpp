#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

schedule_spec a_service(int instances = 1, restart_policy restart = restart_policy::always) {
  auto spec = a_schedule("");
  spec.kind = schedule_kind::service;
  spec.work.command = local_command{{"/usr/bin/agent"}};
  spec.service.instances = instances;
  spec.service.restart = restart;
  spec.file.emplace();
  return spec;
}

/// A service and the processes of its instances.
class service_life : public schedule_life {
public:
  explicit service_life(const schedule_spec& spec) : schedule_life{spec} { start_all(); }

  /// The open task of an instance; null when it is off.
  [[nodiscard]] const task* of_instance(int instance) const {
    for (const auto& [id, one] : tasks())
      if (one.spec->instance == instance && !has_ended(one))
        return &one;
    return nullptr;
  }
  /// What waits for a slot gets one.
  service_life& start_all() {
    for (const auto& id : open_ids())
      if (std::holds_alternative<queued>(tasks().at(id).state))
        tell_task(id, event::grant{runner_kind::command, 7});
    return *this;
  }
  service_life& exits(int instance, int code) {
    const auto& subject = *of_instance(instance);
    const auto token = std::get<processing>(subject.state).token;
    if (code == 0)
      tell_task(subject.id, event::succeeded{token});
    else
      tell_task(subject.id, event::failed{token});
    return *this;
  }
  /// "0 processing, 1 stopping, 2 off"
  [[nodiscard]] std::string instances() const {
    std::string all;
    for (int instance = 0; instance < spec().service.instances; ++instance) {
      const auto* one = of_instance(instance);
      const auto* running = one == nullptr ? nullptr : std::get_if<processing>(&one->state);
      std::string word = one == nullptr ? "off" : std::string{to_string(status_of(*one))};
      if (running != nullptr && running->stopping)
        word = "stopping";
      all += (all.empty() ? "" : ", ") + std::to_string(instance) + " " + word;
    }
    return all;
  }
  /// How long an instance that is off stays so.
  [[nodiscard]] duration wait_of(int instance) const {
    return subject().slots.at(static_cast<std::size_t>(instance)).start_at.value() - now;
  }

private:
  [[nodiscard]] std::vector<task_id> open_ids() const {
    std::vector<task_id> ids;
    for (const auto& one : open())
      ids.push_back(one.id);
    return ids;
  }
};

}  // namespace

TEST_CASE("a service starts all its instances at once", "[service]") {
  const service_life life{a_service(3)};
  CHECK(life.instances() == "0 processing, 1 processing, 2 processing");
  CHECK(life.tasks().size() == 3);
  CHECK_FALSE(life.subject().wake_at);
  CHECK(life.subject().status == schedule_status::active);
}

TEST_CASE("an instance that ends returns alone, under its index, after its delay", "[service]") {
  service_life life{a_service(3)};
  life.wait(1h);
  life.exits(1, 1);
  CHECK(life.instances() == "0 processing, 1 off, 2 processing");
  CHECK(life.wait_of(1) == 1s);
  life.wait(1s - 1ms);
  CHECK(life.instances() == "0 processing, 1 off, 2 processing");
  life.wait(1ms);
  life.start_all();
  CHECK(life.instances() == "0 processing, 1 processing, 2 processing");
  CHECK(life.tasks().size() == 4);
}

TEST_CASE("waits grow with each short run, up to the cap, and a long run forgets them",
          "[service]") {
  service_life life{a_service()};
  std::vector<duration> waits;
  const auto fail_after = [&](duration time) {
    life.wait(time);
    life.exits(0, 1);
    waits.push_back(life.wait_of(0));
    life.wait(waits.back());
    life.start_all();
  };
  for (int run = 0; run < 8; ++run)
    fail_after(1s);
  fail_after(60s);
  CHECK(waits == std::vector<duration>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 1s});
}

TEST_CASE("a service without a delay is no tight loop", "[service]") {
  auto spec = a_service();
  spec.service.waits.delay = 0s;
  service_life life{spec};
  for (int run = 0; run < 5; ++run)
    life.exits(0, 1).start_all();
  CHECK(life.tasks().size() == 6);
  life.exits(0, 1);
  CHECK(life.wait_of(0) == 1s);
}

TEST_CASE("the restart rule says which ends are final", "[service]") {
  const auto [policy, code, returns] = GENERATE(table<restart_policy, int, bool>({
      {restart_policy::always, 0, true},
      {restart_policy::always, 1, true},
      {restart_policy::on_failure, 0, false},
      {restart_policy::on_failure, 1, true},
      {restart_policy::never, 0, false},
      {restart_policy::never, 1, false},
  }));
  service_life life{a_service(1, policy)};
  life.exits(0, code).wait(1h);
  CHECK(life.instances() == (returns ? "0 queued" : "0 off"));
  CHECK(life.subject().status == schedule_status::active);
}

// -- stop, start, restart -----------------------------------------------------

TEST_CASE("a stopped service stays off until it is started", "[service]") {
  service_life life{a_service(2)};
  life.tell(schedule_event::pause{});
  CHECK(life.instances() == "0 stopping, 1 stopping");
  life.exits(0, 1).exits(1, 1).wait(24h);
  CHECK(life.instances() == "0 off, 1 off");
  CHECK(life.tasks().begin()->second.state
        == task_state{ended{task_status::canceled, end_reason::stopped, noon}});
  SECTION("also over a crash") {
    life.crash();
    CHECK(life.instances() == "0 off, 1 off");
  }
  life.tell(schedule_event::resume{});
  life.start_all();
  CHECK(life.instances() == "0 processing, 1 processing");
}

TEST_CASE("started again while it still stops, it begins when the old one is gone", "[service]") {
  service_life life{a_service()};
  life.tell(schedule_event::pause{}).tell(schedule_event::resume{});
  CHECK(life.instances() == "0 stopping");
  CHECK(life.tasks().size() == 1);
  life.exits(0, 1);
  CHECK(life.instances() == "0 queued");
}

TEST_CASE("a restart replaces one instance after the other", "[service]") {
  service_life life{a_service(3)};
  life.tell(schedule_event::restart{});
  CHECK(life.instances() == "0 stopping, 1 processing, 2 processing");
  life.exits(0, 1);
  CHECK(life.instances() == "0 queued, 1 processing, 2 processing");
  life.start_all();
  CHECK(life.instances() == "0 processing, 1 stopping, 2 processing");
  life.exits(1, 1).start_all();
  life.exits(2, 1).start_all();
  CHECK(life.instances() == "0 processing, 1 processing, 2 processing");
  CHECK(life.tasks().size() == 6);
  CHECK_FALSE(life.subject().wake_at);
}

TEST_CASE("a restart starts what is off at once", "[service]") {
  service_life life{a_service(1, restart_policy::never)};
  life.exits(0, 0);
  life.tell(schedule_event::restart{});
  CHECK(life.instances() == "0 queued");
  SECTION("and a stopped service as a whole") {
    life.start_all();
    life.tell(schedule_event::pause{});
    life.exits(0, 1);
    life.tell(schedule_event::restart{});
    CHECK(life.instances() == "0 queued");
  }
}

TEST_CASE("people cannot run a service, nor restart a job", "[service]") {
  service_life life{a_service()};
  CHECK(life.refuses(schedule_event::run{}));
  schedule_life job{a_schedule("* * * * *")};
  CHECK(job.refuses(schedule_event::restart{}));
}

// -- definitions that change --------------------------------------------------

TEST_CASE("more instances are started, and those too many are stopped", "[service]") {
  service_life life{a_service(2)};
  life.edit(a_service(3));
  CHECK(life.instances() == "0 processing, 1 processing, 2 queued");
  life.start_all().edit(a_service(1));
  CHECK(life.open().size() == 3);
  for (const auto instance : {1, 2})
    CHECK(std::get<processing>(life.of_instance(instance)->state).stopping);
  life.exits(1, 0).exits(2, 0).wait(1h);
  CHECK(life.instances() == "0 processing");
  CHECK(life.open().size() == 1);
}

TEST_CASE("another command replaces the instances one by one", "[service]") {
  service_life life{a_service(2)};
  auto other = a_service(2);
  other.work.command = local_command{{"/usr/bin/agent", "--new"}};
  life.edit(other);
  CHECK(life.instances() == "0 stopping, 1 processing");
  life.exits(0, 0).start_all();
  CHECK(life.of_instance(0)->spec->command->args.size() == 2);
  CHECK(life.instances() == "0 processing, 1 stopping");
}

TEST_CASE("a service that is removed stops for good", "[service]") {
  service_life life{a_service(2)};
  life.tell(schedule_event::remove{});
  CHECK(life.instances() == "0 stopping, 1 stopping");
  life.exits(0, 0).exits(1, 0).wait(1h);
  CHECK(life.instances() == "0 off, 1 off");
  CHECK(life.subject().status == schedule_status::deleted);
}

TEST_CASE("a job of the file that is removed runs no more, but for what runs", "[service]") {
  auto spec = a_schedule("* * * * *");
  spec.file.emplace();
  schedule_life life{spec};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 2min);
  life.tell(schedule_event::remove{});
  CHECK(life.ledger() == "12:01 processing, 12:02 canceled");
}

// -- crashes ------------------------------------------------------------------

TEST_CASE("after a crash of the server its instances return at once", "[service]") {
  service_life life{a_service(2)};
  life.crash();
  CHECK(life.tasks().size() == 2);
  for (int instance = 0; instance < 2; ++instance)
    life.tell_task(life.of_instance(instance)->id, event::server_started{2});
  CHECK(life.instances() == "0 queued, 1 queued");
}

TEST_CASE("a server that stops starts no instance again, and its next start starts all",
          "[service]") {
  service_life life{a_service(2)};
  for (int instance = 0; instance < 2; ++instance) {
    life.tell_task(life.of_instance(instance)->id,
                   event::cancel{false, end_reason::server_stopped});
    life.exits(instance, 1);
  }
  life.wait(1min);
  CHECK(life.instances() == "0 off, 1 off");
  life.crash();
  CHECK(life.instances() == "0 queued, 1 queued");
}

TEST_CASE("an instance that ended while its service slept returns after its delay", "[service]") {
  service_life life{a_service(2)};
  life.delays_messages = true;
  life.exits(0, 1);
  life.forget_open();  // it is read from disk, where the instance is open no more
  life.delays_messages = false;
  life.settle();
  CHECK(life.instances() == "0 off, 1 processing");
  CHECK(life.wait_of(0) == 1s);
}

TEST_CASE("an instance whose end was not heard before a crash returns at once", "[service]") {
  service_life life{a_service(2)};
  life.delays_messages = true;
  life.exits(0, 1);
  life.delays_messages = false;
  life.crash();
  CHECK(life.instances() == "0 queued, 1 processing");
  CHECK(life.tasks().size() == 3);
}
