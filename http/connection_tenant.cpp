#include "http/connection.hpp"
#include "http/problem_response.hpp"

// For whom a request is: by the tenant that its path names, or whose token it has.

namespace carillon::http {
namespace {

constexpr std::string_view tenant_segment = "t";
constexpr std::string_view no_such_path = "there is nothing at this path";

}  // namespace

/// Takes "/t/NAME" from the path that is looked for.
void connection::read_tenant_prefix() {
  named_tenant_.clear();
  visit_.reset();
  limits_.clear();
  if (shared_.tenants == nullptr || segments_.size() < 2 || segments_.front() != tenant_segment)
    return;
  named_tenant_ = std::move(segments_[1]);
  segments_.erase(segments_.begin(), segments_.begin() + 2);
}

/// Whoever asks by the path of another tenant finds nothing there.
std::optional<response> connection::refuse_other_tenant(const principal& who) const {
  if (named_tenant_.empty() || named_tenant_ == who.tenant)
    return {};
  return http::refuse(404, no_such_path, request_);
}

/// Finds the tenant and lets the request in, within its quotas. Once; then it is in.
std::optional<response> connection::enter_tenant() {
  const auto& name = request_.asker ? request_.asker->tenant : named_tenant_;
  if (name.empty() || visit_)
    return {};
  const auto door = shared_.tenants == nullptr ? nullptr : shared_.tenants->find(name);
  if (!door && request_.asker)
    return http::refuse(401, "a good bearer token is needed", request_,
                        {{"WWW-Authenticate", "Bearer error=\"invalid_token\""}});
  if (!door)
    return http::refuse(404, no_such_path, request_);
  // What nobody answers for must not use up what the tenant may ask.
  if (request_.asker) {
    const auto told = door->ask(std::chrono::steady_clock::now(), limits_);
    if (!told.admitted)
      return http::refuse(429, "the tenant asks more often than its quota allows", request_,
                          {{"Retry-After", std::to_string(told.next_after.count())}});
  }
  visit_ = door->enter();
  if (visit_)
    return {};
  if (door->is_closed())
    return not_served();
  return http::refuse(429, "the tenant has as many requests under way as its quota allows",
                      request_, {{"Retry-After", "1"}});
}

response connection::not_served() const {
  return http::refuse(503, "the tenant is not served now", request_, {{"Retry-After", "10"}});
}

/// What serves the request.
const api& connection::surfaces() const {
  return visit_ ? visit_->door().surfaces() : shared_.surfaces;
}

/// A tenant may go while the body of a request is read: nothing of it may be asked then.
bool connection::has_lost_tenant() const {
  return visit_ && visit_->door().is_closed();
}

}  // namespace carillon::http
