#include "actors/alarms.hpp"

#include "actors/interfaces.hpp"

namespace carillon {

alarm_actor::behavior_type alarm_behavior(alarm_actor::pointer self) {
  return {
      [](const ring& now) { now.what(); },
      [self](shut_down) { self->quit(); },
  };
}

void ring_after(const alarm_actor& alarms, duration wait, std::function<void()> what) {
  caf::delayed_anon_send(alarms, wait, ring{std::move(what)});
}

}  // namespace carillon
