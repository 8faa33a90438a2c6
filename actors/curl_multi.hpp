#pragma once

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace carillon {

/// libcurl's multi handle and the loop around it: epoll, an eventfd to wake it, libcurl's timer.
/// One thread, but for wake().
class curl_multi {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Throws std::system_error when the machine is out of descriptors, as a thread does that cannot
  /// be made: a server does not start without.
  explicit curl_multi(int connections_per_host_max);
  ~curl_multi();
  curl_multi(const curl_multi&) = delete;
  curl_multi& operator=(const curl_multi&) = delete;

  bool add(CURL* transfer);
  void remove(CURL* transfer);

  /// Sleeps until a socket is ready, a timer or `until` is due, or wake() was called; then lets
  /// libcurl work.
  void wait(std::optional<time_point> until);

  /// Makes the present or the next wait() return. Any thread.
  void wake();

  /// The next transfer that has ended, removed. Empty when there is none.
  struct ended {
    CURL* transfer;
    CURLcode result;
  };
  std::optional<ended> next_ended();

private:
  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM*, long milliseconds, void* self);
  void drive(curl_socket_t socket, int ready);

  struct free_multi {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  int poll_;
  int wake_;
  std::optional<time_point> timer_;  ///< When libcurl wants to be called.
  std::unique_ptr<CURLM, free_multi> multi_;
};

}  // namespace carillon
