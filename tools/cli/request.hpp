#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/problem.hpp"
#include "tools/cli/arguments.hpp"

namespace carillon::cli {

struct http_request {
  std::string method;
  std::string target;  ///< Path and query, encoded.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// The request that a command stands for. What JSON values and --data name as a file has been read
/// already. The faults are located at options and positions.
expected<http_request> to_request(const invocation& called);

/// The body alone; empty when the command has none.
expected<std::string> to_body(const invocation& called);

/// `text` as a part of a path or of a query.
std::string percent_encode(std::string_view text);

}  // namespace carillon::cli
