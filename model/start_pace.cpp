#include "model/start_pace.hpp"

#include <algorithm>
#include <limits>

namespace carillon {
namespace {

using std::chrono::microseconds;

constexpr microseconds second = std::chrono::seconds{1};
constexpr microseconds catch_up_max = std::chrono::milliseconds{10};

/// Rounded up: a rate is never passed.
microseconds interval_of(std::int64_t per_second) {
  return per_second <= 0 ? microseconds{0}
                         : microseconds{(second.count() + per_second - 1) / per_second};
}

}  // namespace

start_pace::start_pace(std::int64_t per_second, instant last_start)
    : interval_{interval_of(per_second)}, next_{last_start + interval_} {}

/// When the next one starts. One far in the future means that the clock went back.
start_pace::fine_instant start_pace::first(instant now) const {
  if (next_ > now + interval_ + catch_up_max)
    return now + interval_;
  return std::max(next_, fine_instant{now - catch_up_max});
}

std::size_t start_pace::room(instant now) const {
  if (interval_ == microseconds{0})
    return std::numeric_limits<std::size_t>::max();
  const auto from = first(now);
  return from > now ? 0 : static_cast<std::size_t>((now - from) / interval_) + 1;
}

void start_pace::take(std::size_t count, instant now) {
  if (interval_ > microseconds{0})
    next_ = first(now) + static_cast<std::int64_t>(count) * interval_;
}

void start_pace::give_back(std::size_t count) {
  next_ -= static_cast<std::int64_t>(count) * interval_;
}

instant start_pace::next(instant now) const {
  return std::chrono::ceil<duration>(std::max(first(now), fine_instant{now}));
}

}  // namespace carillon
