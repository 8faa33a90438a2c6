#pragma once

#include <caf/all.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/answer.hpp"
#include "actors/requests.hpp"
#include "model/schedule_lifecycle.hpp"
#include "storage/key_value.hpp"

// The part of actors/interfaces.hpp that is about schedules.

namespace carillon {

// -- to a keeper of schedules ---------------------------------------------------

/// Something happened to a schedule.
struct schedule_ask {
  schedule_id id;
  std::variant<schedule_change, schedule_patch> what;
  answer<schedule_outcome> reply = {};
  hold until_decided = {};
  bool by_file = false;  ///< The operator's file speaks: it may change what it defines.
  schedule_versions only_if = {};
};
struct ask_schedules {
  std::vector<schedule_ask> asks;
};
/// A schedule to make, of this keeper's shard. Answered when it is on disk.
struct make_schedule {
  schedule_id id;
  std::shared_ptr<const schedule_spec> spec;
  recurrence rule;
  bool enabled;
  answer<schedule_ptr> reply;
};
/// From the clock: their moment has come.
struct schedules_due {
  std::vector<schedule_id> ids;
  hold until_decided;
};
/// From a task, or from its shard: it is like this now.
struct task_told {
  schedule_id maker;
  schedule_event::told news;
  bool must_hear;  ///< Also a sleeping schedule: it waited for its time, or is a service's.
  hold until_decided;
};
/// A schedule with its tasks, as the store holds them.
struct found_schedule {
  schedule_id id;
  expected<std::optional<schedule_lifecycle::state>> state;
};
/// INTERNAL: what the store holds of schedules that were asleep.
struct schedules_loaded {
  std::vector<found_schedule> found;
};
/// A sleeping schedule that an event runs: what was decided, and for whom.
struct sleeping_event {
  schedule before;
  schedule_lifecycle::decision made;
  answer<schedule_outcome> reply;
};
/// Many of them, saved as one.
struct sleeping_events {
  std::vector<sleeping_event> all = {};
  storage::change_set changes = {};
};
/// INTERNAL: they are on disk, or are not.
struct events_saved {
  std::shared_ptr<std::vector<sleeping_event>> all;
  storage::commit_status status;
};
/// INTERNAL: they need to hear something, whether they are awake or not.
struct rouse_schedules {
  std::vector<schedule_id> ids;
};
/// From a schedule: nothing is left to do after `handled` asks.
struct schedule_may_rest {
  schedule_id id;
  std::uint64_t handled;
  bool holds_tasks;
};
/// INTERNAL: what a schedule told its task could not be saved.
struct order_again {
  schedule_lifecycle::order word;
  std::function<void()> heard;
};
/// The server has started.
struct resume_schedules {};
/// The rules of these zones have changed.
struct zones_changed {
  std::shared_ptr<const std::vector<std::string>> names;  ///< Null: perhaps of any.
};

// -- to a schedule --------------------------------------------------------------

/// INTERNAL: what the first ask in line needs from the store.
struct schedule_prepared {
  expected<schedule_change> change;
};

}  // namespace carillon

// "Unsafe" means: cannot leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::schedule_ask)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::ask_schedules)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::make_schedule)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::schedules_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::task_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::schedules_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::events_saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::rouse_schedules)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::schedule_may_rest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::order_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::resume_schedules)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::zones_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::schedule_prepared)
