#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.hpp"
#include "http/strictness.hpp"

namespace carillon::http {

/// Turns the bytes of one connection into requests, one after the other. Knows nothing of sockets.
/// Beast parses; head_guard looks at every head first.
class request_reader {
public:
  explicit request_reader(head_limits limits);
  ~request_reader();

  enum class step {
    more,     ///< All of it is fine so far, and unfinished.
    done,     ///< The head, or the body, is complete.
    refused,  ///< See why().
  };
  struct progress {
    step now;
    std::size_t used;  ///< Bytes that need not be shown again.
  };

  /// Begins the next request. `bytes` of the following read_head() are its first.
  void start();

  /// Reads method and headers into `into`, and the raw target beside it. Uses bytes only when done.
  progress read_head(std::string_view bytes, request& into);

  /// After the head.
  [[nodiscard]] std::string_view target() const;
  [[nodiscard]] bool old_version() const;  ///< HTTP/1.0
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool has_body() const;
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;

  /// The most a body may have; to be set before read_body().
  void limit_body(std::uint64_t bytes_max);

  /// Appends what `bytes` hold of the body to `into`.
  progress read_body(std::string_view bytes, std::string& into);

  /// After `refused`.
  [[nodiscard]] refusal why() const { return why_; }

private:
  struct parser;
  progress refuse(refusal why, std::size_t used = 0);

  head_limits limits_;
  head_guard guard_;
  std::unique_ptr<parser> parser_;
  refusal why_{};
};

}  // namespace carillon::http
