#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "storage/keys.hpp"
#include "storage/list_keys.hpp"
#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

// Goal: after every transition, also after one that was not saved, the index holds what follows
// from the tasks and nothing else, and the counters are exact. Method: random lives of a few tasks;
// a copy of them in memory is the truth.

namespace {

template <class Disk>
class random_day {
public:
  explicit random_day(unsigned seed) : random_{seed} {}

  void step() {
    now_ += duration{static_cast<std::int64_t>(random_() % 90'000)};
    const bool refused = random_() % 8 == 0;
    faulty_.answer(refused ? commit_status::no_space : commit_status::durable);
    std::vector<task_change> changes;
    std::map<task_id, task_ptr> after = tasks_;
    for (auto count = 1 + random_() % 3; count > 0; --count)
      if (auto change = random_() % 5 == 0 ? create() : move(after)) {
        after[change->after->id] = change->after;
        changes.push_back(*std::move(change));
      }
    std::vector<change_set> sets(changes.size());
    std::vector<const change_set*> all;
    for (std::size_t at = 0; at < changes.size(); ++at) {
      encode(changes[at], sets[at]);
      all.push_back(&sets[at]);
    }
    const auto status = store_->commit(all);
    REQUIRE(status == (refused ? commit_status::no_space : commit_status::durable));
    if (!refused)
      tasks_ = std::move(after);
    if (random_() % 50 == 0)
      store_.emplace(faulty_);  // a new life: counters come from the disk
  }

  void check() {
    CHECK(stored_index() == expected_index());
    std::map<std::pair<std::string, task_status>, std::int64_t> counts;
    for (const auto& [id, subject] : tasks_) {
      ++counts[{"", status_of(*subject)}];
      ++counts[{subject->spec->task_type, status_of(*subject)}];
      if (!subject->spec->tags.empty())
        ++counts[{"night", status_of(*subject)}];
      if (!subject->spec->created_by.empty())
        ++counts[{"agent", status_of(*subject)}];
    }
    for (std::size_t number = 0; number < task_status_count; ++number) {
      const auto status = static_cast<task_status>(number);
      for (const std::string word : {"", "mail", "report", "night", "agent"}) {
        task_filter filter;
        filter.statuses = {status};
        if (word == "night")
          filter.tags = {word};
        else if (word == "agent")
          filter.created_by = {word};
        else if (!word.empty())
          filter.task_types = {word};
        CAPTURE(word, to_string(status));
        CHECK(*store_->count(filter) == counts[{word, status}]);
      }
    }
  }
  void check_rows() {
    for (const auto& [id, subject] : tasks_) {
      const auto found = store_->load(id);
      REQUIRE(found.has_value());
      REQUIRE(found->has_value());
      CHECK(same(**found, *subject));
    }
  }

private:
  std::optional<task_change> create() {
    auto spec = random_() % 2 == 0 ? a_spec() : a_delivery_spec();
    spec.task_type = random_() % 2 == 0 ? "mail" : "report";
    spec.scheduled_for = now_ + duration{static_cast<std::int64_t>(random_() % 120'000) - 60'000};
    spec.retry = {static_cast<int>(random_() % 3), backoff_kind::fixed, 20s, 1min};
    spec.priority = 1 + static_cast<int>(random_() % 9);
    if (random_() % 3 == 0)
      spec.expires_at = now_ + 2min;
    if (random_() % 3 == 0)
      spec.timeout = 1min;
    if (random_() % 3 == 0)
      spec.tags = {"night", "day", "night"};
    if (random_() % 3 == 0)
      spec.created_by = "agent";
    const auto id = an_id(++made_, static_cast<unsigned>(random_() % shard_count));
    auto fresh = lifecycle::create(id, std::make_shared<task_spec>(spec), now_);
    return task_change{std::make_shared<task>(std::move(fresh.next)), {}, {}};
  }
  std::optional<task_change> move(const std::map<task_id, task_ptr>& tasks) {
    if (tasks.empty())
      return std::nullopt;
    const auto chosen =
        std::next(tasks.begin(), static_cast<std::ptrdiff_t>(random_() % tasks.size()));
    const auto& subject = *chosen->second;
    auto made = lifecycle::apply(subject, some_event(subject), now_);
    if (!made || !made->changed)
      return std::nullopt;
    return task_change{std::make_shared<task>(std::move(made->next)), facts_of(subject),
                       std::move(made->news)};
  }
  task_event some_event(const task& subject) {
    const auto* running = std::get_if<processing>(&subject.state);
    const auto token = running != nullptr ? running->token : 0;
    const auto runner = subject.spec->target ? runner_kind::delivery : runner_kind::lease;
    switch (random_() % 12) {
      case 0:
        return event::trigger{};
      case 1:
        return event::cancel{};
      case 2:
        return event::retry{};
      case 3:
      case 4:
        return event::grant{runner, 1, "w", 30s, ++epoch_};
      case 5:
        return event::succeeded{token, "{}"};
      case 6:
      case 7:
        return event::failed{token, attempt_outcome::error, "boom"};
      case 8:
        return event::heartbeat{token, 1min, 5.0};
      case 9:
        return event::report{{now_, "started", "disk", ""}};
      case 10:
        return event::server_started{++epoch_};
      default:
        return event::tick{};
    }
  }
  std::set<std::string> stored_index() {
    std::set<std::string> entries;
    const auto at = std::move(disk_.engine().read(space::index, 1).front());
    for (at->seek(""); at->valid(); at->next())
      if (at->key().front() != '\xFF')
        entries.emplace(at->key());
    return entries;
  }
  std::set<std::string> expected_index() const {
    std::set<std::string> entries;
    for (const auto& [id, subject] : tasks_) {
      const auto facts = facts_of(*subject);
      entries.insert(keys::status_entry(id, facts.status));
      entries.insert(keys::type_entry(id, subject->spec->task_type));
      for (const auto& tag : subject->spec->tags)
        entries.insert(keys::tag_entry(id, tag));
      if (!subject->spec->created_by.empty())
        entries.insert(keys::creator_entry(id, subject->spec->created_by));
      if (const auto* end = std::get_if<ended>(&subject->state);
          end != nullptr && end->reason != end_reason::success)
        entries.insert(keys::reason_entry(id, end->reason));
      if (facts.next_moment)
        entries.insert(keys::due_entry(id, *facts.next_moment));
      if (facts.ready_rank)
        entries.insert(keys::ready_entry(id, queue_of(*subject->spec), *facts.ready_rank));
    }
    return entries;
  }

  std::mt19937_64 random_;
  Disk disk_;
  faulty_engine faulty_{disk_.engine()};
  std::optional<task_store> store_{faulty_};
  std::map<task_id, task_ptr> tasks_;
  instant now_ = noon;
  std::uint64_t epoch_ = 0;
  unsigned made_ = 0;
};

}  // namespace

TEMPLATE_TEST_CASE("the index follows every transition and the counters are exact",
                   "[store][random]", in_memory, on_rocksdb) {
  const auto seed = GENERATE(1U, 2U, 3U);
  CAPTURE(seed);
  random_day<TestType> day{seed};
  for (int step = 0; step < 300; ++step) {
    day.step();
    CAPTURE(step);
    day.check();
  }
  day.check_rows();
}
