#pragma once

#include "tools/bench/clock.hpp"
#include "tools/bench/task_answers.hpp"

namespace carillon::bench {

/// Keeps account of what workers lease and complete.
class work_book {
public:
  virtual ~work_book() = default;

  virtual void on_leased(const lease& seen, wall_time at) = 0;
  virtual void on_completed(const lease& done) = 0;
  /// Its completion is about to be sent: from now on the server may know of it.
  virtual void on_reported(const lease& /*done*/) {}
  /// From when the whole way of a task counts.
  [[nodiscard]] virtual steady_time begin_of(const lease& done) const = 0;
};

}  // namespace carillon::bench
