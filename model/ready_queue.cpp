#include "model/ready_queue.hpp"

#include <iterator>

namespace carillon {

void ready_queue::leave_in_store() {
  more_in_store_ = true;
  left_in_store_ = true;
}

void ready_queue::insert(const ready_entry& entry) {
  if (const auto known = ranks_.find(entry.id); known != ranks_.end()) {
    order_.erase({known->second, entry.id});
    known->second = entry.rank;
  } else {
    ranks_.emplace(entry.id, entry.rank);
  }
  order_.insert(entry);
  if (order_.size() > capacity_) {
    erase(*std::prev(order_.end()));
    leave_in_store();
  }
}

/// Takes it by value: an entry of order_ itself may be meant.
void ready_queue::erase(ready_entry entry) {
  ranks_.erase(entry.id);
  order_.erase(entry);
}

void ready_queue::unpark(const task_id& id) {
  if (parked_.remove(id))
    leave_in_store();
}

void ready_queue::offer(const ready_entry& entry) {
  unpark(entry.id);
  // What lies behind rows that are only in the store must wait there for its turn.
  if (more_in_store_ && !order_.empty() && entry > *order_.rbegin()) {
    left_in_store_ = true;
    return;
  }
  insert(entry);
}

// -- out of the queue -----------------------------------------------------------

std::vector<ready_entry> ready_queue::take(std::size_t count, const ask_key& ask,
                                           bool asks_for_all) {
  std::vector<ready_entry> taken;
  while (taken.size() < count && !empty()) {
    const auto* open = parked_.best_open();
    const bool from_order = !order_.empty() && (open == nullptr || *order_.begin() < *open);
    const auto entry = from_order ? *order_.begin() : *open;
    const auto answer = ask_for(entry, ask, asks_for_all);
    if (answer == key_answer::full)
      break;
    if (answer == key_answer::wait && !from_order) {
      parked_.close(entry.limit->key);
      continue;
    }
    from_order ? erase(entry) : unpark(entry.id);
    if (answer == key_answer::wait)
      parked_.park(entry);
    if (answer != key_answer::start)
      continue;
    taken.push_back(entry);
    in_flight_.insert(entry.id);
  }
  return taken;
}

key_answer ready_queue::ask_for(const ready_entry& entry, const ask_key& ask,
                                bool asks_for_all) const {
  if (!entry.limit && !asks_for_all)
    return key_answer::start;
  if (entry.limit && parked_.waits_behind_another(entry))
    return key_answer::wait;
  return ask(entry);
}

// -- the store holds the rest ---------------------------------------------------

bool ready_queue::wants_refill() const {
  return more_in_store_ && !refilling_ && order_.size() <= capacity_ / 2;
}

parked_bounds ready_queue::refill_started() {
  refilling_ = true;
  left_in_store_ = false;
  return parked_.begin_reading();
}

void ready_queue::refill(const std::vector<ready_entry>& entries, bool complete,
                         const parked_bounds& bounds) {
  refilling_ = false;
  for (const auto& key : bounds.skipped())
    left_in_store_ |= !parked_.note_left(key);
  // An offer turned away since the store was read may be missing from what was read.
  more_in_store_ = !complete || left_in_store_;
  for (const auto& entry : entries)
    if (!in_flight_.contains(entry.id) && !ranks_.contains(entry.id) && !parked_.contains(entry.id))
      insert(entry);
}

}  // namespace carillon
