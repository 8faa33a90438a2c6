#pragma once

#include <caf/all.hpp>
#include <string>

#include "actors/answer.hpp"
#include "actors/requests.hpp"
#include "storage/key_value.hpp"

// What people set for a queue, or ask of it, on its way to the queue's actor. Never leaves the
// process.

namespace carillon {

/// A person sets something for a queue. Answered when it is on disk and holds.
struct change_queue {
  std::string queue;
  queue_change change;
  answer<queue_settings> reply;
};
/// INTERNAL: the next change is on disk, or is not.
struct queue_saved {
  queue_settings settings;
  storage::commit_status status;
};
/// INTERNAL: the gates know who is processing.
struct queue_settled {
  std::string queue;
};

/// Who asks for its tasks?
struct look_at_queue {
  std::string queue;
  answer<queue_demand> reply;
};

}  // namespace carillon

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::change_queue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::queue_saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::queue_settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::look_at_queue)
