#include "http/tenant_door.hpp"

#include <utility>

namespace carillon::http {

tenant_door::tenant_door(std::string name, std::shared_ptr<const api> surfaces)
    : name_{std::move(name)}, surfaces_{std::move(surfaces)}, closed_{surfaces_ == nullptr} {}

void tenant_door::set_quotas(const tenant_quotas& quotas) {
  const std::lock_guard lock{mutex_};
  quotas_ = quotas;
}

// -- how many a second --------------------------------------------------------------

namespace {

constexpr auto policy_name = "\"requests\"";

/// RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers): what there is, and what
/// is left of it.
void add_limits(const rate_limit& limit, const rate_verdict& told, header_list& out) {
  const auto seconds = [](std::chrono::seconds length) { return std::to_string(length.count()); };
  out.emplace_back("RateLimit-Policy", std::string{policy_name}
                                           + ";q=" + std::to_string(limit.bucket())
                                           + ";w=" + seconds(limit.window()));
  out.emplace_back("RateLimit",
                   std::string{policy_name} + ";r=" + std::to_string(told.remaining)
                       + ";t=" + seconds(told.admitted ? told.full_after : told.next_after));
}

}  // namespace

rate_verdict tenant_door::ask(rate_gate::time now, header_list& limits) {
  rate_limit limit;
  rate_verdict out;
  {
    const std::lock_guard lock{mutex_};
    limit = {quotas_.requests_per_second, quotas_.burst};
    if (limit.per_second == 0)
      return out;
    out = rate_.take(limit, now);
  }
  if (!out.admitted)
    refused_.add();
  add_limits(limit, out, limits);
  return out;
}

// -- how many at once ---------------------------------------------------------------

std::shared_ptr<tenant_visit> tenant_door::enter() {
  {
    const std::lock_guard lock{mutex_};
    const auto most = quotas_.requests_at_once;
    if (closed_ || (most > 0 && visits_ >= most)) {
      refused_.add(closed_ ? 0 : 1);
      return nullptr;
    }
    ++visits_;
  }
  served_.add();
  return std::make_shared<tenant_visit>(shared_from_this());
}

void tenant_door::leave(bool was_stream) {
  const std::lock_guard lock{mutex_};
  --visits_;
  streams_ -= was_stream ? 1 : 0;
  if (closed_)
    left_.notify_all();
}

void tenant_door::begin_stream() {
  const std::lock_guard lock{mutex_};
  ++streams_;
}

void tenant_visit::become_stream() {
  is_stream_ = true;
  door_->begin_stream();
}

bool tenant_door::wait_until_left(std::chrono::steady_clock::time_point end) {
  std::unique_lock lock{mutex_};
  return left_.wait_until(lock, end, [this] { return visits_ == 0; });
}

bool tenant_door::wait_until_quiet(std::chrono::steady_clock::time_point end) {
  std::unique_lock lock{mutex_};
  return left_.wait_until(lock, end, [this] { return streams_ == 0; });
}

tenant_door::figures tenant_door::count() const {
  const std::lock_guard lock{mutex_};
  return {served_.value(), refused_.value(), visits_};
}

}  // namespace carillon::http
