#pragma once

#include <array>
#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/authenticator.hpp"
#include "model/access_token.hpp"

namespace carillon::http {

/// How often tokens may be guessed from one address. Who has been good there is not held up by
/// others who guess. Any thread.
class login_limits {
public:
  static constexpr std::size_t failures_max = 10;  ///< Within the window.
  static constexpr std::chrono::seconds window{60};
  static constexpr std::size_t addresses_max = 10'000;  ///< Then the longest silent is forgotten.
  static constexpr std::size_t known_max = 32;          ///< Tokens of an address.

  /// How long a token from there must wait; empty: it may be looked at now.
  std::optional<std::chrono::seconds> must_wait(std::string_view address, const token_digest& token,
                                                steady_time now);
  void failed(std::string_view address, steady_time now);
  void succeeded(std::string_view address, const token_digest& token);

  [[nodiscard]] std::size_t addresses() const;

private:
  struct place {
    std::string address;
    /// A ring of the latest failures.
    std::array<steady_time, failures_max> failures{};
    std::size_t count = 0;            ///< Of all failures.
    std::vector<token_digest> known;  ///< Have been good; the latest first.
  };
  using places = std::list<place>;

  place& touch(std::string_view address);

  mutable std::mutex mutex_;                                           ///< Guards what follows.
  places places_;                                                      ///< The latest first.
  std::unordered_map<std::string_view, places::iterator> by_address_;  ///< Into places_.
};

}  // namespace carillon::http
