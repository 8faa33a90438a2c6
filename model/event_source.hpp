#pragma once

#include <string>

#include "model/instant.hpp"

namespace carillon {

/// Somebody outside who publishes events of one topic and signs them.
struct event_source {
  std::string name;
  std::string topic;
  std::string secret;  ///< "whsec_" and base64. Told once, when it is made.
  instant created_at;
};

}  // namespace carillon
