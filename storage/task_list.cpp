#include <utility>

#include "storage/task_search.hpp"
#include "storage/task_store.hpp"

// Lists of tasks.

namespace carillon::storage {
namespace {

/// A page in the making.
class page_builder {
public:
  page_builder(const task_store& store, const task_filter& filter, const page_request& page,
               search_bounds& bounds)
      : store_{store}, filter_{filter}, page_{page}, bounds_{bounds} {}

  expected<task_page> build() {
    const auto known = counted(store_.disk(), filter_);
    if (known == 0)
      return std::move(shown_);
    if (auto filled = fill(); !filled)
      return filled.error();
    if (!page_.counts)
      return std::move(shown_);
    auto total = known ? expected<std::int64_t>{*known} : count();
    if (!total)
      return total.error();
    shown_.total = *total;
    return std::move(shown_);
  }

private:
  expected<void> fill() {
    task_search search{store_.disk(), filter_, page_.after, bounds_};
    for (auto id = search.next(); id && !shown_.has_more; id = search.next()) {
      if (filter_.is_indexed() && skips())
        continue;
      if (filter_.is_indexed() && is_full())
        shown_.has_more = true;
      else if (auto looked = look_at(*id); !looked)
        return looked.error();
    }
    return {};
  }

  expected<void> look_at(const task_id& id) {
    bounds_.go_on(steps_of_row);
    auto found = store_.load_record(id);
    if (!found)
      return found.error();
    if (!*found || !matches_(**found) || (!filter_.is_indexed() && skips()))
      return {};
    if (is_full())
      shown_.has_more = true;
    else
      shown_.items.push_back(*std::move(*found));
    return {};
  }

  [[nodiscard]] bool is_full() const { return shown_.items.size() == page_.limit; }

  /// Whether this match lies before the page.
  bool skips() {
    if (skipped_ == page_.offset)
      return false;
    ++skipped_;
    return true;
  }

  /// What was seen whole need not be counted.
  expected<std::int64_t> count() {
    if (!page_.after && !shown_.has_more)
      return static_cast<std::int64_t>(skipped_ + shown_.items.size());
    return count_tasks(store_, filter_, bounds_);
  }

  const task_store& store_;
  const task_filter& filter_;
  const page_request& page_;
  search_bounds& bounds_;
  task_matcher matches_{store_.disk(), filter_};
  task_page shown_;
  std::size_t skipped_ = 0;
};

}  // namespace

expected<task_page> task_store::list(const task_filter& filter, const page_request& page,
                                     search_bounds& bounds) const {
  return page_builder{*this, filter, page, bounds}.build();
}

expected<task_page> task_store::list(const task_filter& filter, const page_request& page) const {
  search_bounds bounds;
  return list(filter, page, bounds);
}

expected<std::int64_t> task_store::count(const task_filter& filter) const {
  search_bounds bounds;
  return count_tasks(*this, filter, bounds);
}

}  // namespace carillon::storage
