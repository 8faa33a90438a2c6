#pragma once

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/exchange.hpp"
#include "http/service.hpp"

namespace carillon::http {

class connection;
struct tls_identity;

using tcp_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// One io thread with connections of its own. What belongs to a connection runs on its loop's
/// thread only, so nothing of it is locked; other threads come in by deliver() and post(). Outlives
/// its connections: each owns it.
class io_loop : public std::enable_shared_from_this<io_loop> {
public:
  explicit io_loop(service& shared) : shared_{shared} {}
  ~io_loop();

  void start();

  /// Closes what is left, ends the thread and waits for it. Deliveries that come later are dropped.
  void stop();

  /// Finishes what is under way and takes no further requests. Any thread.
  void drain();

  /// Whether the last connection has gone by then. Any thread but the loop's.
  bool wait_until_empty(std::chrono::steady_clock::time_point end);

  /// Takes over a connected socket of context(). Any thread.
  void adopt(tcp_socket socket, bool overloaded, std::shared_ptr<tls_identity> identity);

  /// Brings an answer to its connection. Any thread. Many at once wake the loop once.
  void deliver(std::shared_ptr<connection> to, std::uint64_t number, response_or_problem what);

  /// Runs `work` on the loop, after all that was posted before it, unless the loop has stopped. Any
  /// thread.
  void post(std::function<void()> work);

  [[nodiscard]] bool is_this_thread() const {
    return thread_id_.load() == std::this_thread::get_id();
  }
  boost::asio::io_context& context() { return context_; }

  /// Lets go of a connection that has closed itself. On the loop's thread.
  void remove(connection& left);

private:
  struct delivery {
    std::shared_ptr<connection> to;
    std::uint64_t number;
    response_or_problem what;
  };

  void empty_mailbox();
  void run_posted();
  void sweep_later();
  void sweep();
  void close_all();
  [[nodiscard]] std::chrono::milliseconds sweep_interval() const;

  service& shared_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  boost::asio::steady_timer sweeper_{context_};
  std::thread thread_;
  /// Set by the thread itself: start() may still be assigning thread_ when the first request comes.
  std::atomic<std::thread::id> thread_id_{};

  std::vector<std::shared_ptr<connection>> connections_;
  std::vector<delivery> opened_;  ///< The mailbox's former memory, used again.
  bool draining_ = false;         ///< No further requests.
  bool closing_ = false;          ///< No further sweeps either: the thread is to end.

  std::mutex mutex_;  ///< Guards what follows.
  std::condition_variable emptied_;
  std::vector<delivery> mailbox_;
  std::vector<std::function<void()>> posted_;
  std::size_t count_ = 0;  ///< As connections_, for other threads.
  bool stopped_ = false;
};

}  // namespace carillon::http
