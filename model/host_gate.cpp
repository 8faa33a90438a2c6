#include "model/host_gate.hpp"

#include <algorithm>

namespace carillon {

std::size_t host_gate::room(instant now) const {
  const auto taken = asked_ + called_;
  const auto places = allowed_.concurrency > taken ? allowed_.concurrency - taken : 0;
  // A probe is let through whatever hangs: it is how the host gets its places back.
  const auto calls = breaker_.room(now);
  const auto wanted =
      breaker_.state_at(now) == host_breaker::state::half_open ? calls : std::min(calls, places);
  return std::min(wanted, pace_.room(now));
}

std::optional<instant> host_gate::next_look(instant now) const {
  const auto rest = breaker_.closed_until(now);
  const auto paced = pace_.next(now);
  if (rest)
    return std::max(*rest, paced);
  return paced > now ? std::optional{paced} : std::nullopt;
}

void host_gate::ask(std::size_t count, instant now) {
  asked_ += count;
  breaker_.begin(now);
  pace_.take(count, now);
}

/// What was given is no longer among the asked: see begin_call().
void host_gate::settle(std::size_t asked, std::size_t given, instant now) {
  const auto missing = asked - std::min(given, asked);
  asked_ -= std::min(missing, asked_);
  pace_.give_back(missing);
  if (given == 0)
    breaker_.take_back(now);
}

void host_gate::begin_call() {
  if (asked_ > 0)
    --asked_;
  ++called_;
}

void host_gate::end_call(host_news news, instant began, instant now,
                         std::optional<instant> try_again_at) {
  --called_;
  breaker_.end(news, began, now, try_again_at);
}

}  // namespace carillon
