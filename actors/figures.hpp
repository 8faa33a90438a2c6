#pragma once

#include <array>
#include <string_view>

#include "model/tally.hpp"
#include "model/task.hpp"

namespace carillon {

inline constexpr auto attempt_outcome_count =
    static_cast<std::size_t>(attempt_outcome::start_failed) + 1;
inline constexpr auto runner_kind_count = static_cast<std::size_t>(runner_kind::callback) + 1;

/// What happened to tasks since the start, as far as it is on disk. Counted by whoever acts on it,
/// on any thread.
struct house_figures {
  /// From the moment a task was due to the start of its first attempt, in milliseconds.
  distribution start_lag{1,     2,     5,      10,     25,     50,      100,       250,       500,
                         1'000, 2'500, 10'000, 30'000, 60'000, 300'000, 3'600'000, 86'400'000};
  tally due_started;
  std::array<tally, end_reason_count> due_unrun;  ///< By why nothing was started.
  std::array<std::array<tally, attempt_outcome_count>, runner_kind_count> attempts;
  tally events_published;
};

/// Counts what became of a task. `before` is null for a new one.
void count_change(house_figures& figures, const task* before, const task& after);

std::string_view to_string(runner_kind kind);

}  // namespace carillon
