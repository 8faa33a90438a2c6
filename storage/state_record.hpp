#pragma once

#include <string_view>

#include "model/task.hpp"

namespace carillon::storage {

/// Reads the bytes that encode_state() made into the changing part of a task; false when they are
/// broken or say what no task can be.
bool decode_state(std::string_view bytes, task& subject);

}  // namespace carillon::storage
