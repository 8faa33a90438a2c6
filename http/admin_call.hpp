#pragma once

#include <string>

#include "model/problem.hpp"

namespace carillon::http {

struct admin_answer {
  int status;
  std::string body;
};

/// Where a server listens.
struct admin_place {
  std::string address;           ///< "host:port"
  std::string fingerprint = {};  ///< Of the certificate it shows; empty: nothing is encrypted.
};

/// Asks a server on this machine as the program's own command line. Blocks until it has answered.
/// No token is sent to whoever shows another certificate.
expected<admin_answer> post_as_admin(const admin_place& where, const std::string& token,
                                     const std::string& path, const std::string& body);

}  // namespace carillon::http
