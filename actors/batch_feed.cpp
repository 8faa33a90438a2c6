#include "actors/batch_feed.hpp"

#include <algorithm>
#include <utility>

namespace carillon {

batch_feed::batch_feed(const batch_id& of, std::uint64_t session, std::vector<bool> taken)
    : batch_{of}, session_{session}, taken_{std::move(taken)} {
  open_ = make_hold([told = drained_] {
    if (*told)
      (*told)();
  });
}

std::int64_t batch_feed::taken_count() const {
  return std::ranges::count(taken_, true);
}

std::uint32_t batch_feed::first_free() const {
  return static_cast<std::uint32_t>(std::ranges::find(taken_, false) - taken_.begin());
}

std::optional<hold> batch_feed::enter() const {
  const std::lock_guard lock{mutex_};
  return open_;
}

void batch_feed::close(std::function<void()> drained) {
  std::optional<hold> last;
  {
    const std::lock_guard lock{mutex_};
    // Read by whoever lets go of the last hold, which is not before this one.
    *drained_ = std::move(drained);
    last = std::exchange(open_, {});
  }
}

}  // namespace carillon
