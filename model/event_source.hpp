#pragma once

#include <string>

#include "model/instant.hpp"

namespace carillon {

/// Somebody outside who publishes events of one topic and signs them.
struct event_source {
  std::string name;
  std::string topic;
  std::string key;  ///< The bytes that sign, told once. Empty: they cannot be read any more.
  instant created_at;
};

}  // namespace carillon
