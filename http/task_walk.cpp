#include "http/task_walk.hpp"

#include <memory>
#include <utility>

namespace carillon::http {
namespace {

constexpr std::size_t page_size = 200;

struct walk {
  const scheduler& core;
  storage::task_filter filter;
  std::function<bool(const task&)> each;
  std::function<void(expected<void>)> done;
};

void next_page(const std::shared_ptr<const walk>& self, std::optional<task_id> after) {
  const auto look = [self](expected<storage::task_page> page) {
    if (!page)
      return self->done(std::move(page).error());
    for (const auto& one : page->items)
      if (!self->each(one))
        return self->done({});
    if (!page->has_more)
      return self->done({});
    next_page(self, page->items.back().id);
  };
  self->core.list(self->filter, {page_size, 0, after, false}, answer<storage::task_page>{look});
}

}  // namespace

void walk_tasks(const scheduler& core, storage::task_filter filter,
                std::function<bool(const task&)> each, std::function<void(expected<void>)> done) {
  next_page(
      std::make_shared<const walk>(walk{core, std::move(filter), std::move(each), std::move(done)}),
      {});
}

}  // namespace carillon::http
