#include "http/mixed_list.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace carillon::http {
namespace {

constexpr std::size_t behind_the_end = SIZE_MAX / 2;

struct both_pages {
  storage::task_page tasks;
  storage::schedule_page schedules;
};

/// Finds the page by halving: of both lists a step skips the half of what is left to skip that
/// surely comes first, so that a far page costs a few questions and not all that lies before it.
class mixed_search : public std::enable_shared_from_this<mixed_search> {
public:
  mixed_search(const scheduler& core, mixed_filter filter, std::size_t limit, std::size_t offset,
               answer<mixed_page> reply)
      : core_{core},
        filter_{std::move(filter)},
        limit_{limit},
        left_{offset},
        reply_{std::move(reply)} {}

  void go_on() {
    if (left_ == 0)
      return ask(limit_, 0, &mixed_search::deliver);
    step_ = left_ / 2 + left_ % 2;
    ask(1, step_ - 1, &mixed_search::skip);
  }

private:
  using take = void (mixed_search::*)(both_pages);

  /// Asks for a page of either list, `ahead` entries behind what is skipped already.
  void ask(std::size_t limit, std::size_t ahead, take then) {
    auto have_tasks = [self = shared_from_this(), limit, ahead,
                       then](expected<storage::task_page> tasks) {
      if (!tasks)
        return self->reply_(std::move(tasks).error());
      auto have_both = [self, then,
                        tasks = *std::move(tasks)](expected<storage::schedule_page> schedules) {
        if (!schedules)
          return self->reply_(std::move(schedules).error());
        ((*self).*then)({tasks, *std::move(schedules)});
      };
      self->core_.list_schedules(
          self->filter_.schedules, {limit, self->schedules_skipped_ + ahead, {}, self->left_ == 0},
          answer<storage::schedule_page>{std::move(have_both)}, self->filter_.is_wanted);
    };
    // How many there are in all is counted once, with the page.
    core_.list(filter_.tasks, {limit, tasks_skipped_ + ahead, {}, left_ == 0},
               answer<storage::task_page>{std::move(have_tasks)}, filter_.is_wanted);
  }

  /// The entry that is `step_` behind in the one list and newer than that of the other has less
  /// than two steps before it: all up to it are skipped.
  void skip(both_pages at) {
    const auto& tasks = at.tasks.items;
    const auto& schedules = at.schedules.items;
    if (tasks.empty() && schedules.empty()) {  // the offset is behind the end
      tasks_skipped_ = behind_the_end;
      schedules_skipped_ = behind_the_end;
      left_ = 0;
      return go_on();
    }
    const bool is_task =
        schedules.empty() || (!tasks.empty() && tasks.front().id > schedules.front().id);
    (is_task ? tasks_skipped_ : schedules_skipped_) += step_;
    left_ -= step_;
    go_on();
  }

  void deliver(both_pages at) {
    mixed_page page;
    page.total = at.tasks.total + at.schedules.total;
    auto one = at.tasks.items.begin();
    auto other = at.schedules.items.begin();
    const auto tasks_end = at.tasks.items.end();
    const auto schedules_end = at.schedules.items.end();
    while (page.items.size() < limit_ && (one != tasks_end || other != schedules_end)) {
      if (other == schedules_end || (one != tasks_end && one->id > other->id))
        page.items.emplace_back(std::move(*one++));
      else
        page.items.emplace_back(std::move(*other++));
    }
    page.has_more =
        one != tasks_end || other != schedules_end || at.tasks.has_more || at.schedules.has_more;
    reply_(std::move(page));
  }

  const scheduler& core_;
  const mixed_filter filter_;
  const std::size_t limit_;
  std::size_t left_;  ///< How much is still to skip.
  std::size_t step_ = 0;
  std::size_t tasks_skipped_ = 0;
  std::size_t schedules_skipped_ = 0;
  const answer<mixed_page> reply_;
};

}  // namespace

void list_mixed(const scheduler& core, mixed_filter filter, std::size_t limit, std::size_t offset,
                answer<mixed_page> reply) {
  std::make_shared<mixed_search>(core, std::move(filter), limit, offset, std::move(reply))->go_on();
}

}  // namespace carillon::http
