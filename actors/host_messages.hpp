#pragma once

#include <caf/all.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "actors/answer.hpp"
#include "actors/requests.hpp"
#include "model/instant.hpp"

// The conversations about the hosts that tasks are delivered to.

namespace carillon {

// -- to a queue -----------------------------------------------------------------

/// The store holds tasks of these host queues that nobody has offered in this life.
struct rows_found {
  std::vector<std::string> queues;
};
/// From the dispatcher, to host_has_work: not now. It asks when it can.
struct pass_host {
  std::string queue;
};

// -- to the clock -----------------------------------------------------------------

/// Tell the dispatcher at this moment that the host may be called again.
struct arm_host {
  instant moment;
  std::string queue;
};

// -- to the dispatcher ------------------------------------------------------------

/// INTERNAL: look into the store for what an earlier life left.
struct find_hosts {};
/// From a queue that nobody asks: it has tasks to give. Told once until it is asked.
struct host_has_work {
  std::string queue;
  std::size_t waiting;  ///< At least so many tasks.
  hold until_decided;
};
/// INTERNAL: what was asked of a queue is decided; the calls of what it gave were ordered before.
struct host_granted {
  std::string queue;
  std::size_t asked;
  std::size_t given;
  hold until_decided;  ///< Kept until what follows is armed.
};
/// From the clock.
struct host_alarm {
  std::string queue;
  hold until_decided;
};
/// INTERNAL: forget hosts that nobody calls.
struct sweep_hosts {};

struct list_hosts {
  std::string only;  ///< Not empty: this host, if it is known.
  answer<std::vector<host_facts>> reply;
};
/// How they are, all together.
struct count_hosts {
  std::function<void(host_counts)> reply;
};
/// Closes the breaker of a host; answered with the host.
struct reset_host {
  std::string host;
  answer<host_facts> reply;
};

}  // namespace carillon

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::rows_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::pass_host)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::arm_host)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::find_hosts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::host_has_work)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::host_granted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::host_alarm)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::sweep_hosts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::list_hosts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::count_hosts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::reset_host)
