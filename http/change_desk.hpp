#pragma once

#include <functional>
#include <memory>

#include "http/exchange.hpp"
#include "http/router.hpp"

namespace carillon::http {

/// What stands around the handlers of requests that change something: who did what is recorded, and
/// a request with an Idempotency-Key is carried out once. Called on the connection's thread.
class change_desk {
public:
  /// Runs work on that thread later. Any thread.
  using post = std::function<void(std::function<void()>)>;

  virtual ~change_desk() = default;

  /// Instead of the route's handler.
  virtual void run(const api& with, const route& row, const request& asked, const post& later,
                   responder reply) = 0;
  /// For a streaming route: the stream to give its handler instead of `line`.
  virtual std::shared_ptr<stream> watch(const api& with, const route& row, const request& asked,
                                        std::shared_ptr<stream> line) = 0;
  /// Somebody may not do this: 401 or 403, without a handler.
  virtual void note_refusal(const api& with, const route& row, const request& asked,
                            int status) = 0;
};

}  // namespace carillon::http
