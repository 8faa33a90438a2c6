#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "actors/http_client.hpp"

namespace carillon::test {

/// A call with a body and a generous time.
inline http_call a_call(std::string url, std::string body = "payload") {
  http_call call;
  call.url = std::move(url);
  call.body = std::make_shared<const std::string>(std::move(body));
  call.timeout = std::chrono::seconds{30};
  return call;
}

/// Starts a call; the future holds how it ended.
inline std::future<http_outcome> start(http_client& client, http_call call,
                                       http_client::ticket* ticket = nullptr) {
  auto promise = std::make_shared<std::promise<http_outcome>>();
  auto outcome = promise->get_future();
  const auto id = client.start(
      std::move(call), [promise](http_outcome ended) { promise->set_value(std::move(ended)); });
  if (ticket != nullptr)
    *ticket = id;
  return outcome;
}

/// Makes a call and waits for its end.
inline http_outcome make(http_client& client, http_call call) {
  return start(client, std::move(call)).get();
}

/// Settings that allow calls to 127.0.0.0/8, or to what is given.
inline http_client_settings allowing(const std::vector<std::string>& networks = {"127.0.0.0/8"}) {
  http_client_settings settings;
  settings.guard = make_address_guard(networks).value();
  return settings;
}

}  // namespace carillon::test
