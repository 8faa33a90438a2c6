#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "model/problem.hpp"
#include "tools/cli/request.hpp"
#include "tools/cli/server_place.hpp"

namespace carillon::cli {

struct http_answer {
  int status = 0;
  std::string body;

  [[nodiscard]] bool is_good() const { return status >= 200 && status < 300; }
};

/// Takes the next bytes of a good answer; false ends the call.
using answer_sink = std::function<bool(std::string_view)>;
/// Fills what is to be sent next; 0: all is sent.
using body_source = std::function<std::size_t(char* into, std::size_t size)>;

/// One server, asked once at a time. A connection is kept from call to call.
class http_session {
public:
  explicit http_session(server_place where);
  ~http_session();

  /// The problem is of kind unavailable: no answer came, or interrupted() is true.
  expected<http_answer> ask(const http_request& request);
  /// A good answer goes to the sink as it comes, without an end in time; of any other the body is
  /// in the answer. The body of the request comes from `source`, if there is one.
  expected<http_answer> stream(const http_request& request, const answer_sink& sink,
                               const body_source& source = {});

  [[nodiscard]] const server_place& where() const { return where_; }

private:
  class transfer;

  server_place where_;
  std::unique_ptr<transfer> transfer_;
};

/// From now on SIGINT and SIGTERM end calls and waits, and a closed pipe is told by writes.
void catch_signals();
bool interrupted();

}  // namespace carillon::cli
