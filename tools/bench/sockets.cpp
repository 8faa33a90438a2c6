#include "tools/bench/sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace carillon::bench {

namespace {

constexpr int backlog = 512;

sockaddr to_sockaddr(std::uint32_t address, std::uint16_t port) {
  sockaddr_in internet{};
  internet.sin_family = AF_INET;
  internet.sin_port = htons(port);
  internet.sin_addr.s_addr = htonl(address);
  sockaddr generic;
  static_assert(sizeof generic == sizeof internet);
  std::memcpy(&generic, &internet, sizeof internet);
  return generic;
}

/// Closes the socket and keeps errno.
int give_up(int socket) {
  const auto cause = errno;
  ::close(socket);
  errno = cause;
  return -1;
}

}  // namespace

int connect_to(std::uint32_t address, std::uint16_t port) {
  const auto socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return -1;
  const auto peer = to_sockaddr(address, port);
  if (::connect(socket, &peer, sizeof peer) != 0)
    return give_up(socket);
  set_no_delay(socket);
  fcntl(socket, F_SETFL, O_NONBLOCK);
  return socket;
}

int listen_on_free_port(std::uint16_t& port) {
  const auto socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0)
    return -1;
  auto here = to_sockaddr(INADDR_LOOPBACK, 0);
  socklen_t length = sizeof here;
  if (::bind(socket, &here, sizeof here) != 0 || ::listen(socket, backlog) != 0
      || ::getsockname(socket, &here, &length) != 0)
    return give_up(socket);
  sockaddr_in bound;
  std::memcpy(&bound, &here, sizeof here);
  port = ntohs(bound.sin_port);
  return socket;
}

void set_no_delay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace carillon::bench
