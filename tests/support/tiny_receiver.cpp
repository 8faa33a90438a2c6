#include "tests/support/tiny_receiver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace carillon::test {
namespace {

using answer_function = std::function<canned_answer(const received_request&)>;

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive_more(int socket, std::string& buffer) {
  char chunk[16 * 1024];
  const auto count = ::recv(socket, chunk, sizeof chunk, 0);
  if (count <= 0)
    return false;
  buffer.append(chunk, static_cast<std::size_t>(count));
  return true;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

received_request read_head(const std::string& head) {
  received_request request;
  const auto line_end = head.find("\r\n");
  const auto first_space = head.find(' ');
  const auto second_space = head.find(' ', first_space + 1);
  request.method = head.substr(0, first_space);
  request.target = head.substr(first_space + 1, second_space - first_space - 1);
  for (auto at = line_end + 2; at < head.size();) {
    const auto end = head.find("\r\n", at);
    const auto colon = head.find(':', at);
    const auto value = head.find_first_not_of(' ', colon + 1);
    request.headers.emplace_back(lower(head.substr(at, colon - at)),
                                 head.substr(value, end - value));
    at = end + 2;
  }
  return request;
}

/// Takes one request out of `buffer`. Empty when the peer has closed.
std::optional<received_request> read_request(int socket, std::string& buffer) {
  while (buffer.find("\r\n\r\n") == std::string::npos)
    if (!receive_more(socket, buffer))
      return std::nullopt;
  const auto head_bytes = buffer.find("\r\n\r\n") + 2;
  auto request = read_head(buffer.substr(0, head_bytes));
  buffer.erase(0, head_bytes + 2);
  const auto length = request.header("content-length");
  const auto body_bytes = length.empty() ? 0 : std::stoul(length);
  while (buffer.size() < body_bytes)
    if (!receive_more(socket, buffer))
      return std::nullopt;
  request.body = buffer.substr(0, body_bytes);
  buffer.erase(0, body_bytes);
  return request;
}

std::string head_of(const canned_answer& answer) {
  auto head = "HTTP/1.1 " + std::to_string(answer.status) + " Told\r\n";
  for (const auto& [name, value] : answer.headers)
    head += name + ": " + value + "\r\n";
  if (answer.close)
    head += "Connection: close\r\n";
  if (!answer.endless)
    head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  return head + "\r\n";
}

}  // namespace

class tiny_receiver::server {
public:
  server(const char* address, std::uint16_t port)
      : address_{address}, listener_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &where.sin_addr);
    auto* const generic = reinterpret_cast<sockaddr*>(&where);
    socklen_t size = sizeof where;
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 512) != 0)
      std::abort();
    ::getsockname(listener_, generic, &size);
    port_ = ntohs(where.sin_port);
    acceptor_ = std::thread{[this] { accept_all(); }};
  }

  ~server() {
    {
      const std::lock_guard lock{mutex_};
      is_stopping_ = true;
      for (const int socket : open_)
        ::shutdown(socket, SHUT_RDWR);
    }
    stopped_.notify_all();
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (auto& each : sessions_)
      each.join();
  }

  std::string address_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;  // guards the next three
  answer_function answer_ = [](const received_request&) { return canned_answer{}; };
  std::vector<received_request> requests_;
  int connections_ = 0;

private:
  void accept_all() {
    for (int socket = 0; (socket = ::accept(listener_, nullptr, nullptr)) >= 0;) {
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const std::lock_guard lock{mutex_};
      ++connections_;
      open_.push_back(socket);
      if (is_stopping_)
        ::shutdown(socket, SHUT_RDWR);
      sessions_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    std::string buffer;
    while (const auto request = read_request(socket, buffer))
      if (!answer(socket, *request))
        break;
    const std::lock_guard lock{mutex_};
    open_.erase(std::find(open_.begin(), open_.end(), socket));
    ::close(socket);
  }

  /// False when the connection is to be closed.
  bool answer(int socket, const received_request& request) {
    const auto reply = [&] {
      const std::lock_guard lock{mutex_};
      requests_.push_back(request);
      return answer_;
    }()(request);
    if (reply.hang_up)
      return false;
    if (reply.silent) {
      std::string ignored;
      while (receive_more(socket, ignored)) {
      }
      return false;
    }
    if (reply.delay.count() > 0 && !wait(reply.delay))
      return false;
    if (!reply.raw.empty())
      return send_all(socket, reply.raw) && false;
    if (!send_all(socket, head_of(reply) + (request.method == "HEAD" ? "" : reply.body)))
      return false;
    while (reply.endless)
      if (!send_all(socket, reply.body))
        return false;
    return !reply.close;
  }

  /// False when the receiver ends.
  bool wait(std::chrono::milliseconds delay) {
    std::unique_lock lock{mutex_};
    return !stopped_.wait_for(lock, delay, [this] { return is_stopping_; });
  }

  int listener_;
  bool is_stopping_ = false;
  std::condition_variable stopped_;
  std::vector<int> open_;  // guarded by mutex_, as sessions_ is
  std::vector<std::thread> sessions_;
  std::thread acceptor_;
};

std::string received_request::header(const std::string& name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& each) { return each.first == name; });
  return found == headers.end() ? "" : found->second;
}

tiny_receiver::tiny_receiver(const char* address, std::uint16_t port)
    : server_{std::make_unique<server>(address, port)} {}
tiny_receiver::~tiny_receiver() = default;

std::uint16_t tiny_receiver::port() const {
  return server_->port_;
}

std::string tiny_receiver::url(const std::string& target) const {
  return "http://" + server_->address_ + ":" + std::to_string(port()) + target;
}

void tiny_receiver::answer_with(canned_answer answer) {
  answer_with([answer = std::move(answer)](const received_request&) { return answer; });
}

void tiny_receiver::answer_with(answer_function answer) {
  const std::lock_guard lock{server_->mutex_};
  server_->answer_ = std::move(answer);
}

std::vector<received_request> tiny_receiver::requests() const {
  const std::lock_guard lock{server_->mutex_};
  return server_->requests_;
}

int tiny_receiver::connections() const {
  const std::lock_guard lock{server_->mutex_};
  return server_->connections_;
}

}  // namespace carillon::test
