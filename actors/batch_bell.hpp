#pragma once

#include <cstdint>
#include <limits>
#include <mutex>
#include <unordered_map>

#include "model/batch.hpp"

namespace carillon {

/// Tells when a batch may have ended, without a message for each of its children: who watches says
/// how many children are open, and the bell rings when so many have ended since. Any thread.
///
/// The end of a child is told when it is on disk, so one that is told after begin_look() may be in
/// what the look finds: the bell may ring too early, and never too late.
class batch_bell {
public:
  /// A look at the counts begins: ends are counted from here.
  void begin_look(const batch_id& id) {
    const std::lock_guard lock{mutex_};
    watched_[id] = {};
  }
  /// The look found so many open. True: so many have ended meanwhile, look again.
  bool ring_after(const batch_id& id, std::int64_t ends) {
    const std::lock_guard lock{mutex_};
    auto& known = watched_[id];
    known.rings_at = ends;
    return rings(known);
  }
  void forget(const batch_id& id) {
    const std::lock_guard lock{mutex_};
    watched_.erase(id);
  }
  /// A child has ended, and that is on disk. True: look.
  bool child_ended(const batch_id& id) {
    const std::lock_guard lock{mutex_};
    const auto known = watched_.find(id);
    if (known == watched_.end())
      return false;
    ++known->second.ends;
    return rings(known->second);
  }

private:
  static constexpr auto never = std::numeric_limits<std::int64_t>::max();
  struct watch {
    std::int64_t ends = 0;
    std::int64_t rings_at = never;
  };
  static bool rings(watch& known) {
    if (known.ends < known.rings_at)
      return false;
    known.rings_at = never;  // once
    return true;
  }

  std::mutex mutex_;
  std::unordered_map<batch_id, watch> watched_;
};

}  // namespace carillon
