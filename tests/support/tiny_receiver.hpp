#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace carillon::test {

/// One request as it came.
struct received_request {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;

  /// The value of the first header of this name (in lower case), or empty.
  std::string header(const std::string& name) const;
};

/// What the receiver does with a request.
struct canned_answer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds delay{0};
  bool close = false;    ///< Says so, and closes the connection afterwards.
  bool silent = false;   ///< Never answers.
  bool endless = false;  ///< A body without length that repeats `body` until the peer closes.
  std::string raw = {};  ///< If not empty: these bytes instead of all that, then closes.
  bool hang_up = false;  ///< Closes without a word.
};

/// An HTTP server for tests on 127.0.0.1 (or another loopback address), on a port of its own, with
/// a thread for each connection. All members may be called on any thread.
class tiny_receiver {
public:
  explicit tiny_receiver(const char* address = "127.0.0.1", std::uint16_t port = 0);
  ~tiny_receiver();  ///< Closes all connections.

  std::uint16_t port() const;
  std::string url(const std::string& target = "/") const;

  /// For all requests from now on. The default answers 200.
  void answer_with(canned_answer answer);
  void answer_with(std::function<canned_answer(const received_request&)> answer);

  std::vector<received_request> requests() const;
  /// How many were accepted so far.
  int connections() const;

private:
  class server;
  std::unique_ptr<server> server_;
};

}  // namespace carillon::test
