#pragma once

#include <vector>

#include "actors/gather.hpp"
#include "actors/house.hpp"
#include "model/topic_event.hpp"

namespace carillon {

/// Tells an event to some of its listeners, each kind in its own way; all that go to one actor in
/// one message. The slots are filled in the order of `listeners`, when what follows is on disk.
/// Telling a listener again who could not save it (`unavailable`) is safe, and no other but, when
/// `is_again` says so, a task: one that has heard it once does not hear it a second time.
void tell_listeners(const house& home, const topic_event& subject,
                    const std::vector<event_listener>& listeners, bool is_again,
                    const std::shared_ptr<gather<listener_told>>& slots);

}  // namespace carillon
