#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/duration.hpp"

namespace carillon::http {

/// What the server takes and how long it waits. Every limit is a guard against one client; none is
/// met by ordinary use.
struct server_settings {
  std::vector<std::string> listen = {"127.0.0.1:8080"};  ///< "host:port"; port 0 is any free one.
  std::vector<std::string> tls_listen = {};              ///< The same, for TLS.
  unsigned io_threads = 2;

  /// Beside IP literals and localhost, the names that a Host header may have. Lower case.
  std::vector<std::string> hosts = {};
  /// Pages of other origins that may use the server: "https://jobs.example.com". Lower case.
  std::vector<std::string> allowed_origins = {};

  /// Over it a connection is answered 503 and closed. Also kept below the limit of open files.
  std::size_t connections_max = 16'384;
  std::size_t pipelined_max = 16;  ///< Requests of one connection that wait for their answers.

  std::size_t header_bytes_max = 16 * 1024;  ///< The whole head of a request.
  std::size_t headers_max = 100;
  std::size_t target_bytes_max = 8 * 1024;
  std::uint64_t body_bytes_max = 1024 * 1024;
  std::uint64_t stream_bytes_max = 256 * 1024 * 1024;  ///< The body of a streaming route.

  duration header_timeout = std::chrono::seconds{10};  ///< First byte to the end of the head.
  /// The whole body. A streamed body must bring body_rate_min in each such time that the server
  /// waits for it.
  duration body_timeout = std::chrono::seconds{30};
  std::uint64_t body_rate_min = 1024;  ///< Bytes a second.
  duration idle_timeout = std::chrono::seconds{75};
  duration write_timeout = std::chrono::seconds{30};   ///< For each 32 KiB that the client takes.
  duration answer_timeout = std::chrono::seconds{60};  ///< Then 503, whatever the handler does.
  duration event_ping = std::chrono::seconds{15};  ///< After such a silence on a stream of events.
};

/// Whether the numbers make sense, each and together.
expected<void> validate(const server_settings& settings);

}  // namespace carillon::http
