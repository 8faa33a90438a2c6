#include "http/jwt_gate.hpp"

#include <cstring>
#include <utility>

#include "model/access_token.hpp"
#include "model/base64.hpp"

namespace carillon::http {

std::size_t jwt_gate::hash::operator()(const token_digest& digest) const {
  std::size_t first = 0;  // a digest is as random as a hash can be
  std::memcpy(&first, digest.data(), sizeof first);
  return first;
}

jwt_gate::jwt_gate(jwt_rules rules, std::function<instant()> now)
    : rules_{std::move(rules)}, now_{std::move(now)} {}

void jwt_gate::set_keys(std::shared_ptr<const jwt_keys> keys) {
  const std::lock_guard lock{mutex_};
  if (keys_ && keys_->is_same_as(*keys))
    return;
  keys_ = std::move(keys);
  known_.clear();
  if (withdrawn_)
    withdrawn_->store(true);
  withdrawn_ = std::make_shared<std::atomic<bool>>(false);
}

std::shared_ptr<const principal> jwt_gate::recall(const token_digest& digest, instant now) {
  const std::lock_guard lock{mutex_};
  const auto found = known_.find(digest);
  if (found == known_.end())
    return nullptr;
  if (!has_expired(found->second->expires_at, now))
    return found->second;
  known_.erase(found);
  return nullptr;
}

/// Null when the keys have changed since it was verified.
std::shared_ptr<const principal> jwt_gate::remember(const token_digest& digest, principal who,
                                                    const std::shared_ptr<const jwt_keys>& by,
                                                    instant now) {
  const std::lock_guard lock{mutex_};
  if (by != keys_)
    return nullptr;
  if (known_.size() >= remembered_max)
    std::erase_if(known_,
                  [now](const auto& each) { return has_expired(each.second->expires_at, now); });
  if (known_.size() >= remembered_max)
    known_.clear();
  who.withdrawn = withdrawn_;
  auto shared = std::make_shared<const principal>(std::move(who));
  known_.insert_or_assign(digest, shared);
  return shared;
}

bearer::stranger jwt_gate::who_has(std::string_view token, const token_digest& digest) {
  const auto now = now_();
  if (auto known = recall(digest, now))
    return {std::move(known)};
  const auto parts = split_jwt(token);
  const auto head_text = parts ? from_base64url(parts->head) : std::nullopt;
  const auto head = head_text ? read_jwt_head(*head_text, rules_) : std::nullopt;
  if (!head)
    return {};
  std::shared_ptr<const jwt_keys> keys;
  {
    const std::lock_guard lock{mutex_};
    keys = keys_;
  }
  const auto verdict =
      keys ? keys->check(std::string{token}, *head) : jwt_keys::verdict::unknown_key;
  if (verdict == jwt_keys::verdict::unknown_key)
    return {nullptr, call_for_keys_ && call_for_keys_()};
  const auto claims = from_base64url(parts->claims);
  if (verdict != jwt_keys::verdict::signed_by_one || !claims)
    return {};
  auto who = principal_of_claims(*claims, rules_, now);
  if (!who)
    return {};
  return {remember(digest, *std::move(who), keys, now), true};
}

}  // namespace carillon::http
