#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/authenticator.hpp"
#include "http/router.hpp"
#include "http/server_settings.hpp"
#include "model/instant.hpp"

namespace carillon::http {

class change_desk;
class request_meter;
class tls_certificate;
class tenant_doors;

/// Speaks HTTP/1.1 on its addresses, on threads of its own, and hands requests to the routes'
/// handlers on these threads: a handler must not wait. Not movable; used from one thread.
class server {
public:
  /// `surfaces` and `gatekeeper` outlive it; without a gatekeeper nobody needs a token.
  server(server_settings settings, router routes, const api& surfaces, authenticator* gatekeeper);

  /// Closes what is left. Responders and streams that are still held elsewhere do nothing then.
  ~server();

  /// Counts requests there, which outlives it. Before start().
  void count_into(request_meter& meter);

  /// Shows that certificate on the addresses that speak TLS. It is loaded, and outlives the server.
  /// Before start().
  void show(const tls_certificate& certificate);

  /// Serves these tenants beside the operator's own. They outlive it. Before start().
  void serve(const tenant_doors& tenants);

  /// Has changes recorded there, which outlives it. Before start().
  void record_at(change_desk& desk);

  /// Returns when every handler that runs now has returned. Not on a thread of the server's.
  void let_handlers_return();

  /// Opens all addresses, or none. `when_open` is called before anybody is answered.
  expected<void> start(const std::function<void()>& when_open = {});

  struct place {
    std::string address;  ///< "127.0.0.1:8080", with the real port.
    bool speaks_tls;
  };
  /// In the order of the settings; those that speak TLS come last.
  [[nodiscard]] std::vector<place> places() const;
  [[nodiscard]] std::vector<std::string> addresses() const;

  /// New connections are refused from here on.
  void stop_accepting();

  /// Ends keep-alive and waits until every request has its answer, at most so long.
  void drain(duration limit);

private:
  struct implementation;
  std::unique_ptr<implementation> parts_;
};

}  // namespace carillon::http
