#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "actors/batch_feed.hpp"
#include "model/batch_lifecycle.hpp"
#include "tests/support/actor_world.hpp"

namespace carillon::test {

slot<opened_batch> open_batch(actor_world& world, batch_spec spec);
slot<batch_view> ask_batch(actor_world& world, const batch_id& id, batch_change what,
                           std::uint64_t session = 0);
std::optional<batch_view> stored_batch(const actor_world& world, const batch_id& id);

/// A client that brings a batch with a key, workers that lease its children, a receiver of its
/// on_complete and a schedule that listens: what all of them do, whatever becomes of the server.
class batch_day {
public:
  explicit batch_day(actor_world& world) : world_{world} {
    schedule_spec listener;
    listener.kind = schedule_kind::event;
    listener.expr = batch_completed_topic;
    listener.overlap.policy = overlap_policy::allow;
    listener.work.task_type = "told";
    const auto made = world_.create_schedule(std::move(listener));
    world_.settle();
    listener_ = (**good(made)).id;
  }

  /// Asks for the batch by its key, again after each crash. The world is settled.
  const opened_batch& open() {
    batch_spec spec;
    spec.name = "day";
    spec.idempotency_key = "day 1";
    spec.on_complete.emplace_back().url = "http://receiver/hook";
    const auto asked = open_batch(world_, std::move(spec));
    world_.settle();
    REQUIRE(good(asked) != nullptr);
    opened_ = *good(asked);
    id_ = opened_.view.subject.id;
    return opened_;
  }

  /// Brings the children that are not there, as far as there is a feed. Not settled.
  void bring(std::uint32_t from, std::uint32_t to) {
    const auto ticket = opened_.feed ? opened_.feed->enter() : std::nullopt;
    if (!ticket)
      return;
    for (auto number = from; number < to; ++number) {
      if (opened_.feed->is_taken(number))
        continue;
      auto spec = pull_task(world_.now());
      spec.batch = batch_place{id_, number};
      world_.create(std::move(spec));
    }
  }
  void seal() { ask_batch(world_, id_, batch_event::seal{}); }

  /// Workers take some and end them; each `fails_each`th fails. Settles.
  void work(std::size_t max, int fails_each) {
    const auto leased = world_.lease("q", max, std::chrono::minutes{10});
    world_.settle();
    if (good(leased) == nullptr)
      return;
    for (const auto& one : *good(leased))
      end(one, fails_each > 0 && ++worked_ % fails_each == 0);
  }
  void end(const task_ptr& one, bool fails) {
    const auto token = std::get<processing>(one->state).token;
    if (fails)
      world_.ask(one->id, event::failed{token, attempt_outcome::error, "no", false});
    else
      world_.ask(one->id, event::succeeded{token});
  }

  [[nodiscard]] const batch_id& id() const { return id_; }
  [[nodiscard]] const opened_batch& opened() const { return opened_; }
  [[nodiscard]] batch_view view() const { return *stored_batch(world_, id_); }

  /// The calls and the runs that the ends of the batch led to.
  [[nodiscard]] int notices() const {
    return count([](const task_spec& spec) { return spec.target.has_value(); });
  }
  [[nodiscard]] int runs() const {
    return count([&](const task_spec& spec) { return spec.schedule == listener_; });
  }
  /// No number twice, and the counts are those of the tasks.
  void check_exact() const {
    std::vector<std::uint32_t> numbers;
    batch_counts counts;
    for (const auto& one : world_.all_stored())
      if (one.spec->batch && one.spec->batch->batch == id_) {
        numbers.push_back(one.spec->batch->number);
        ++counts.by_status[static_cast<std::size_t>(status_of(one))];
      }
    std::ranges::sort(numbers);
    CHECK(std::ranges::adjacent_find(numbers) == numbers.end());
    CHECK(counts == view().counts);
  }

private:
  template <class Matches>
  [[nodiscard]] int count(Matches matches) const {
    int found = 0;
    for (const auto& one : world_.all_stored())
      found += !one.spec->batch && matches(*one.spec) ? 1 : 0;
    return found;
  }

  actor_world& world_;
  schedule_id listener_;
  batch_id id_;
  opened_batch opened_;
  int worked_ = 0;
};

}  // namespace carillon::test
