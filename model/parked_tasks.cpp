#include "model/parked_tasks.hpp"

#include <algorithm>
#include <iterator>

namespace carillon {

bool parked_bounds::skips(const ready_entry& entry) {
  if (!entry.limit || last_.empty())
    return false;
  const auto known = last_.find(entry.limit->key);
  if (known == last_.end() || entry <= known->second)
    return false;
  skipped_.insert(entry.limit->key);
  return true;
}

void parked_tasks::park(const ready_entry& entry) {
  const auto& key = entry.limit->key;
  close(key);
  auto& known = keys_[key];
  // What lies behind tasks that are only in the store must wait there for its turn.
  if (known.more_in_store && entry > *known.line.rbegin())
    return;
  known.line.insert(entry);
  entries_.emplace(entry.id, entry);
  if (known.line.begin()->id == entry.id)
    changed_.insert(key);
  if (entries_.size() > capacity_)
    shed();
}

bool parked_tasks::remove(const task_id& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end())
    return false;
  const auto entry = std::move(found->second);
  entries_.erase(found);
  const auto& key = entry.limit->key;
  const auto known = keys_.find(key);
  auto& line = known->second.line;
  if (line.begin()->id == id)
    changed_.insert(key);
  line.erase(entry);
  const bool was_best = open_.erase(entry) > 0;
  if (was_best && !line.empty())
    open_.insert(*line.begin());
  if (!line.empty())
    return false;
  const bool left_some = known->second.more_in_store;
  keys_.erase(known);
  return left_some;
}

// -- open and closed ------------------------------------------------------------

bool parked_tasks::open(const std::string& key) {
  const auto known = keys_.find(key);
  if (known == keys_.end())
    return false;
  known->second.is_open = true;
  open_.insert(*known->second.line.begin());
  return true;
}

void parked_tasks::close(const std::string& key) {
  const auto known = keys_.find(key);
  if (known == keys_.end() || !known->second.is_open)
    return;
  known->second.is_open = false;
  open_.erase(*known->second.line.begin());
  changed_.insert(key);
}

bool parked_tasks::is_open(const std::string& key) const {
  const auto known = keys_.find(key);
  return known != keys_.end() && known->second.is_open;
}

const ready_entry* parked_tasks::best_open() const {
  return open_.empty() ? nullptr : &*open_.begin();
}

bool parked_tasks::waits_behind_another(const ready_entry& entry) const {
  const auto known = keys_.find(entry.limit->key);
  return known != keys_.end() && !known->second.is_open && *known->second.line.begin() < entry;
}

std::vector<parked_tasks::change> parked_tasks::take_changes() {
  std::vector<change> changes;
  for (const auto& key : changed_) {
    const auto known = keys_.find(key);
    if (known == keys_.end())
      changes.push_back({key, {}});
    else if (!known->second.is_open)
      changes.push_back({key, *known->second.line.begin()});
  }
  changed_.clear();
  return changes;
}

// -- the store holds the rest ---------------------------------------------------

/// Half of the largest key's tasks go at once, so that looking for it costs little in the mean.
void parked_tasks::shed() {
  const auto largest = std::ranges::max_element(
      keys_, {}, [](const auto& known) { return known.second.line.size(); });
  auto& [line, is_open, more_in_store] = largest->second;
  for (auto going = line.size() / 2; going > 0; --going) {
    const auto last = std::prev(line.end());
    entries_.erase(last->id);
    line.erase(last);
    more_in_store = true;
  }
}

/// A key with less than its share is read on, so that all keys have some work in memory and the
/// store is not read again for each of them.
parked_bounds parked_tasks::begin_reading() {
  parked_bounds bounds;
  const auto share = std::max<std::size_t>(1, capacity_ / (2 * keys_.size() + 1));
  for (auto& [key, known] : keys_) {
    if (known.line.size() >= share)
      bounds.last_.emplace(key, *known.line.rbegin());
    else
      known.more_in_store = false;
  }
  return bounds;
}

bool parked_tasks::note_left(const std::string& key) {
  const auto known = keys_.find(key);
  if (known == keys_.end())
    return false;
  known->second.more_in_store = true;
  return true;
}

std::vector<std::string> parked_tasks::keys() const {
  std::vector<std::string> all;
  all.reserve(keys_.size());
  for (const auto& [key, known] : keys_)
    all.push_back(key);
  return all;
}

}  // namespace carillon
