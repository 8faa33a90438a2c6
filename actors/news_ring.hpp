#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace carillon {

/// The newest items of a stream of news, numbered. Those who look on are woken and then read at
/// their own speed, so that a slow one holds nobody up: what it did not read in time is a gap. Any
/// thread.
template <class Item>
class news_ring {
public:
  /// Numbers begin behind `base`, so that those of an earlier life are never taken for ours. More
  /// items than that, or more bytes, are not kept: the oldest go.
  news_ring(std::uint64_t base, std::size_t items_max, std::size_t bytes_max = SIZE_MAX)
      : items_max_{items_max}, bytes_max_{bytes_max}, base_{base}, last_{base} {}

  /// Keeps its watcher awake as long as it lives. Release it on any thread.
  using watch_handle = std::shared_ptr<void>;

  struct batch {
    std::uint64_t first = 0;  ///< The number of the first item; the others follow.
    std::vector<Item> items;
    bool has_gap = false;  ///< Some between what was seen and the first are forgotten.
  };

  /// `size_of(item)` tells its bytes. Wakes all watchers once.
  template <class SizeOf>
  void add(std::vector<Item> items, SizeOf size_of) {
    std::vector<waker> awake;
    {
      const std::lock_guard lock{mutex_};
      for (auto& item : items) {
        const std::size_t size = size_of(item);
        kept_.push_back({std::move(item), size});
        bytes_ += size;
        ++last_;
      }
      while (kept_.size() > items_max_ || (bytes_ > bytes_max_ && kept_.size() > 1)) {
        bytes_ -= kept_.front().bytes;
        kept_.pop_front();
      }
      awake.reserve(watchers_.size());
      for (const auto& [handle, wake] : watchers_)
        awake.push_back(wake);
    }
    for (const auto& wake : awake)
      (*wake)();
  }

  /// What came after that number, the oldest first, at most `limit`.
  [[nodiscard]] batch after(std::uint64_t number, std::size_t limit) const {
    const std::lock_guard lock{mutex_};
    batch found;
    const auto first = last_ - kept_.size() + 1;
    found.has_gap = number < base_ || number > last_ || number + 1 < first;
    found.first = number > last_ ? last_ + 1 : std::max(number + 1, first);
    for (auto at = found.first; at <= last_ && found.items.size() < limit; ++at)
      found.items.push_back(kept_[at - first].item);
    return found;
  }

  [[nodiscard]] std::uint64_t last_number() const {
    const std::lock_guard lock{mutex_};
    return last_;
  }

  /// Forgets everything. Whoever comes back later has a gap.
  void forget() {
    const std::lock_guard lock{mutex_};
    kept_.clear();
    bytes_ = 0;
    base_ = ++last_;
  }

  /// `wake` is called after every addition; it must not block, and may come once more while the
  /// handle is released. The ring must outlive the handle.
  watch_handle watch(std::function<void()> wake) {
    const std::lock_guard lock{mutex_};
    const auto handle = ++handles_;
    watchers_.emplace(handle, std::make_shared<std::function<void()>>(std::move(wake)));
    return {nullptr, [this, handle](void*) {
              const std::lock_guard again{mutex_};
              watchers_.erase(handle);
            }};
  }

private:
  using waker = std::shared_ptr<std::function<void()>>;
  struct kept {
    Item item;
    std::size_t bytes;
  };

  const std::size_t items_max_;
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::deque<kept> kept_;
  std::size_t bytes_ = 0;
  std::uint64_t base_;
  std::uint64_t last_;
  std::map<std::uint64_t, waker> watchers_;
  std::uint64_t handles_ = 0;
};

}  // namespace carillon
