#pragma once

#include <string>

#include "config/load_settings.hpp"
#include "model/problem.hpp"
#include "tools/cli/arguments.hpp"

namespace carillon::cli {

/// Where a server is and what opens it.
struct server_place {
  std::string url;  ///< Without a slash at its end.
  std::string token;
  std::string ca_file;
  /// SHA-256 of the certificate that the server has noted, in hexadecimal; it alone is trusted
  /// then.
  std::string fingerprint;
  std::string token_origin;  ///< For a person: where the token was found, or looked for.
};

/// From the options, the environment, and the data folder of a server on this machine. Its token is
/// sent to this machine alone, unless the folder is named.
expected<server_place> find_server(const common_options& options,
                                   const environment_map& environment);

/// Whether a URL names this machine by its loopback.
bool is_loopback(const std::string& url);

}  // namespace carillon::cli
