#pragma once

#include <functional>
#include <string>

#include "actors/scheduler.hpp"
#include "model/address_guard.hpp"

namespace carillon::http {

/// What only the composition root knows of the operator's file and of the server.
struct server_facts {
  std::string version;
  int port = 0;                   ///< Of the first address.
  instant definitions_loaded_at;  ///< Since then they are what the file said.
};

class request_meter;
class tenant_registry;

/// What the handlers of all surfaces work with.
struct api {
  scheduler& core;      ///< Outlives the server.
  address_guard guard;  ///< What a target's address may be; asked again at every connect.
  duration delivery_timeout_default;
  duration lease_default;
  duration lease_max;
  duration lease_wait_max;
  std::int64_t leases_max;  ///< Tasks of one lease call.
  /// Makes the definitions what the operator's file says now. Null: there is no file.
  std::function<void(carillon::answer<definition_changes>)> reload = {};
  std::function<server_facts()> facts = {};      ///< Any thread. Null: nothing is known.
  const request_meter* requests = nullptr;       ///< Null: nobody counts them.
  duration wait_max = std::chrono::seconds{60};  ///< That a request may prefer.
  tenant_registry* tenants = nullptr;            ///< Outlives the server. Null: not the operator's.
  std::string path_prefix = {};                  ///< Before paths that serve anyone: "/t/NAME".
};

}  // namespace carillon::http
