#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "http/bearer.hpp"
#include "http/jwt_keys.hpp"
#include "model/jwt.hpp"

namespace carillon::http {

/// Who comes with a JSON Web Token. Any thread, but for what is set at first.
class jwt_gate {
public:
  static constexpr std::size_t remembered_max = 10'000;

  /// `now`: the time by which tokens begin and end.
  jwt_gate(jwt_rules rules, std::function<instant()> now);

  /// To be asked for newer keys: whether they are on their way. Before the first token comes.
  void set_key_call(std::function<bool()> call) { call_for_keys_ = std::move(call); }

  /// From now on only these are good, and no token that others have signed. The same ones again
  /// change nothing.
  void set_keys(std::shared_ptr<const jwt_keys> keys);

  /// A good token is remembered until it ends, so that it is verified once.
  bearer::stranger who_has(std::string_view token, const token_digest& digest);

private:
  struct hash {
    std::size_t operator()(const token_digest& digest) const;
  };

  std::shared_ptr<const principal> recall(const token_digest& digest, instant now);
  std::shared_ptr<const principal> remember(const token_digest& digest, principal who,
                                            const std::shared_ptr<const jwt_keys>& by, instant now);

  const jwt_rules rules_;
  const std::function<instant()> now_;
  std::function<bool()> call_for_keys_;

  std::mutex mutex_;  ///< Guards what follows.
  std::shared_ptr<const jwt_keys> keys_;
  std::unordered_map<token_digest, std::shared_ptr<const principal>, hash> known_;
  /// For those who wait with a token that these keys have signed.
  std::shared_ptr<std::atomic<bool>> withdrawn_;
};

}  // namespace carillon::http
