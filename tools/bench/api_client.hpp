#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/bench/connection.hpp"

namespace carillon::bench {

/// Builds requests of one kind; all but the length and the body is written once.
class request_maker {
public:
  request_maker(const api_access& access, std::string_view method, std::string_view target,
                std::string_view content_type = "application/json");

  /// The whole request; valid until the next call.
  std::string_view make(std::string_view body = {});

  /// The head of a request whose body follows in chunks.
  [[nodiscard]] std::string chunked_head() const;

private:
  std::string head_;
  std::string request_;
};

/// An answer that was waited for.
struct reply {
  int status = 0;  ///< 0: no answer; `body` says why.
  std::string body;
};

/// Asks once, on a connection of its own, and waits. For checks, not for measuring.
reply call(event_loop& loop, const api_access& access, std::string_view method,
           std::string_view target, std::string_view body = {},
           std::chrono::seconds patience = std::chrono::seconds{60});

/// How many tasks the server knows, all of them or those that `filter` ("status=completed")
/// selects. Empty when it does not say.
std::optional<std::uint64_t> count_tasks(event_loop& loop, const api_access& access,
                                         std::string_view filter = {});

}  // namespace carillon::bench
