#pragma once

#include "actors/command_port.hpp"

namespace carillon {

/// Starts none: for a scheduler whose owner may run nothing on this machine.
class no_commands final : public command_port {
public:
  ticket start(command_call, std::function<void(command_outcome)> on_done) override {
    on_done({.how = command_outcome::ending::not_started,
             .error = "commands are the operator's: none is run here"});
    return 0;
  }
  void stop(ticket) override {}
  void kill(ticket) override {}
};

}  // namespace carillon
