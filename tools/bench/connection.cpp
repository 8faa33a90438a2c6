#include "tools/bench/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tools/bench/sockets.hpp"

namespace carillon::bench {

namespace {

// Small, so that the time of an NDJSON line is spent in the server and not in our socket.
constexpr int send_buffer_bytes = 128 * 1024;

}  // namespace

connection::connection(event_loop& loop, const api_access& where, answer_handler on_answer)
    : loop_(loop), where_(where), on_answer_(std::move(on_answer)) {}

connection::~connection() {
  close();
}

void connection::send(std::string_view bytes) {
  assert(!busy_);
  busy_ = true;
  if (socket_ < 0 && !open())
    return fail(std::strerror(errno));
  write(bytes);
}

void connection::write(std::string_view bytes) {
  if (socket_ < 0)
    return;  // failed meanwhile: the answer handler knows
  if (unsent() > 0) {
    unsent_.append(bytes);
    return;
  }
  const auto written = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (written < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
    return fail(std::strerror(errno));
  const auto taken = written < 0 ? std::size_t{0} : static_cast<std::size_t>(written);
  if (taken == bytes.size())
    return;
  unsent_.assign(bytes.substr(taken));
  sent_ = 0;
  waits_for_room_ = true;
  loop_.change(socket_, EPOLLIN | EPOLLOUT, this);
}

bool connection::open() {
  socket_ = connect_to(where_.address, where_.port);
  if (socket_ < 0)
    return false;
  setsockopt(socket_, SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes, sizeof send_buffer_bytes);
  parser_ = message_parser{message_parser::kind::response};
  loop_.watch(socket_, EPOLLIN, this);
  return true;
}

void connection::close() {
  if (socket_ < 0)
    return;
  loop_.forget(socket_);
  ::close(std::exchange(socket_, -1));
  waits_for_room_ = false;
  unsent_.clear();
  sent_ = 0;
  rest_.clear();
}

void connection::on_ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0)
    flush();
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0 && socket_ >= 0)
    receive();
}

void connection::flush() {
  const auto written = ::send(socket_, unsent_.data() + sent_, unsent(), MSG_NOSIGNAL);
  if (written < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK)
      fail(std::strerror(errno));
    return;
  }
  sent_ += static_cast<std::size_t>(written);
  if (unsent() > 0)
    return;
  unsent_.clear();
  sent_ = 0;
  if (on_room_)
    on_room_();
  if (unsent() == 0 && socket_ >= 0 && std::exchange(waits_for_room_, false))
    loop_.change(socket_, EPOLLIN, this);
}

void connection::receive() {
  const auto space = loop_.scratch();
  const auto length = ::recv(socket_, space.data(), space.size(), 0);
  if (length < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
      fail(std::strerror(errno));
    return;
  }
  if (length == 0)
    return fail("the server closed the connection");
  const std::string_view received{space.data(), static_cast<std::size_t>(length)};
  if (rest_.empty()) {
    rest_.assign(consume(received));
    return;
  }
  // Swapped out, because the answer handler may close the connection and so clear rest_.
  std::string joined = std::exchange(rest_, {});
  joined.append(received);
  rest_.assign(consume(joined));
}

std::string_view connection::consume(std::string_view input) {
  for (;;) {
    switch (parser_.advance(input)) {
      case message_parser::step::more:
        body_.append(std::exchange(held_, {}));  // its bytes are about to go
        return input;
      case message_parser::step::piece:
        take_piece(parser_.piece());
        break;
      case message_parser::step::done:
        complete();
        if (socket_ < 0)
          return {};
        break;
      case message_parser::step::broken:
        fail("the answer is not HTTP/1.1 as it is spoken here");
        return {};
    }
  }
}

void connection::take_piece(std::string_view piece) {
  if (on_piece_)
    return on_piece_(piece);
  body_.append(std::exchange(held_, piece));
}

void connection::complete() {
  if (!busy_)
    return fail("an answer came that nobody asked for");
  busy_ = false;
  if (parser_.closes())
    close();
  // The common answer came in one piece and is not copied.
  const auto copied = !body_.empty();
  if (copied)
    body_.append(std::exchange(held_, {}));
  std::string body = std::exchange(body_, {});
  on_answer_({parser_.status(), copied ? std::string_view{body} : std::exchange(held_, {})});
}

void connection::fail(std::string_view reason) {
  close();
  body_.clear();
  held_ = {};
  if (std::exchange(busy_, false))
    on_answer_({0, reason});
}

}  // namespace carillon::bench
