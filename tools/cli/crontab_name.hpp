#pragma once

#include <string>
#include <string_view>

namespace carillon::cli {

/// A name for a job that runs the command: its program without the folder, or its script. Of the
/// letters that names of the operator's file may have.
std::string name_of_command(std::string_view command);

}  // namespace carillon::cli
