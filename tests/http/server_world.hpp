#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "http/server.hpp"

namespace carillon::http {

/// What the test routes keep: responders to be answered by the test, in the order it likes. This
/// stands for the surfaces' own `api`, so these tests are a program apart from theirs.
struct api {
  responder take(const std::string& name) const;
  std::shared_ptr<stream> take_stream() const;

  mutable std::mutex mutex;
  mutable std::condition_variable arrived;
  mutable std::map<std::string, responder> held;
  mutable std::shared_ptr<stream> opened;
};

namespace test {

/// GET /hello /large /hold/{name} /drop /fail/{name} /throws /secret /runs /work/{queue}, POST
/// /echo (streams NDJSON) and GET /watch (always streams).
router test_routes();

/// Lets "Bearer sesame" in, who may read tasks and work on the queue "mail".
class only_sesame final : public authenticator {
public:
  identity check(std::string_view authorization, std::string_view address,
                 steady_time now) override;
};

/// The defaults, on a free port of the loopback.
server_settings quick_settings();

struct world {
  explicit world(server_settings settings = quick_settings());
  [[nodiscard]] std::string address() const { return running.addresses().front(); }

  api surfaces;
  only_sesame gatekeeper;
  server running;
};

std::string get(const std::string& path, const std::string& more = {});

/// To /echo.
std::string post(const std::string& body, const std::string& more = {});

/// The head of a request that is streamed to /echo; chunks follow.
inline constexpr auto ndjson_head =
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";

}  // namespace test

}  // namespace carillon::http
