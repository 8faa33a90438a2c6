#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tools/bench/event_loop.hpp"
#include "tools/bench/message_parser.hpp"

namespace carillon::bench {

/// The far end of webhooks: answers every request on 127.0.0.1 with 200 and tells the body.
class hook_receiver final : public watcher {
public:
  using body_handler = std::function<void(std::string_view)>;

  hook_receiver(event_loop& loop, body_handler on_body);
  ~hook_receiver();
  hook_receiver(const hook_receiver&) = delete;
  hook_receiver& operator=(const hook_receiver&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

private:
  class peer;

  void on_ready(std::uint32_t events) override;

  event_loop& loop_;
  body_handler on_body_;
  std::uint16_t port_ = 0;  // before the socket, whose making sets it
  int socket_ = -1;
  std::vector<std::unique_ptr<peer>>
      peers_;  // closed ones too: few, and the loop may still know them
};

}  // namespace carillon::bench
