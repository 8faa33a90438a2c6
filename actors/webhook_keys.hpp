#pragma once

#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "actors/http_client.hpp"
#include "model/task.hpp"
#include "storage/secret_store.hpp"

namespace carillon {

/// What deliveries are trusted by, both ways: the secrets that sign them, and the signature of the
/// address at which a target calls back. Any thread.
class webhook_keys {
public:
  /// All keys are derived from that of the store.
  explicit webhook_keys(std::string_view store_key);

  // -- secrets; what is put here is on disk
  /// What the secrets are sealed with.
  [[nodiscard]] const std::string& seal_key() const { return seal_key_; }
  void put(storage::kept_secret secret);
  /// Puts what has changed, unless it was removed meanwhile.
  void replace(storage::kept_secret secret);
  std::optional<storage::kept_secret> take(const task_id& id);
  [[nodiscard]] std::optional<storage::kept_secret> find(const task_id& id) const;
  /// Newest first.
  [[nodiscard]] std::vector<storage::kept_secret> all() const;
  /// How many of the name may sign.
  [[nodiscard]] std::size_t count(std::string_view name, instant now) const;

  // -- deliveries
  /// Before the first delivery: where callback addresses begin.
  void set_public_url(std::string url);
  /// Adds the signatures of the newest attempt, which has the token, and its callback address. A
  /// problem when it must be signed and nothing can.
  expected<void> stamp(const task& subject, std::uint64_t token, instant now,
                       http_call& call) const;
  /// Takes the same time for every wrong signature.
  [[nodiscard]] bool is_callback(const task_id& id, std::uint64_t token,
                                 std::string_view signature) const;

private:
  expected<std::vector<std::string>> keys_of(const http_target& target, instant now) const;
  [[nodiscard]] std::string callback_signature(const task_id& id, std::uint64_t token) const;

  const std::string seal_key_;
  const std::string callback_key_;
  mutable std::shared_mutex mutex_;  ///< Guards what follows.
  std::string public_url_;
  std::map<task_id, storage::kept_secret> secrets_;
};

}  // namespace carillon
