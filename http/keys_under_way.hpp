#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "model/request_mark.hpp"

namespace carillon::http {

/// The Idempotency-Keys of requests that are not answered yet, and the answers that have left but
/// are not on disk yet. Any thread.
class keys_under_way {
public:
  /// False: another request has it.
  bool take(const std::string& key) {
    const std::lock_guard lock{mutex_};
    return keys_.insert(key).second;
  }
  void give_back(const std::string& key) {
    const std::lock_guard lock{mutex_};
    keys_.erase(key);
  }

  void remember(const std::string& key, kept_answer what) {
    const std::lock_guard lock{mutex_};
    answers_.insert_or_assign(key, std::move(what));
  }
  void forget(const std::string& key) {
    const std::lock_guard lock{mutex_};
    answers_.erase(key);
  }
  std::optional<kept_answer> remembered(const std::string& key) {
    const std::lock_guard lock{mutex_};
    const auto found = answers_.find(key);
    return found == answers_.end() ? std::nullopt : std::optional{found->second};
  }

private:
  std::mutex mutex_;
  std::unordered_set<std::string> keys_;
  std::unordered_map<std::string, kept_answer> answers_;
};

}  // namespace carillon::http
