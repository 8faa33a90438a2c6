#include "actors/token_book.hpp"

#include <cstring>
#include <mutex>
#include <utility>

#include "storage/crypto.hpp"

namespace carillon {
namespace {

constexpr std::string_view operator_id = "operator";
constexpr std::string_view operator_name = "admin.token";
constexpr std::chrono::seconds used_step{1};  ///< Of last_used_at: not a write for each request.

std::string_view bytes_of(const token_digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::shared_ptr<const principal> share(principal who) {
  return std::make_shared<const principal>(std::move(who));
}

}  // namespace

struct token_book::good_token {
  ~good_token() { withdrawn->store(true); }

  std::shared_ptr<const principal> who;
  /// For those who still wait with it.
  std::shared_ptr<std::atomic<bool>> withdrawn = std::make_shared<std::atomic<bool>>(false);
  std::atomic<duration::rep> used_at = 0;  ///< 0: not yet.
};

token_book::token_book() = default;
token_book::~token_book() = default;

std::size_t token_book::hash::operator()(const token_digest& digest) const {
  std::size_t first = 0;  // a digest is as random as a hash can be
  std::memcpy(&first, digest.data(), sizeof first);
  return first;
}

bool token_book::same::operator()(const token_digest& one, const token_digest& other) const {
  return storage::is_same_secret(bytes_of(one), bytes_of(other));
}

// -- what is good -----------------------------------------------------------------

void token_book::set_operator(const token_digest& digest) {
  const std::string everything{to_string(right::admin)};
  auto made = std::make_unique<good_token>();
  made->who = share({principal_kind::operator_file, std::string{operator_id},
                     std::string{operator_name}, rights_of({&everything, 1})});
  const std::unique_lock lock{mutex_};
  good_.insert_or_assign(digest, std::move(made));
}

/// Under the lock. Nothing when its agent is not there.
void token_book::put_good(const access_token& token) {
  principal who;
  if (token.agent.empty()) {
    who = principal_of(token);
  } else {
    const auto acts_for = agents_.find(token.agent);
    if (acts_for == agents_.end())
      return;
    who = principal_of(token, acts_for->second);
  }
  who.tenant = tenant_;
  auto& good = good_[token.digest];
  if (!good)
    good = std::make_unique<good_token>();
  who.withdrawn = good->withdrawn;
  good->who = share(std::move(who));
}

void token_book::put(access_token token) {
  const std::unique_lock lock{mutex_};
  put_good(token);
  tokens_.insert_or_assign(token.id, std::move(token));
}

std::optional<access_token> token_book::take(const task_id& id) {
  const std::unique_lock lock{mutex_};
  auto found = tokens_.extract(id);
  if (!found)
    return std::nullopt;
  good_.erase(found.mapped().digest);
  return std::move(found.mapped());
}

void token_book::set_agent(agent subject) {
  const std::unique_lock lock{mutex_};
  const auto id = subject.id;
  agents_.insert_or_assign(id, std::move(subject));
  for (const auto& [unused, token] : tokens_)
    if (token.agent == id)
      put_good(token);
}

std::optional<agent> token_book::find_agent(const std::string& id) const {
  const std::shared_lock lock{mutex_};
  const auto found = agents_.find(id);
  return found == agents_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<access_token> token_book::take_agent(const std::string& id) {
  const std::unique_lock lock{mutex_};
  agents_.erase(id);
  std::vector<access_token> gone;
  for (auto at = tokens_.begin(); at != tokens_.end();) {
    if (at->second.agent != id) {
      ++at;
      continue;
    }
    good_.erase(at->second.digest);
    gone.push_back(std::move(at->second));
    at = tokens_.erase(at);
  }
  return gone;
}

// -- questions --------------------------------------------------------------------

std::optional<token_book::entry> token_book::find(const task_id& id) const {
  const std::shared_lock lock{mutex_};
  const auto found = tokens_.find(id);
  if (found == tokens_.end())
    return std::nullopt;
  entry shown{found->second, {}};
  const auto good = good_.find(found->second.digest);
  const auto used_at = good == good_.end() ? 0 : good->second->used_at.load();
  if (used_at != 0)
    shown.last_used_at = instant{duration{used_at}};
  return shown;
}

std::vector<token_book::entry> token_book::all() const {
  std::vector<task_id> ids;
  {
    const std::shared_lock lock{mutex_};
    for (auto at = tokens_.rbegin(); at != tokens_.rend(); ++at)
      ids.push_back(at->first);
  }
  std::vector<entry> found;
  for (const auto& id : ids)
    if (auto one = find(id))
      found.push_back(*std::move(one));
  return found;
}

std::shared_ptr<const principal> token_book::who_has(const token_digest& digest,
                                                     instant now) const {
  const std::shared_lock lock{mutex_};
  const auto found = good_.find(digest);
  if (found == good_.end() || has_expired(found->second->who->expires_at, now))
    return nullptr;
  auto& used_at = found->second->used_at;
  const auto at = now.time_since_epoch();
  if (at - duration{used_at.load(std::memory_order_relaxed)} >= used_step)
    used_at.store(at.count(), std::memory_order_relaxed);
  return found->second->who;
}

}  // namespace carillon
