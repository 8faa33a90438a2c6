#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/answer.hpp"
#include "model/key_gate.hpp"

namespace carillon {

struct house;

/// The gates of all keys that are in use. Any thread; nothing is sent or waited for under a lock.
///
/// Queues ask here when they hand a task to a worker, tasks tell here what is durable, the clock
/// comes back at the moments it was given. A key that nobody holds, nobody waits for and whose rate
/// rests no more is forgotten. Each call that frees or changes something may send key_free to a
/// queue, which carries `until_decided` on.
class key_gates {
public:
  explicit key_gates(const house& home) : home_{home} {}

  /// Before any queue serves: who holds a key in the store. Rates count from `now` on, as if a task
  /// of each key had just begun: so a restart never passes one.
  void restore(const std::vector<std::pair<task_id, std::string>>& holders, instant now);

  // -- a task that wants to run, or did
  key_answer try_start(std::string_view queue, const ready_entry& entry);
  void confirm(const std::string& key, const task_id& id);
  void give_back(const std::string& key, const task_id& id);
  void release(const std::string& key, const task_id& id, const hold& until_decided);

  // -- queues that wait
  void wait(std::string_view queue, const ready_entry& best, const hold& until_decided);
  void pass(std::string_view queue, const std::string& key, const hold& until_decided);
  void leave(std::string_view queue, const std::string& key, const hold& until_decided);

  /// From the clock.
  void alarm_rang(const std::string& key, const hold& until_decided);

  struct counts {
    std::size_t in_use = 0;  ///< Keys.
    std::size_t holders = 0;
    std::size_t queues_waiting = 0;
  };
  [[nodiscard]] counts count() const;
  /// The tasks that hold the key.
  [[nodiscard]] std::vector<task_id> holders_of(const std::string& key) const;

  /// Empty: the key is not in use.
  [[nodiscard]] std::optional<key_gate::view> find(const std::string& key) const;
  /// All keys in use.
  [[nodiscard]] std::vector<std::string> keys() const;

private:
  struct stripe {
    std::mutex mutex;
    std::unordered_map<std::string, key_gate> gates;
    std::size_t forget_at = 64;  ///< Size at which idle gates are looked for.
  };

  stripe& stripe_of(const std::string& key) const;
  key_gate& find_or_add(stripe& here, const std::string& key) const;
  template <class Change>
  void change(const std::string& key, const hold& until_decided, Change make);
  void follow(const std::string& key, const key_gate::advice& next, const hold& until_decided);

  const house& home_;  ///< Outlives this.
  instant started_{};
  mutable std::array<stripe, 64> stripes_;
};

}  // namespace carillon
