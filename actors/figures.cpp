#include "actors/figures.hpp"

#include <algorithm>

#include "model/stat_bucket.hpp"

namespace carillon {
namespace {

void count_start(house_figures& figures, const task& subject) {
  figures.due_started.add();
  const auto lag = subject.attempts.front().started_at - due_moment_of(subject);
  figures.start_lag.add(std::max(lag, duration{0}).count());
}

/// Its time came, and nothing was started.
void count_unrun(house_figures& figures, const task& subject) {
  const auto& end = std::get<ended>(subject.state);
  if (end.status != task_status::skipped && end.status != task_status::expired)
    return;
  const auto& range = subject.spec->stands_for;
  const auto moments = range ? static_cast<std::uint64_t>(range->count) : 1;
  figures.due_unrun.at(static_cast<std::size_t>(end.reason)).add(moments);
}

/// Who carried the attempt out that has ended now.
runner_kind runner_of(const task* before, const task_spec& spec) {
  const auto* running = before == nullptr ? nullptr : std::get_if<processing>(&before->state);
  if (running != nullptr)
    return running->runner;
  if (runs_in_steps(spec))  // it began and ended in one decision
    return runner_kind::steps;
  if (spec.command)
    return runner_kind::command;
  return spec.target ? runner_kind::delivery : runner_kind::components;
}

void count_attempts(house_figures& figures, const task* before, const task& after) {
  const auto* known =
      before == nullptr || before->attempts.empty() ? nullptr : &before->attempts.back();
  for (auto tried = after.attempts.rbegin(); tried != after.attempts.rend(); ++tried) {
    const bool is_new = known == nullptr || tried->number > known->number;
    const bool was_open = known != nullptr && tried->number == known->number && !known->finished_at;
    if (!is_new && !was_open)
      return;
    if (tried->finished_at)
      figures.attempts.at(static_cast<std::size_t>(runner_of(before, *after.spec)))
          .at(static_cast<std::size_t>(tried->outcome))
          .add();
  }
}

}  // namespace

void count_change(house_figures& figures, const task* before, const task& after) {
  const bool had_begun = before != nullptr && !before->attempts.empty();
  const bool had_ended = before != nullptr && has_ended(*before);
  if (!had_begun && !after.attempts.empty())
    count_start(figures, after);
  else if (!had_begun && !had_ended && has_ended(after))
    count_unrun(figures, after);
  if (!had_ended)
    count_attempts(figures, before, after);
}

std::string_view to_string(runner_kind kind) {
  constexpr std::array<std::string_view, runner_kind_count> words{"delivery", "lease", "components",
                                                                  "command",  "steps", "callback"};
  return words.at(static_cast<std::size_t>(kind));
}

}  // namespace carillon
