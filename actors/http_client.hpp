#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/address_guard.hpp"
#include "model/instant.hpp"

namespace carillon {

/// One outgoing call.
struct http_call {
  std::string url;
  std::string method = "POST";
  /// A call whose headers hold line breaks, or frame the message (Content-Length, Connection, ...),
  /// is not made.
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const std::string> body;  ///< Never null.
  duration timeout;                         ///< Of the whole call from start(), real time.
  std::size_t answer_bytes_max = 0;         ///< That are kept; 0: as the client's settings say.
};

/// How a call ended.
struct http_outcome {
  int status = 0;           ///< 0 when there was no complete answer; then `error` says why.
  std::string error;        ///< For a person: "connection refused", "timed out after 30s",
                            ///< "address 10.0.0.1 is not allowed (private network)".
  bool timed_out = false;   ///< The time of the call, or to connect, was over.
  std::string body;         ///< The first answer_bytes_max bytes.
  std::string retry_after;  ///< The header as it came; empty when absent.
  bool host_failed =
      false;  ///< Why there was no complete answer lies with the host, or on the way.
  bool is_body_cut = false;  ///< More came than is kept.
  bool is_async = false;     ///< The header carillon-async: true.
};

struct http_client_settings {
  int connections_per_host_max = 64;
  std::size_t answer_bytes_max = 16 * 1024;
  duration connect_timeout = std::chrono::seconds{10};
  std::string ca_file;  ///< Empty: the system's.
  address_guard guard;  ///< Checked against every address connected to.
};

/// Makes outgoing HTTP calls with libcurl on a thread of its own: pools, TLS always verified, no
/// redirects, no proxies, only http and https, the guard asked at connect time for every
/// connection.
///
/// A request of which a byte was sent is never sent again by itself, not even when a pooled
/// connection turns out to be closed: one call, at most one request at the target.
class http_client {
public:
  using ticket = std::uint64_t;

  explicit http_client(http_client_settings settings);
  /// Cancels what is left; no callback runs afterwards.
  ~http_client();

  /// Starts a call. Any thread. `on_done` runs exactly once, on the client's thread, and must not
  /// block.
  ticket start(http_call call, std::function<void(http_outcome)> on_done);

  /// Ends a call early (its on_done gets error "canceled"). Unknown tickets are ignored. Any
  /// thread.
  void cancel(ticket which);

private:
  class engine;
  std::unique_ptr<engine> engine_;
};

}  // namespace carillon
