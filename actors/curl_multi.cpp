#include "actors/curl_multi.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace carillon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr long idle_connections_max = 1024;
constexpr std::size_t events_max = 128;

int checked(int descriptor) {
  if (descriptor < 0)
    throw std::system_error{errno, std::generic_category()};
  return descriptor;
}

/// libcurl wants to be set up once in a process, before any thread uses it.
CURLM* make_multi() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  auto* const made = ready == CURLE_OK ? ::curl_multi_init() : nullptr;
  if (made == nullptr)
    throw std::system_error{ENOMEM, std::generic_category()};
  return made;
}

}  // namespace

curl_multi::curl_multi(int connections_per_host_max)
    : poll_{checked(::epoll_create1(EPOLL_CLOEXEC))},
      wake_{checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))},
      multi_{make_multi()} {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_;
  checked(::epoll_ctl(poll_, EPOLL_CTL_ADD, wake_, &event));

  auto* const multi = multi_.get();
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &curl_multi::on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &curl_multi::on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, idle_connections_max);
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, long{connections_per_host_max});
}

curl_multi::~curl_multi() {
  multi_.reset();  // closes its sockets, which calls on_socket
  ::close(wake_);
  ::close(poll_);
}

bool curl_multi::add(CURL* transfer) {
  return curl_multi_add_handle(multi_.get(), transfer) == CURLM_OK;
}

void curl_multi::remove(CURL* transfer) {
  curl_multi_remove_handle(multi_.get(), transfer);
}

void curl_multi::wake() {
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then the loop is awake.
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void curl_multi::wait(std::optional<time_point> until) {
  if (timer_ && (!until || *timer_ < *until))
    until = timer_;
  int timeout = -1;
  if (until) {
    const auto left = std::chrono::ceil<milliseconds>(*until - steady_clock::now()).count();
    timeout = static_cast<int>(std::clamp<milliseconds::rep>(left, 0, 60'000));
  }

  std::array<epoll_event, events_max> events;
  const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), timeout);
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == wake_) {
      std::uint64_t drained = 0;
      [[maybe_unused]] const auto bytes = ::read(wake_, &drained, sizeof drained);
      continue;
    }
    drive(event.data.fd,
          ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0)
              | ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0)
              | ((event.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0));
  }
  if (timer_ && *timer_ <= steady_clock::now()) {
    timer_.reset();
    drive(CURL_SOCKET_TIMEOUT, 0);
  }
}

std::optional<curl_multi::ended> curl_multi::next_ended() {
  int left = 0;
  while (const auto* const message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    const ended news{message->easy_handle, message->data.result};  // remove() frees the message
    remove(news.transfer);
    return news;
  }
  return std::nullopt;
}

void curl_multi::drive(curl_socket_t socket, int ready) {
  int running = 0;
  curl_multi_socket_action(multi_.get(), socket, ready, &running);
}

int curl_multi::on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
  auto& loop = *static_cast<curl_multi*>(self);
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(loop.poll_, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.fd = socket;
  event.events =
      ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
  ::epoll_ctl(loop.poll_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
  if (known == nullptr)  // any value that is not null marks a socket as added
    curl_multi_assign(loop.multi_.get(), socket, self);
  return 0;
}

int curl_multi::on_timer(CURLM*, long after, void* self) {
  auto& loop = *static_cast<curl_multi*>(self);
  if (after < 0)
    loop.timer_.reset();
  else
    loop.timer_ = steady_clock::now() + milliseconds{after};
  return 0;
}

}  // namespace carillon
