#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "model/local_command.hpp"

// Parts of a task's row. For storage/task_record.cpp alone.

namespace carillon::storage {

std::string encode_pair(const std::pair<std::string, std::string>& pair);
std::pair<std::string, std::string> decode_pair(std::string_view bytes);

std::string encode_command(const local_command& command);
/// Broken bytes give a command without arguments, which no task has.
local_command decode_command(std::string_view bytes);

}  // namespace carillon::storage
