#pragma once

#include <mutex>
#include <string>
#include <unordered_set>

namespace carillon::http {

/// The Idempotency-Keys of requests that are not answered yet. Any thread.
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

private:
  std::mutex mutex_;
  std::unordered_set<std::string> keys_;
};

}  // namespace carillon::http
