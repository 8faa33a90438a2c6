#include "tools/bench/hook_receiver.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "tools/bench/sockets.hpp"

namespace carillon::bench {

namespace {

constexpr std::string_view accepted = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

}  // namespace

/// One connection of the server to us.
class hook_receiver::peer final : public watcher {
public:
  peer(hook_receiver& owner, int socket) : owner_(owner), socket_(socket) {
    set_no_delay(socket_);
    owner_.loop_.watch(socket_, EPOLLIN, this);
  }
  ~peer() { close(); }
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

private:
  void on_ready(std::uint32_t) override {
    const auto space = owner_.loop_.scratch();
    const auto length = ::recv(socket_, space.data(), space.size(), 0);
    if (length <= 0)
      return close();
    rest_.append(space.data(), static_cast<std::size_t>(length));
    std::string_view input{rest_};
    while (socket_ >= 0) {
      const auto step = parser_.advance(input);
      if (step == message_parser::step::more)
        break;
      take(step);
    }
    rest_.erase(0, rest_.size() - input.size());
  }

  void take(message_parser::step step) {
    if (step == message_parser::step::broken)
      return close();
    if (step == message_parser::step::piece) {
      body_.append(parser_.piece());
      return;
    }
    owner_.on_body_(body_);
    body_.clear();
    // A few bytes always fit: the other end waits for them.
    if (::send(socket_, accepted.data(), accepted.size(), MSG_NOSIGNAL) < 0)
      close();
  }

  void close() {
    if (socket_ < 0)
      return;
    owner_.loop_.forget(socket_);
    ::close(std::exchange(socket_, -1));
  }

  hook_receiver& owner_;
  int socket_;
  message_parser parser_{message_parser::kind::request};
  std::string rest_;
  std::string body_;
};

hook_receiver::hook_receiver(event_loop& loop, body_handler on_body)
    : loop_(loop), on_body_(std::move(on_body)), socket_(listen_on_free_port(port_)) {
  if (socket_ >= 0)
    loop_.watch(socket_, EPOLLIN, this);
}

hook_receiver::~hook_receiver() {
  if (socket_ < 0)
    return;
  loop_.forget(socket_);
  ::close(socket_);
}

void hook_receiver::on_ready(std::uint32_t) {
  const auto socket = ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket >= 0)
    peers_.push_back(std::make_unique<peer>(*this, socket));
}

}  // namespace carillon::bench
