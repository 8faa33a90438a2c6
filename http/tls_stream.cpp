#include "http/tls_stream.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "http/tls_context.hpp"

namespace carillon::http {

namespace ssl = boost::asio::ssl;

struct tls_stream::implementation {
  std::shared_ptr<tls_identity> identity;
  ssl::stream<tcp_socket&> stream;
};

tls_stream::tls_stream(tcp_socket& socket, std::shared_ptr<tls_identity> identity)
    : parts_{new implementation{identity, {socket, identity->context}}} {}

tls_stream::~tls_stream() = default;

void tls_stream::handshake(std::function<void(const error_code&, bool)> done) {
  parts_->stream.async_handshake(
      ssl::stream_base::server, [done = std::move(done)](const error_code& error) {
        const bool is_plain = error.category() == boost::asio::error::get_ssl_category()
                              && ERR_GET_REASON(error.value()) == SSL_R_HTTP_REQUEST;
        done(error, !is_plain);
      });
}

void tls_stream::read_some(std::span<char> room, on_bytes done) {
  parts_->stream.async_read_some(boost::asio::buffer(room.data(), room.size()), std::move(done));
}

void tls_stream::write_some(const std::array<boost::asio::const_buffer, 2>& pieces, on_bytes done) {
  parts_->stream.async_write_some(pieces, std::move(done));
}

void tls_stream::say_goodbye(std::function<void()> done) {
  parts_->stream.async_shutdown([done = std::move(done)](const error_code&) { done(); });
}

}  // namespace carillon::http
