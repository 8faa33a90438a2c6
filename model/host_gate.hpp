#pragma once

#include <cstddef>
#include <optional>

#include "model/host_breaker.hpp"
#include "model/start_pace.hpp"

namespace carillon {

/// How many calls of one host may begin: its breaker, its rate, its share of concurrency. Pure.
///
/// Invariant: called() + asked() <= concurrency, but for tasks that were started unasked.
class host_gate {
public:
  struct limits {
    std::size_t concurrency;
    std::int64_t per_second;  ///< 0: any number.
  };
  /// The rate counts from `since` on.
  host_gate(limits allowed, instant since) : allowed_{allowed}, pace_{allowed.per_second, since} {}

  /// How many tasks may be asked for now.
  [[nodiscard]] std::size_t room(instant now) const;
  /// When a call may begin; empty when time alone changes nothing.
  [[nodiscard]] std::optional<instant> next_look(instant now) const;

  /// Tasks are asked for. At most room(now), at least one.
  void ask(std::size_t count, instant now);
  /// The asking is over. What was given has begun already.
  void settle(std::size_t asked, std::size_t given, instant now);
  void begin_call();
  void end_call(host_news news, instant began, instant now, std::optional<instant> try_again_at);

  [[nodiscard]] std::size_t asked() const { return asked_; }
  [[nodiscard]] std::size_t called() const { return called_; }
  [[nodiscard]] host_breaker& breaker() { return breaker_; }
  [[nodiscard]] const host_breaker& breaker() const { return breaker_; }
  /// Nothing is under way or asked for.
  [[nodiscard]] bool is_quiet() const { return asked_ == 0 && called_ == 0; }

private:
  limits allowed_;
  host_breaker breaker_;
  start_pace pace_;
  std::size_t asked_ = 0;
  std::size_t called_ = 0;
};

}  // namespace carillon
