#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <functional>
#include <memory>
#include <span>

#include "http/io_loop.hpp"
#include "http/tls_identity.hpp"

namespace carillon::http {

/// TLS over the socket of one connection, which outlives it. On the loop's thread. Whoever starts
/// something keeps it alive until that is done.
class tls_stream {
public:
  using error_code = boost::system::error_code;
  using on_bytes = std::function<void(const error_code&, std::size_t)>;

  tls_stream(tcp_socket& socket, std::shared_ptr<tls_identity> identity);
  ~tls_stream();

  /// `speaks_tls` is false when what came is a request without encryption.
  void handshake(std::function<void(const error_code&, bool speaks_tls)> done);
  void read_some(std::span<char> room, on_bytes done);
  void write_some(const std::array<boost::asio::const_buffer, 2>& pieces, on_bytes done);
  /// Tells the client that nothing more comes.
  void say_goodbye(std::function<void()> done);

private:
  struct implementation;
  std::unique_ptr<implementation> parts_;
};

}  // namespace carillon::http
