#include "http/admin_call.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <memory>
#include <string_view>

#include "http/tls_context.hpp"

namespace carillon::http {
namespace {

namespace net = boost::asio;
namespace beast_http = boost::beast::http;
using net::ip::tcp;

constexpr unsigned http_version = 11;

/// Of "127.0.0.1:8080" and of "[::1]:8080".
std::pair<std::string, std::string> host_and_port_of(const std::string& address) {
  const auto colon = address.rfind(':');
  auto host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  return {host, colon == std::string::npos ? "" : address.substr(colon + 1)};
}

template <class Stream>
admin_answer ask(Stream& stream, beast_http::request<beast_http::string_body>& asked) {
  beast_http::write(stream, asked);
  boost::beast::flat_buffer buffer;
  beast_http::response<beast_http::string_body> answered;
  beast_http::read(stream, buffer, answered);
  return {static_cast<int>(answered.result_int()), std::move(answered.body())};
}

/// The certificate need not be for the address: the one that is meant is known.
bool shows(net::ssl::stream<tcp::socket>& stream, const std::string& fingerprint) {
  const std::unique_ptr<X509, decltype(&X509_free)> shown{
      SSL_get1_peer_certificate(stream.native_handle()), &X509_free};
  return shown && fingerprint_of(shown.get()) == fingerprint;
}

}  // namespace

expected<admin_answer> post_as_admin(const admin_place& where, const std::string& token,
                                     const std::string& path, const std::string& body) try {
  net::io_context context;
  net::ssl::context rules{net::ssl::context::tls_client};
  net::ssl::stream<tcp::socket> stream{context, rules};
  const auto [host, port] = host_and_port_of(where.address);
  net::connect(stream.next_layer(), tcp::resolver{context}.resolve(host, port));
  beast_http::request<beast_http::string_body> asked{beast_http::verb::post, path, http_version};
  asked.set(beast_http::field::host, where.address);
  asked.set(beast_http::field::authorization, "Bearer " + token);
  asked.set(beast_http::field::content_type, "application/json");
  asked.body() = body;
  asked.prepare_payload();
  if (where.fingerprint.empty())
    return ask(stream.next_layer(), asked);
  stream.handshake(net::ssl::stream_base::client);
  if (!shows(stream, where.fingerprint))
    return problem{problem_kind::unavailable,
                   "the server at " + where.address + " shows another certificate than it noted"};
  return ask(stream, asked);
} catch (const boost::system::system_error& fault) {
  return problem{problem_kind::unavailable,
                 "the server at " + where.address + " cannot be asked: " + fault.code().message()};
}

}  // namespace carillon::http
