#pragma once

#include <string>

#include "model/problem.hpp"

namespace carillon::http {

struct admin_answer {
  int status;
  std::string body;
};

/// Asks a server on this machine, at "host:port", as the program's own command line. Blocks until
/// it has answered.
expected<admin_answer> post_as_admin(const std::string& address, const std::string& token,
                                     const std::string& path, const std::string& body);

}  // namespace carillon::http
