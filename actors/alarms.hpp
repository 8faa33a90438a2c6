#pragma once

#include <caf/all.hpp>
#include <functional>

#include "model/instant.hpp"

namespace carillon {

struct shut_down;

/// It is time: do this. It must not block.
struct ring {
  std::function<void()> what;
};

/// Does something later, in real time: for those who are no actors.
using alarm_actor = caf::typed_actor<caf::reacts_to<ring>, caf::reacts_to<shut_down>>;

alarm_actor::behavior_type alarm_behavior(alarm_actor::pointer self);

void ring_after(const alarm_actor& alarms, duration wait, std::function<void()> what);

}  // namespace carillon

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::ring)
