#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "model/jmespath.hpp"
#include "model/pipeline.hpp"
#include "model/step_work.hpp"
#include "model/task_notices.hpp"
#include "storage/group_store.hpp"
#include "tests/support/actor_world.hpp"
#include "tests/support/pipeline_author.hpp"
#include "tests/support/seeds.hpp"

// Goal: no order of answers, events, deaths of the server and full disks breaks a promise of
// pipelines, groups and notifications. Method: as in simulation_test.cpp.
// To repeat a failure: CARILLON_SEED=42 test_actors "[pipelines]"

using namespace carillon;
using namespace std::chrono_literals;
using test::actor_world;

namespace {

constexpr int days = 120;
constexpr int steps_a_day = 160;

std::string at_path(const std::string& json, const std::string& path) {
  return jmespath::compile(path).value().evaluate(json).value();
}

/// Those who use the server for a day, and what they remember.
class users {
public:
  explicit users(actor_world& world) : world_{world} {
    storage::change_set changes;
    storage::encode_group({"g",
                           {"http://receiver/1", "http://receiver/2", "http://receiver/3"},
                           world.now(),
                           world.now()},
                          changes);
    world.write_behind(changes);
  }

  void do_something() {
    switch (world_.random()() % 12) {
      case 0:
      case 1:
        return create();
      case 2:
        return publish();
      case 3:
      case 4:
        leases_asked_.push_back(world_.lease("q", 1 + world_.random()() % 3, 5s, 1s));
        return;
      case 5:
      case 6:
        return use_lease();
      case 7:
      case 8:
        return answer_call();
      case 9:
        if (world_.random()() % 3 == 0)
          world_.fail_commits(storage::commit_status::no_space, 1 + world_.random()() % 3);
        return;
      case 10:
        return world_.random()() % 3 == 0 ? ask(event::cancel{}) : ask(event::retry{});
      default:
        world_.advance(duration{static_cast<std::int64_t>(world_.random()() % 2'000)});
    }
  }

  /// Takes down what was answered.
  void note() {
    for (const auto& slot : creations_)
      if (const auto* made = test::good(slot))
        mine_.insert(made->subject->id);
    for (const auto& slot : leases_asked_)
      if (const auto* granted = test::good(slot))
        for (const auto& one : *granted)
          leases_.emplace_back(one->id, std::get<processing>(one->state).token);
    for (const auto& [slot, waiters] : publications_)
      if (test::good(slot) != nullptr)
        for (const auto& [id, wait] : waiters)
          CHECK(wait_of(*world_.stored(id)) != wait);
    const auto is_answered = [](const auto& slot) { return slot->has_value(); };
    std::erase_if(creations_, is_answered);
    std::erase_if(leases_asked_, is_answered);
    std::erase_if(publications_, [&](const auto& one) { return is_answered(one.first); });
  }

  /// What a step gave is never given again otherwise, and nobody works for it any more.
  void check_parts() {
    for (const auto& id : mine_) {
      const auto parent = *world_.stored(id);
      for (std::uint32_t at = 0; at < parent.components.size(); ++at) {
        const auto found = parent.parts.find({at});
        if (!parent.spec->runs_pipeline
            || parent.components[at].status != component_status::completed)
          continue;
        REQUIRE(found != parent.parts.end());
        const auto [known, is_new] = given_.try_emplace({id, at}, found->second->output);
        CHECK(known->second == found->second->output);
        const auto* running = std::get_if<processing>(&parent.state);
        if (running != nullptr)
          CHECK(std::ranges::none_of(running->waits.children, [at](const open_child& child) {
            return child.part.step == at;
          }));
      }
    }
  }

  void kill() {
    note();
    publications_.clear();
    world_.kill_and_restart();
  }

  /// Heals everything, lets time pass until all is over, and compares.
  void judge() {
    for (int round = 0; round < 150; ++round) {
      for (std::size_t call = 0; call < world_.calls().size(); ++call)
        answer(call, 200);
      const auto asked = world_.lease("q", 100, 60s);
      world_.settle();
      for (const auto& one : *test::good(asked))
        complete(one->id, std::get<processing>(one->state).token);
      for (const auto& topic : test::topics)
        world_.publish({topic, R"({"n":1})"});
      world_.advance(1s);
      note();
    }
    check_parts();
    for (const auto& record : world_.all_stored())
      everything_.push_back(*world_.stored(record.id));
    for (const auto& one : everything_) {
      INFO(to_text(one.id) << " is " << to_string(status_of(one)) << ": " << one.spec->payload);
      REQUIRE(has_ended(one));
    }
    for (const auto& id : mine_)
      judge_one(*world_.stored(id));
  }

private:
  // -- what they do ---------------------------------------------------------------

  void create() {
    auto& random = world_.random();
    task_spec spec;
    if (random() % 4 == 0) {
      spec = test::delivered_task(world_.now(), static_cast<int>(random() % 3));
      spec.target->url =
          random() % 3 == 0 ? "event:" + test::pick(random, test::topics) : "group:g";
      spec.payload = R"({"n":1})";
    } else {
      spec = test::pipeline_author{random}.write();
    }
    spec.scheduled_for = world_.now();
    if (random() % 2 == 0) {
      spec.notices.urls = {"http://receiver/notices"};
      spec.notices.events = random() % 2 == 0 ? ~0U : 1U << static_cast<unsigned>(notice::failed);
    }
    creations_.push_back(world_.create(std::move(spec)));
  }

  void ask(const task_event& what) {
    if (!mine_.empty())
      world_.ask(test::pick(world_.random(), mine_), what);
  }

  /// Tasks that wait for the topic now must not wait so any more once it is answered.
  void publish() {
    const auto topic = test::pick(world_.random(), test::topics);
    std::vector<std::pair<task_id, std::string>> waiters;
    for (const auto& id : mine_)
      if (const auto wait = wait_of(*world_.stored(id)); wait.starts_with(topic))
        waiters.emplace_back(id, wait);
    publications_.emplace_back(world_.publish({topic, R"({"n":1})"}), std::move(waiters));
  }

  static std::string wait_of(const task& subject) {
    const auto* running = std::get_if<processing>(&subject.state);
    if (running == nullptr || running->waits.topic.empty())
      return {};
    return running->waits.topic + std::to_string(running->token) + "/"
           + std::to_string(running->waits.tries) + "/"
           + std::to_string(std::ranges::count(subject.components, component_status::completed,
                                               &component::status));
  }

  void use_lease() {
    if (leases_.empty())
      return;
    const auto at = world_.random()() % leases_.size();
    const auto [id, token] = leases_[at];
    if (world_.random()() % 4 == 0)
      world_.ask(id, event::failed{token});
    else
      complete(id, token);
    if (world_.random()() % 4 != 0)  // sometimes a worker says it twice
      leases_.erase(leases_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void complete(const task_id& id, std::uint64_t token) {
    world_.ask(id, event::succeeded{token, "{\"worker\":" + std::to_string(++answers_) + "}"});
  }

  void answer_call() {
    if (world_.calls().empty())
      return;
    const auto first = world_.calls().size() > 12 ? world_.calls().size() - 12 : 0;
    const auto which = first + world_.random()() % (world_.calls().size() - first);
    answer(which, world_.random()() % 4 == 0 ? 500 : 200);
  }

  void answer(std::size_t which, int status) {
    if (!world_.calls()[which].ended)
      world_.answer_call(which, status, {}, {}, "{\"answer\":" + std::to_string(++answers_) + "}");
  }

  // -- what must hold in the end ----------------------------------------------------

  void judge_one(const task& parent) {
    INFO(to_text(parent.id) << " " << parent.spec->payload);
    if (parent.spec->runs_pipeline)
      judge_steps(parent);
    else if (!group_of(*parent.spec).empty())
      judge_group(parent);
    judge_notices(parent);
  }

  void judge_steps(const task& parent) {
    if (status_of(parent) == task_status::completed)
      CHECK(std::ranges::all_of(parent.components, [](const component& part) {
        return part.status == component_status::completed
               || part.status == component_status::skipped;
      }));
    for (std::uint32_t at = 0; at < parent.components.size(); ++at) {
      const auto found = parent.parts.find({at});
      if (found == parent.parts.end() || found->second->input.empty())
        continue;
      const auto uses = at_path(parent.spec->payload, "pipeline[" + std::to_string(at) + "].uses");
      judge_input(parent, at, uses, found->second->input);
      if (parent.components[at].status == component_status::completed)
        judge_output(parent, {at}, uses, found->second->output);
    }
  }

  /// Each reads what the one before gave, byte for byte by value.
  static void judge_input(const task& parent, std::uint32_t at, const std::string& uses,
                          const std::string& input) {
    if (uses == R"("task.map")") {
      CHECK(at_path(input, "items") == at_path(parent.spec->payload, "params.list"));
      return;
    }
    const auto* path = uses == R"("http.request")"    ? "json.before"
                       : uses == R"("event.publish")" ? "payload.from"
                                                      : "before";
    if (uses == R"("wait.until")" || uses == R"("wait.for_event")")
      return;
    const bool is_first = at == 0;
    const bool was_skipped =
        !is_first && parent.components[at - 1].status == component_status::skipped;
    const auto expected = is_first      ? at_path(parent.spec->payload, "params.list")
                          : was_skipped ? std::string{"null"}
                                        : parent.parts.at({at - 1})->output;
    CHECK(at_path(input, path) == at_path(expected, "@"));
  }

  void judge_output(const task& parent, const part_id& part, const std::string& uses,
                    const std::string& output) {
    if (uses == R"("task.map")") {
      for (std::uint32_t item = 1; item <= 4; ++item) {
        const auto given = parent.parts.at({part.step, item})->output;
        CHECK(at_path(output, "[" + std::to_string(item - 1) + "]") == at_path(given, "@"));
        judge_output(
            parent, {part.step, item},
            at_path(parent.spec->payload, "pipeline[" + std::to_string(part.step) + "].with.uses"),
            given);
      }
      return;
    }
    if (uses == R"("wait.for_event")")
      CHECK(at_path(output, "n") == "1");
    if (uses.starts_with("\"wait") || uses.starts_with("\"test"))
      return;
    const auto children = children_of(parent, part);
    CHECK(std::ranges::count_if(children,
                                [&](const task* child) {
                                  return status_of(*child) == task_status::completed
                                         && output_of_child(*child) == output;
                                })
          == 1);
  }

  std::vector<const task*> children_of(const task& parent, const part_id& part) {
    std::vector<const task*> found;
    for (const auto& one : everything_)
      if (one.spec->parent && one.spec->parent->task == parent.id && one.spec->parent->part == part)
        found.push_back(&one);
    return found;
  }

  void judge_group(const task& parent) {
    for (std::uint32_t at = 0; at < parent.components.size(); ++at) {
      const auto children = children_of(parent, {at});
      const auto done = std::ranges::count(children, task_status::completed,
                                           [](const task* child) { return status_of(*child); });
      // A stopped attempt may not have heard of one.
      CHECK((parent.components[at].status == component_status::completed ? done >= 1
             : status_of(parent) == task_status::failed                  ? done == 0
                                                                         : done <= 1));
    }
  }

  void judge_notices(const task& parent) {
    std::map<std::string, int> told;
    for (const auto& one : everything_)
      if (one.spec->cause == trigger_cause::notice
          && at_path(one.spec->payload, "data.id") == "\"" + to_text(parent.id) + "\"") {
        ++told[at_path(one.spec->payload, "type")];
        CHECK(status_of(one) == task_status::completed);
      }
    const auto times = [&](notice what) {
      return told["\"" + std::string{to_string(what)} + "\""];
    };
    const auto wants = [&](notice what) { return parent.spec->notices.wants(what) ? 1 : 0; };
    const auto attempts = static_cast<int>(parent.attempts.size());
    CHECK(times(notice::processing) == attempts * wants(notice::processing));
    if (wants(notice::queued) != 0) {
      CHECK(times(notice::queued) >= attempts);
      CHECK(times(notice::queued) <= attempts + 1);
    }
    CHECK(times(notice::completed)
          == wants(notice::completed) * (status_of(parent) == task_status::completed ? 1 : 0));
    CHECK(times(notice::canceled)
          == wants(notice::canceled) * (status_of(parent) == task_status::canceled ? 1 : 0));
    if (status_of(parent) == task_status::failed)
      CHECK(times(notice::failed) >= wants(notice::failed));
  }

  actor_world& world_;
  std::vector<test::slot<created_task>> creations_;
  std::vector<test::slot<std::vector<task_ptr>>> leases_asked_;
  std::vector<std::pair<test::slot<published_event>, std::vector<std::pair<task_id, std::string>>>>
      publications_;
  std::vector<std::pair<task_id, std::uint64_t>> leases_;
  std::set<task_id> mine_;
  std::map<std::pair<task_id, std::uint32_t>, std::string> given_;
  std::vector<task> everything_;
  int answers_ = 0;
};

}  // namespace

TEST_CASE("no day breaks a promise of a pipeline", "[simulation][pipelines]") {
  for (const auto seed : test::seeds(days)) {
    CAPTURE(seed);
    actor_world world{seed};
    users people{world};
    for (int step = 0; step < steps_a_day; ++step) {
      people.do_something();
      world.stir();
      if (world.random()() % 30 == 0)
        people.kill();
      people.note();
      people.check_parts();
    }
    people.judge();
  }
}
