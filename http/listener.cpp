#include "http/listener.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <charconv>
#include <optional>

#include "http/text.hpp"
#include "http/tls_identity.hpp"
#include "model/log.hpp"

namespace carillon::http {

namespace asio = boost::asio;
using error_code = boost::system::error_code;
using asio::ip::tcp;

namespace {

/// For those above connections_max: a few get a friendly 503, the rest is closed at once.
constexpr std::size_t refused_at_once_max = 128;

/// Without files or memory for a socket, trying again at once would only spin.
constexpr std::chrono::milliseconds accept_pause{100};

/// Names are not looked up: what is listened on must not depend on a resolver.
std::optional<tcp::endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return {};
  const auto port_text = text.substr(colon + 1);
  unsigned short port = 0;
  const auto* end = port_text.data() + port_text.size();
  const auto [stop, wrong] = std::from_chars(port_text.data(), end, port);
  if (wrong != std::errc{} || stop != end)
    return {};
  auto host = text.substr(0, colon);
  if (host.empty() || host == "localhost")
    host = "127.0.0.1";
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  error_code broken;
  const auto address = asio::ip::make_address(host, broken);
  return broken ? std::nullopt : std::optional{tcp::endpoint{address, port}};
}

}  // namespace

expected<void> listener::open(const std::string& address) {
  const auto endpoint = parse_endpoint(address);
  if (!endpoint)
    return problem{problem_kind::invalid,
                   "cannot listen on " + address + ": it is not an IP address and a port"};
  error_code error;
  const auto tried = [&error](auto step) {
    if (!error)
      step();
  };
  tried([&] { acceptor_.open(endpoint->protocol(), error); });
  tried([&] { acceptor_.set_option(tcp::acceptor::reuse_address{true}, error); });
  if (endpoint->address().is_v6())
    tried([&] { acceptor_.set_option(asio::ip::v6_only{true}, error); });
  tried([&] { acceptor_.bind(*endpoint, error); });
  tried([&] { acceptor_.listen(asio::socket_base::max_listen_connections, error); });
  if (error)
    return problem{problem_kind::unavailable,
                   "cannot listen on " + address + ": " + error.message()};
  return {};
}

std::string listener::address() const {
  error_code ignored;
  const auto endpoint = acceptor_.local_endpoint(ignored);
  const auto host = endpoint.address().to_string();
  const auto port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

void listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void listener::accept() {
  if (!acceptor_.is_open())
    return;
  auto& loop = *loops_[next_ % loops_.size()];
  acceptor_.async_accept(loop.context(),
                         [self = shared_from_this()](const error_code& error, tcp_socket socket) {
                           self->on_accepted(error, std::move(socket));
                         });
}

void listener::on_accepted(const error_code& error, tcp_socket socket) {
  if (error == asio::error::operation_aborted)
    return;
  if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space
      || error == error_code{ENFILE, boost::system::system_category()}
      || error == asio::error::no_memory) {
    log(log_level::warn, "cannot accept", {{"error", error.message()}});
    pause_.expires_after(accept_pause);
    return pause_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled)
        self->accept();
    });
  }
  if (!error) {
    const auto others = shared_.connections.fetch_add(1, std::memory_order_relaxed);
    if (others < shared_.connections_max + refused_at_once_max)
      loops_[next_ % loops_.size()]->adopt(std::move(socket), others >= shared_.connections_max,
                                           certificate_ ? certificate_->current() : nullptr);
    else
      shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    ++next_;
  }
  accept();
}

}  // namespace carillon::http
