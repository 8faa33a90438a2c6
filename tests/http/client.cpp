#include "tests/http/client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "http/text.hpp"

namespace carillon::http::test {

std::string received::header(std::string_view name) const {
  for (const auto& [each, value] : headers)
    if (each == name)
      return value;
  return {};
}

client::client(const std::string& address) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
  const auto colon = address.rfind(':');
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr);
  const timeval patience{10, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  sockaddr generic{};
  std::memcpy(&generic, &where, sizeof where);
  REQUIRE(::connect(socket_, &generic, sizeof where) == 0);
}

client::~client() {
  if (socket_ >= 0)
    ::close(socket_);
}

bool client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

std::size_t client::send_some(std::string_view bytes) {
  const auto size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return size < 0 ? 0 : static_cast<std::size_t>(size);
}

void client::end_sending() {
  ::shutdown(socket_, SHUT_WR);
}

void client::vanish() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(socket_, -1));
}

bool client::fill() {
  char bytes[16 * 1024];
  const auto size = ::recv(socket_, bytes, sizeof bytes, 0);
  if (size < 0 && errno != ECONNRESET)
    FAIL("the server is silent");
  if (size <= 0)
    return false;
  buffer_.append(bytes, static_cast<std::size_t>(size));
  return true;
}

std::string client::read_line() {
  auto end = buffer_.find("\r\n");
  while (end == std::string::npos && fill())
    end = buffer_.find("\r\n");
  auto line = buffer_.substr(0, end);
  buffer_.erase(0, end == std::string::npos ? end : end + 2);
  return line;
}

std::string client::read_bytes(std::size_t count) {
  while (buffer_.size() < count && fill()) {
  }
  auto bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

received client::receive(bool head_only) {
  received out;
  const auto status_line = read_line();
  if (status_line.size() < 12)
    return out;
  out.status = std::stoi(status_line.substr(9, 3));
  for (auto line = read_line(); !line.empty(); line = read_line()) {
    const auto colon = line.find(':');
    out.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  if (out.status == 100)
    return receive(head_only);
  if (head_only || out.status == 204) {
    out.complete = true;
    return out;
  }
  if (out.header("transfer-encoding") != "chunked") {
    const auto length = std::stoul(out.header("content-length"));
    out.body = read_bytes(length);
    out.complete = out.body.size() == length;
    return out;
  }
  for (auto line = read_line(); !line.empty(); line = read_line()) {
    const auto size = std::stoul(line, nullptr, 16);
    out.body += read_bytes(size);
    read_line();
    if (size == 0) {
      out.complete = true;
      break;
    }
  }
  return out;
}

std::string client::receive_all() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

std::string client::receive_some() {
  if (buffer_.empty())
    fill();
  return std::exchange(buffer_, {});
}

bool client::is_closed() {
  return buffer_.empty() && !fill();
}

}  // namespace carillon::http::test
