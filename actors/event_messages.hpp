#pragma once

#include <caf/all.hpp>
#include <string>
#include <vector>

#include "actors/answer.hpp"
#include "actors/interfaces.hpp"
#include "storage/event_store.hpp"

// The part of actors/interfaces.hpp that is about events.

namespace carillon {

// -- to the hub of events -------------------------------------------------------

/// Tell everybody who listens. Answered when everybody is told and that is on disk.
struct publish_event {
  new_event what;
  std::string digest;
  answer<published_event> reply;
};
/// The server has started: go on with what its last life began.
struct resume_events {};
/// INTERNAL: events that were under way when the last life ended.
struct events_restored {
  std::vector<storage::open_event> events;
};
/// INTERNAL: what the store knows of an event that somebody wants to publish.
struct event_looked_up {
  std::string name;
  expected<std::optional<published_event>> known;  ///< Empty: the name is free.
  std::vector<event_listener> listeners;           ///< When it is free.
};
/// INTERNAL: what was last decided of an event is on disk, or is not.
struct event_saved {
  std::string name;
  storage::commit_status status;
};
/// INTERNAL: a part of its listeners has heard of an event.
struct listeners_told {
  std::string name;
  std::vector<expected<listener_told>> outcomes;
};
/// INTERNAL: an event that could not be told is tried again.
struct tell_again {
  std::string name;
};
/// INTERNAL: it may be time to forget old events.
struct sweep_events {};
/// INTERNAL
struct old_events_found {
  std::vector<storage::old_event> events;
};

// clang-format off
/// Knows every event that is under way: sees to it that everybody who listens is told once.
using event_hub_actor = caf::typed_actor<
  caf::reacts_to<publish_event>,
  caf::reacts_to<resume_events>,
  caf::reacts_to<events_restored>,
  caf::reacts_to<event_looked_up>,
  caf::reacts_to<event_saved>,
  caf::reacts_to<listeners_told>,
  caf::reacts_to<tell_again>,
  caf::reacts_to<sweep_events>,
  caf::reacts_to<old_events_found>,
  caf::reacts_to<shut_down>>;
// clang-format on

}  // namespace carillon

// "Unsafe" means: cannot leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::publish_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::resume_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::events_restored)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::event_looked_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::event_saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::listeners_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::tell_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::sweep_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::old_events_found)
