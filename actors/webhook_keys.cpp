#include "actors/webhook_keys.hpp"

#include <algorithm>
#include <mutex>

#include "actors/delivery_rules.hpp"
#include "actors/webhook_signature.hpp"
#include "model/base64.hpp"
#include "storage/crypto.hpp"
#include "storage/key_file.hpp"

namespace carillon {
namespace {

// What the key is for keeps it apart from others. It is in addresses: never change it.
constexpr std::string_view callback_purpose = "carillon: callback addresses, 1";

/// "" stands for the default.
std::string_view secret_name_of(const http_target& target) {
  return target.secret.empty() ? default_secret_name : std::string_view{target.secret};
}

}  // namespace

webhook_keys::webhook_keys(std::string_view store_key)
    : seal_key_{storage::seal_key_of(store_key)},
      callback_key_{storage::hmac_sha256(store_key, {callback_purpose})} {}

// -- secrets ----------------------------------------------------------------------

void webhook_keys::put(storage::kept_secret secret) {
  const std::unique_lock lock{mutex_};
  secrets_.insert_or_assign(secret.what.id, std::move(secret));
}

void webhook_keys::replace(storage::kept_secret secret) {
  const std::unique_lock lock{mutex_};
  if (const auto found = secrets_.find(secret.what.id); found != secrets_.end())
    found->second = std::move(secret);
}

std::optional<storage::kept_secret> webhook_keys::take(const task_id& id) {
  const std::unique_lock lock{mutex_};
  auto found = secrets_.extract(id);
  return found ? std::optional{std::move(found.mapped())} : std::nullopt;
}

std::optional<storage::kept_secret> webhook_keys::find(const task_id& id) const {
  const std::shared_lock lock{mutex_};
  const auto found = secrets_.find(id);
  return found == secrets_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<storage::kept_secret> webhook_keys::all() const {
  const std::shared_lock lock{mutex_};
  std::vector<storage::kept_secret> found;
  for (auto each = secrets_.rbegin(); each != secrets_.rend(); ++each)
    found.push_back(each->second);
  return found;
}

std::size_t webhook_keys::count(std::string_view name, instant now) const {
  const std::shared_lock lock{mutex_};
  return static_cast<std::size_t>(std::ranges::count_if(secrets_, [&](const auto& each) {
    return each.second.what.name == name && !has_expired(each.second.what, now);
  }));
}

// -- deliveries -------------------------------------------------------------------

void webhook_keys::set_public_url(std::string url) {
  const std::unique_lock lock{mutex_};
  public_url_ = std::move(url);
}

/// Newest first. Called under the lock.
expected<std::vector<std::string>> webhook_keys::keys_of(const http_target& target,
                                                         instant now) const {
  const auto name = secret_name_of(target);
  bool must_sign = !target.secret.empty() || target.signature != signature_form::standard;
  std::vector<std::string> keys;
  for (auto each = secrets_.rbegin(); each != secrets_.rend(); ++each) {
    const auto& [what, key] = each->second;
    if (what.name != name || has_expired(what, now))
      continue;
    must_sign = true;
    if (!key.empty())
      keys.push_back(key);
  }
  if (must_sign && keys.empty())
    return problem{
        problem_kind::unavailable,
        "not sent: it must be signed, and there is no secret called " + std::string{name}};
  return keys;
}

expected<void> webhook_keys::stamp(const task& subject, std::uint64_t token, instant now,
                                   http_call& call) const {
  const auto& target = *subject.spec->target;
  const std::shared_lock lock{mutex_};
  const auto keys = keys_of(target, now);
  if (!keys)
    return keys.error();
  call.headers.emplace_back("carillon-callback", public_url_ + "/v1/callbacks/"
                                                     + to_text(subject.id) + "/"
                                                     + std::to_string(token) + "/"
                                                     + callback_signature(subject.id, token));
  if (keys->empty())
    return {};
  const auto id = to_text(subject.id);
  const auto timestamp = webhook_timestamp(subject);
  const signed_message message{id, timestamp, *call.body};
  if (target.signature == signature_form::standard)
    call.headers.emplace_back("webhook-signature", standard_signature(*keys, message));
  else
    call.headers.emplace_back("X-Carillon-Signature", timestamped_signature(*keys, message));
  return {};
}

std::string webhook_keys::callback_signature(const task_id& id, std::uint64_t token) const {
  return to_base64url(
      storage::hmac_sha256(callback_key_, {to_uuid(id), ".", std::to_string(token)}));
}

bool webhook_keys::is_callback(const task_id& id, std::uint64_t token,
                               std::string_view signature) const {
  return storage::is_same_secret(callback_signature(id, token), signature);
}

}  // namespace carillon
