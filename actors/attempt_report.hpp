#pragma once

#include <utility>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace carillon {

/// Tells a task how its attempt went. That must not be lost to a full disk: when it could not be
/// saved, `runner` gets report_again after a while, until it is saved or no longer wanted.
template <class Runner>
void report_attempt(const house& home, const Runner& runner, task_ask news) {
  constexpr duration again_delay = std::chrono::seconds{1};
  auto again = report_again{news};
  news.reply =
      answer<task_ptr>{[runner, again = std::move(again)](const expected<task_ptr>& outcome) {
        if (!outcome && outcome.error().kind == problem_kind::unavailable)
          caf::delayed_anon_send(runner, again_delay, again);
      }};
  ask_tasks batch;
  const auto& shard = home.shard_for(news.id);
  batch.asks.push_back(std::move(news));
  caf::anon_send(shard, std::move(batch));
}

}  // namespace carillon
