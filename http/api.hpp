#pragma once

#include "actors/scheduler.hpp"
#include "model/address_guard.hpp"

namespace carillon::http {

/// What the handlers of all surfaces work with.
struct api {
  scheduler& core;      ///< Outlives the server.
  address_guard guard;  ///< What a target's address may be; asked again at every connect.
  duration delivery_timeout_default;
  duration lease_default;
  duration lease_max;
  duration lease_wait_max;
  std::int64_t leases_max;  ///< Tasks of one lease call.
};

}  // namespace carillon::http
