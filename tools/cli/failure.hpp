#pragma once

#include <string>

#include "tools/cli/http_session.hpp"

namespace carillon::cli {

/// An answer that is not good: what a person is told, and what the program exits with.
struct failure {
  int exit_code;
  std::string text;  ///< Whole lines, for standard error.
};
failure failure_of(const http_answer& answer, const server_place& asked, output_form as);

/// What went wrong before there was an answer.
failure failure_of(const problem& cause);

}  // namespace carillon::cli
