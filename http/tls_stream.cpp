#include "http/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "http/tls_context.hpp"

namespace carillon::http {

namespace asio = boost::asio;
using error_code = boost::system::error_code;

namespace {

struct session_end {
  void operator()(SSL* session) const { SSL_free(session); }
};

int clamped(std::size_t bytes) {
  constexpr std::size_t at_once_max = 1 << 20;
  return static_cast<int>(std::min(bytes, at_once_max));
}

}  // namespace

/// OpenSSL reads and writes the socket itself: an idle connection costs a quarter of what it does
/// with asio's stream, which keeps four buffers of a whole record each.
struct tls_stream::implementation {
  using step = std::function<int(SSL*)>;  ///< More than 0: done.

  tcp_socket& socket;
  std::shared_ptr<tls_identity> identity;
  std::unique_ptr<SSL, session_end> session;
  bool met_plain = false;  ///< The client speaks, and not TLS.

  void run(step next, on_bytes done, bool is_first = true);
  void wait(tcp_socket::wait_type until, step next, on_bytes done);
};

/// `done` is never called by whoever starts something. It may end this object.
void tls_stream::implementation::run(step next, on_bytes done, bool is_first) {
  error_code error;
  int count = 0;
  if (!socket.is_open()) {  // another connection may have its number already
    error = asio::error::operation_aborted;
  } else {
    ERR_clear_error();
    count = next(session.get());
    if (count <= 0) {
      const int why = SSL_get_error(session.get(), count);
      if (why == SSL_ERROR_WANT_READ)
        return wait(tcp_socket::wait_read, std::move(next), std::move(done));
      if (why == SSL_ERROR_WANT_WRITE)
        return wait(tcp_socket::wait_write, std::move(next), std::move(done));
      error = why == SSL_ERROR_ZERO_RETURN ? error_code{asio::error::eof}
                                           : error_code{asio::error::connection_reset};
    }
  }
  const auto bytes = static_cast<std::size_t>(std::max(count, 0));
  if (!is_first)
    return done(error, bytes);
  asio::post(socket.get_executor(), [done = std::move(done), error, bytes] { done(error, bytes); });
}

void tls_stream::implementation::wait(tcp_socket::wait_type until, step next, on_bytes done) {
  socket.async_wait(until, [this, next = std::move(next),
                            done = std::move(done)](const error_code& error) mutable {
    if (error)
      return done(error, 0);
    run(std::move(next), std::move(done), false);
  });
}

tls_stream::tls_stream(tcp_socket& socket, std::shared_ptr<tls_identity> identity)
    : parts_{new implementation{socket, std::move(identity), nullptr}} {
  auto* const session = SSL_new(parts_->identity->context.native_handle());
  parts_->session.reset(session);
  if (session == nullptr)
    throw std::bad_alloc{};
  SSL_set_mode(session, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                            | SSL_MODE_RELEASE_BUFFERS);
  SSL_set_accept_state(session);
}

tls_stream::~tls_stream() = default;

void tls_stream::handshake(std::function<void(const error_code&, bool)> done) {
  error_code failed;
  parts_->socket.native_non_blocking(true, failed);
  if (!failed)
    SSL_set_fd(parts_->session.get(), parts_->socket.native_handle());
  auto& met_plain = parts_->met_plain;
  parts_->run(
      [&met_plain](SSL* session) {
        const int made = SSL_do_handshake(session);
        met_plain = made <= 0 && ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
        return made;
      },
      [&met_plain, done = std::move(done)](const error_code& error, std::size_t) {
        done(error, !met_plain);
      });
}

void tls_stream::read_some(std::span<char> room, on_bytes done) {
  parts_->run([room](SSL* session) { return SSL_read(session, room.data(), clamped(room.size())); },
              std::move(done));
}

void tls_stream::write_some(const std::array<asio::const_buffer, 2>& pieces, on_bytes done) {
  const auto& piece = pieces[0].size() > 0 ? pieces[0] : pieces[1];
  parts_->run(
      [piece](SSL* session) { return SSL_write(session, piece.data(), clamped(piece.size())); },
      std::move(done));
}

void tls_stream::say_goodbye(std::function<void()> done) {
  parts_->run(
      [](SSL* session) {
        const int sent = SSL_shutdown(session);
        return sent == 0 ? 1 : sent;  // whether the client does the same is its own affair
      },
      [done = std::move(done)](const error_code&, std::size_t) { done(); });
}

}  // namespace carillon::http
