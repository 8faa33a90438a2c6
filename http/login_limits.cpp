#include "http/login_limits.hpp"

#include <algorithm>

namespace carillon::http {

/// Under the lock.
login_limits::place& login_limits::touch(std::string_view address) {
  if (const auto found = by_address_.find(address); found != by_address_.end()) {
    places_.splice(places_.begin(), places_, found->second);
    return places_.front();
  }
  if (places_.size() >= addresses_max) {
    by_address_.erase(places_.back().address);
    places_.pop_back();
  }
  places_.emplace_front().address = address;
  by_address_.emplace(places_.front().address, places_.begin());
  return places_.front();
}

std::optional<std::chrono::seconds> login_limits::must_wait(std::string_view address,
                                                            const token_digest& token,
                                                            steady_time now) {
  const std::lock_guard lock{mutex_};
  const auto found = by_address_.find(address);
  if (found == by_address_.end() || found->second->count < failures_max)
    return std::nullopt;
  const auto& from = *found->second;
  const auto until = from.failures[from.count % failures_max] + window;  // the oldest of them
  if (until <= now || std::ranges::find(from.known, token) != from.known.end())
    return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(until - now);
}

void login_limits::failed(std::string_view address, steady_time now) {
  const std::lock_guard lock{mutex_};
  auto& from = touch(address);
  from.failures[from.count % failures_max] = now;
  ++from.count;
}

void login_limits::succeeded(std::string_view address, const token_digest& token) {
  const std::lock_guard lock{mutex_};
  auto& known = touch(address).known;
  if (!known.empty() && known.front() == token)
    return;
  if (const auto found = std::ranges::find(known, token); found != known.end()) {
    std::rotate(known.begin(), found, found + 1);
    return;
  }
  if (known.size() >= known_max)
    known.pop_back();
  known.insert(known.begin(), token);
}

std::size_t login_limits::addresses() const {
  const std::lock_guard lock{mutex_};
  return places_.size();
}

}  // namespace carillon::http
