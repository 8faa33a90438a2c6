#pragma once

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/queue_settings.hpp"
#include "storage/task_store.hpp"

namespace carillon {

/// What was set for queues. Each queue's actor changes its own; anybody looks. Any thread.
///
/// The tasks of a queue are tracked from its first limit on, as long as the server lives: then
/// every task tells the gates when it begins and ends to be processing.
class queue_book {
public:
  /// Before any actor. Gives the tasks that are processing in queues with limits, with the key of
  /// the queue's limit.
  std::vector<std::pair<task_id, std::string>> restore(const storage::task_store& store);

  struct entry {
    queue_settings settings;
    std::shared_ptr<const key_limit> limit;  ///< Null: none.
    bool is_tracked = false;
    bool is_settling = false;  ///< Who is processing is being found out: nobody else may begin.
  };
  /// As if nothing were set, when nothing is.
  [[nodiscard]] entry find(std::string_view queue) const;
  [[nodiscard]] bool tracks(std::string_view queue) const;

  void set(const std::string& queue, const queue_settings& settings);
  void set_settling(const std::string& queue, bool is_settling);

private:
  std::atomic<bool> is_empty_ = true;  ///< The common case costs no lock.
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, entry> entries_;
};

}  // namespace carillon
