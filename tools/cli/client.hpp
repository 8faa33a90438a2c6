#pragma once

#include <string>

#include "tools/cli/arguments.hpp"
#include "tools/cli/failure.hpp"
#include "tools/cli/http_session.hpp"
#include "tools/cli/terminal.hpp"

// What the commands that ask a server share, and their kinds.

namespace carillon::cli {

/// A command under way.
struct client {
  const invocation& called;
  const environment_map& environment;
  http_session& session;
  screen on;  ///< Standard output.

  [[nodiscard]] const verb& what() const { return *called.what; }
};

/// Shows a good answer, tells what is wrong with another one. Returns the exit code.
int finish(const client& with, const http_answer& answer);
int give_up(const failure& what);

// Each returns the exit code.
int ask_once(const client& with, const http_request& request);
int watch(const client& with, const http_request& request);
int show_text(const client& with, const http_request& request);
int show_log(const client& with, const http_request& request);
int show_events(const client& with, const http_request& request);
int wait_for_task(const client& with, const http_request& request);
int wait_for_batch(const client& with, const http_request& request);
int wait_for_job(const client& with, const http_request& request);
int start_job(const client& with, const http_request& request);
int upload_batch(const client& with, const http_request& request);

}  // namespace carillon::cli
