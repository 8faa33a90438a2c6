#include "http/admin_call.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <string_view>

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

}  // namespace

expected<admin_answer> post_as_admin(const std::string& address, const std::string& token,
                                     const std::string& path, const std::string& body) try {
  net::io_context context;
  tcp::socket socket{context};
  const auto [host, port] = host_and_port_of(address);
  net::connect(socket, tcp::resolver{context}.resolve(host, port));
  beast_http::request<beast_http::string_body> asked{beast_http::verb::post, path, http_version};
  asked.set(beast_http::field::host, address);
  asked.set(beast_http::field::authorization, "Bearer " + token);
  asked.set(beast_http::field::content_type, "application/json");
  asked.body() = body;
  asked.prepare_payload();
  beast_http::write(socket, asked);
  boost::beast::flat_buffer buffer;
  beast_http::response<beast_http::string_body> answered;
  beast_http::read(socket, buffer, answered);
  return admin_answer{static_cast<int>(answered.result_int()), std::move(answered.body())};
} catch (const boost::system::system_error& fault) {
  return problem{problem_kind::unavailable,
                 "the server at " + address + " cannot be asked: " + fault.code().message()};
}

}  // namespace carillon::http
