#include "http/io_loop.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "http/connection.hpp"

namespace carillon::http {

namespace asio = boost::asio;

io_loop::~io_loop() {
  stop();
}

void io_loop::start() {
  sweep_later();
  thread_ = std::thread{[this] {
    thread_id_ = std::this_thread::get_id();
    context_.run();
  }};
}

void io_loop::stop() {
  if (!thread_.joinable())
    return;
  asio::post(context_, [this] { close_all(); });
  work_.reset();
  thread_.join();
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
  }
  // What was posted meanwhile owns connections, which own this loop: run it, or nobody frees them.
  context_.restart();
  context_.poll();
}

void io_loop::close_all() {
  sweeper_.cancel();
  closing_ = draining_ = true;
  for (const auto& each : std::vector{connections_})
    each->close();
}

void io_loop::drain() {
  post([this] {
    draining_ = true;
    for (const auto& each : std::vector{connections_})
      each->drain();
  });
}

bool io_loop::wait_until_empty(std::chrono::steady_clock::time_point end) {
  std::unique_lock lock{mutex_};
  return emptied_.wait_until(lock, end, [this] { return count_ == 0; });
}

void io_loop::adopt(tcp_socket socket, bool overloaded, std::shared_ptr<tls_identity> identity) {
  // Counted before it is there, so that a drain waits for what was accepted.
  {
    const std::lock_guard lock{mutex_};
    ++count_;
  }
  asio::post(context_, [this, overloaded, socket = std::move(socket),
                        identity = std::move(identity)]() mutable {
    auto joined = std::make_shared<connection>(shared_from_this(), std::move(socket), shared_,
                                               std::move(identity));
    connections_.push_back(joined);
    joined->set_place(connections_.size() - 1);
    joined->start(overloaded);
    if (draining_)
      joined->drain();
  });
}

void io_loop::remove(connection& left) {
  const auto place = left.place();
  connections_.back()->set_place(place);
  std::swap(connections_[place], connections_.back());
  connections_.pop_back();
  shared_.connections.fetch_sub(1, std::memory_order_relaxed);
  const std::lock_guard lock{mutex_};
  if (--count_ == 0)
    emptied_.notify_all();
}

void io_loop::deliver(std::shared_ptr<connection> to, std::uint64_t number,
                      response_or_problem what) {
  bool first = false;
  {
    const std::lock_guard lock{mutex_};
    if (stopped_)
      return;
    first = mailbox_.empty();
    mailbox_.push_back({std::move(to), number, std::move(what)});
  }
  if (first)
    asio::post(context_, [this] { empty_mailbox(); });
}

void io_loop::empty_mailbox() {
  {
    const std::lock_guard lock{mutex_};
    opened_.swap(mailbox_);
  }
  for (auto& each : opened_)
    each.to->complete(each.number, std::move(each.what));
  opened_.clear();
}

/// A queue of its own: the context would run what another thread posts before what its own thread
/// has posted earlier, such as a piece of a stream before the stream's begin.
void io_loop::post(std::function<void()> work) {
  bool first = false;
  {
    const std::lock_guard lock{mutex_};
    if (stopped_)
      return;
    first = posted_.empty();
    posted_.push_back(std::move(work));
  }
  if (first)
    asio::post(context_, [this] { run_posted(); });
}

void io_loop::run_posted() {
  std::vector<std::function<void()>> opened;
  {
    const std::lock_guard lock{mutex_};
    opened.swap(posted_);
  }
  for (auto& each : opened)
    std::exchange(each, nullptr)();
}

void io_loop::sweep_later() {
  sweeper_.expires_after(sweep_interval());
  sweeper_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !closing_)  // it may have expired just before it was cancelled
      sweep();
  });
}

void io_loop::sweep() {
  const auto now = std::chrono::steady_clock::now();
  // From the back: a connection that closes itself leaves its place to the last one.
  for (auto left = connections_.size(); left > 0; --left) {
    const auto each = connections_[left - 1];
    each->sweep(now);
  }
  sweep_later();
}

std::chrono::milliseconds io_loop::sweep_interval() const {
  const auto& limits = shared_.settings;
  const auto shortest = std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout,
                                  limits.write_timeout, limits.answer_timeout, limits.event_ping});
  return std::clamp<std::chrono::milliseconds>(shortest / 10, std::chrono::milliseconds{10},
                                               std::chrono::seconds{1});
}

}  // namespace carillon::http
