#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/actor_world.hpp"

// Tasks that share a concurrency_key, and a worker in a few words.

namespace carillon::test {

inline key_limit up_to(int concurrency, std::string key = "db") {
  return {std::move(key), concurrency};
}

inline task_spec keyed(const actor_world& world, key_limit limit, int priority = priority_default) {
  auto spec = pull_task(world.now());
  spec.limit = std::move(limit);
  spec.priority = priority;
  return spec;
}

inline task_spec keyed_delivery(const actor_world& world, key_limit limit,
                                int priority = priority_default) {
  auto spec = delivered_task(world.now());
  spec.limit = std::move(limit);
  spec.priority = priority;
  return spec;
}

inline task_id make(actor_world& world, task_spec spec) {
  const auto made = world.create(std::move(spec));
  world.settle();
  REQUIRE(good(made) != nullptr);
  return good(made)->subject->id;
}

inline std::vector<task_ptr> lease(actor_world& world, std::size_t max = 100,
                                   const std::string& queue = "q",
                                   duration time = std::chrono::hours{1}) {
  const auto asked = world.lease(queue, max, time);
  world.settle();
  REQUIRE(good(asked) != nullptr);
  return *good(asked);
}

inline void complete(actor_world& world, const task& leased) {
  const auto done =
      world.ask(leased.id, event::succeeded{std::get<processing>(leased.state).token});
  world.settle();
  REQUIRE(good(done) != nullptr);
}

inline task_status status_in(const actor_world& world, const task_id& id) {
  return status_of(*world.stored(id));
}

inline task_ptr stored_task(const actor_world& world, const task_id& id) {
  return std::make_shared<const task>(*world.stored(id));
}

/// Called in this order.
inline std::vector<task_id> called(actor_world& world) {
  std::vector<task_id> ids;
  for (const auto& call : world.calls())
    ids.push_back(call.id);
  return ids;
}

}  // namespace carillon::test
