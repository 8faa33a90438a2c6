#include "model/host_breaker.hpp"

#include <algorithm>
#include <limits>

namespace carillon {
namespace {

/// What a host asks for counts up to the longest cool-down.
instant rest_end(instant now, duration least, std::optional<instant> try_again_at) {
  return std::clamp(try_again_at.value_or(now), now + least, now + host_breaker::cool_down_max);
}

}  // namespace

// -- calls begin ----------------------------------------------------------------

std::optional<instant> host_breaker::closed_until(instant now) const {
  // A rest longer than any means that the clock went back.
  if (rests_until_ <= now || rests_until_ > now + cool_down_max)
    return std::nullopt;
  return rests_until_;
}

std::size_t host_breaker::room(instant now) const {
  if (closed_until(now))
    return 0;
  return is_open_ ? 1 : std::numeric_limits<std::size_t>::max();
}

void host_breaker::begin(instant now) {
  if (!is_open_)
    return;
  probing_ = true;
  rests_until_ = now + cool_down_;
}

void host_breaker::take_back(instant now) {
  if (!is_open_)
    return;
  probing_ = false;
  rests_until_ = now;
}

// -- calls end ------------------------------------------------------------------

void host_breaker::end(host_news news, instant began, instant now,
                       std::optional<instant> try_again_at) {
  switch (news) {
    case host_news::alive:
      reset();
      return;
    case host_news::down:
      return fail(began, now, try_again_at);
    case host_news::busy:
      return note_busy(now, try_again_at);
    case host_news::nothing:
      if (probing_ && began > opened_at_)
        take_back(now);
  }
}

void host_breaker::fail(instant began, instant now, std::optional<instant> try_again_at) {
  busy_ = 0;
  if (is_open_ && began <= opened_at_)
    return;
  ++failures_;
  if (is_open_)
    cool_down_ = std::min(2 * cool_down_, cool_down_max);
  else if (failures_ < failures_to_open)
    return;
  is_open_ = true;
  opened_at_ = now;
  probing_ = false;
  rests_until_ = rest_end(now, cool_down_, try_again_at);
}

void host_breaker::note_busy(instant now, std::optional<instant> try_again_at) {
  const int in_a_row = busy_ + 1;
  reset();
  busy_ = in_a_row;
  if (busy_ >= failures_to_open)
    rests_until_ = rest_end(now, cool_down_min, try_again_at);
}

// -- what is to be seen -----------------------------------------------------------

host_breaker::state host_breaker::state_at(instant now) const {
  if (!is_open_)
    return closed_until(now) ? state::resting : state::closed;
  return probing_ || !closed_until(now) ? state::half_open : state::open;
}

bool host_breaker::knows_nothing(instant now) const {
  return failures_ == 0 && busy_ == 0 && !closed_until(now);
}

}  // namespace carillon
