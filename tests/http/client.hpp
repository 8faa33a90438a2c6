#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::http::test {

struct received {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;                                          ///< Without the chunks' frames.
  bool complete = false;

  [[nodiscard]] std::string header(std::string_view name) const;
};

/// A blocking client that sends exactly what it is told. Fails the test after ten seconds of
/// silence instead of hanging.
class client {
public:
  explicit client(const std::string& address);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// False when the server has closed.
  bool send(std::string_view bytes);
  /// As much as the system takes without waiting.
  std::size_t send_some(std::string_view bytes);
  void end_sending();
  /// Closes with a reset, as a client that dies.
  void vanish();

  /// The next final answer; `head_only` for HEAD.
  received receive(bool head_only = false);
  /// What comes until the server closes.
  std::string receive_all();
  /// At least one more byte of raw answer, or nothing at the end.
  std::string receive_some();
  /// Whether the server closes without another byte.
  bool is_closed();

private:
  bool fill();
  std::string read_line();
  std::string read_bytes(std::size_t count);

  int socket_;
  std::string buffer_;
};

}  // namespace carillon::http::test
