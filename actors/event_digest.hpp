#pragma once

#include <string>

#include "model/topic_event.hpp"

namespace carillon {

/// SHA-256 over what is published, without its id.
std::string digest_of(const new_event& what);

}  // namespace carillon
