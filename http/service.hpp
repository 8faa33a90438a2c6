#pragma once

#include <atomic>
#include <cstddef>

#include "http/authenticator.hpp"
#include "http/router.hpp"
#include "http/server_settings.hpp"

namespace carillon::http {

class change_desk;
class request_meter;
class tls_certificate;
class tenant_doors;

/// What all connections of a server share. Only what counts changes after the start.
struct service {
  server_settings settings;
  router routes;
  const api& surfaces;              ///< Outlives the server.
  authenticator* gatekeeper;        ///< Outlives the server; null: nobody needs a token.
  std::size_t connections_max = 0;  ///< The settings' number within the limit of open files.
  std::atomic<std::size_t> connections = 0;
  const tls_certificate* certificate = nullptr;  ///< Outlives the server; null: TLS is not spoken.
  change_desk* desk = nullptr;            ///< Outlives the server; null: nothing is recorded.
  request_meter* meter = nullptr;         ///< Outlives the server; null: nobody counts requests.
  const tenant_doors* tenants = nullptr;  ///< Outlives the server; null: there are none.
};

}  // namespace carillon::http
