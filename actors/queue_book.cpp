#include "actors/queue_book.hpp"

#include <mutex>

#include "storage/queue_record.hpp"

namespace carillon {

std::vector<std::pair<task_id, std::string>> queue_book::restore(const storage::task_store& store) {
  std::vector<std::pair<task_id, std::string>> holders;
  bool any_limit = false;
  for (const auto& [name, settings] : storage::load_queues(store.disk())) {
    set(name, settings);
    any_limit |= settings.is_limited();
  }
  if (!any_limit)
    return holders;
  for (const auto& id : store.ids_with_status(task_status::processing)) {
    const auto found = store.load(id);
    if (!found || !*found)
      continue;
    if (const auto known = find(queue_of(*(*found)->spec)); known.limit)
      holders.emplace_back(id, known.limit->key);
  }
  return holders;
}

queue_book::entry queue_book::find(std::string_view queue) const {
  if (is_empty_)
    return {};
  const std::shared_lock lock{mutex_};
  const auto known = entries_.find(std::string{queue});
  return known == entries_.end() ? entry{} : known->second;
}

bool queue_book::tracks(std::string_view queue) const {
  return find(queue).is_tracked;
}

void queue_book::set(const std::string& queue, const queue_settings& settings) {
  const std::unique_lock lock{mutex_};
  auto& known = entries_[queue];
  known.settings = settings;
  known.is_tracked |= settings.is_limited();
  known.limit = settings.is_limited()
                    ? std::make_shared<const key_limit>(limit_of_queue(queue, settings))
                    : nullptr;
  is_empty_ = false;
}

void queue_book::set_settling(const std::string& queue, bool is_settling) {
  const std::unique_lock lock{mutex_};
  entries_[queue].is_settling = is_settling;
}

}  // namespace carillon
