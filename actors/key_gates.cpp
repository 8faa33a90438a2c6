#include "actors/key_gates.hpp"

#include <algorithm>
#include <functional>

#include "actors/house.hpp"

namespace carillon {

key_gates::stripe& key_gates::stripe_of(const std::string& key) const {
  return stripes_[std::hash<std::string>{}(key) % stripes_.size()];
}

/// Looks at all idle gates whenever their number has doubled: constant work a gate.
key_gate& key_gates::find_or_add(stripe& here, const std::string& key) const {
  const auto [found, is_new] = here.gates.try_emplace(key, started_);
  if (is_new && here.gates.size() > here.forget_at) {
    const auto now = home_.time->now();
    std::erase_if(here.gates, [&, kept = &found->second](const auto& known) {
      return &known.second != kept && known.second.is_idle(now);
    });
    here.forget_at = std::max<std::size_t>(64, 2 * here.gates.size());
  }
  return found->second;
}

/// One change of a gate, and what follows from it. `make` gets the gate or null.
template <class Change>
void key_gates::change(const std::string& key, const hold& until_decided, Change make) {
  auto& here = stripe_of(key);
  key_gate::advice next;
  {
    const std::lock_guard lock{here.mutex};
    const auto known = here.gates.find(key);
    if (known == here.gates.end())
      return;
    make(known->second);
    const auto now = home_.time->now();
    next = known->second.look(now);
    if (known->second.is_idle(now))
      here.gates.erase(known);
  }
  follow(key, next, until_decided);
}

void key_gates::follow(const std::string& key, const key_gate::advice& next,
                       const hold& until_decided) {
  if (next.tell)
    caf::anon_send(home_.queue_for(*next.tell), key_free{*next.tell, key, until_decided});
  if (next.look_again_at)
    caf::anon_send(home_.clock, arm_key{*next.look_again_at, key});
}

void key_gates::restore(const std::vector<std::pair<task_id, std::string>>& holders, instant now) {
  started_ = now;
  for (const auto& [id, key] : holders)
    confirm(key, id);
}

// -- a task that wants to run, or did ---------------------------------------------

key_answer key_gates::try_start(std::string_view queue, const ready_entry& entry) {
  const auto& key = entry.limit->key;
  auto& here = stripe_of(key);
  const auto now = home_.time->now();
  const std::lock_guard lock{here.mutex};
  return find_or_add(here, key).try_start(queue, entry, now);
}

void key_gates::confirm(const std::string& key, const task_id& id) {
  auto& here = stripe_of(key);
  const std::lock_guard lock{here.mutex};
  find_or_add(here, key).confirm(id);
}

void key_gates::give_back(const std::string& key, const task_id& id) {
  change(key, {}, [&](key_gate& gate) { gate.give_back(id); });
}

void key_gates::release(const std::string& key, const task_id& id, const hold& until_decided) {
  change(key, until_decided, [&](key_gate& gate) { gate.release(id); });
}

// -- queues that wait ---------------------------------------------------------------

void key_gates::wait(std::string_view queue, const ready_entry& best, const hold& until_decided) {
  const auto& key = best.limit->key;
  auto& here = stripe_of(key);
  key_gate::advice next;
  {
    const std::lock_guard lock{here.mutex};
    auto& gate = find_or_add(here, key);
    gate.wait(queue, best);
    next = gate.look(home_.time->now());
  }
  follow(key, next, until_decided);
}

void key_gates::pass(std::string_view queue, const std::string& key, const hold& until_decided) {
  change(key, until_decided, [&](key_gate& gate) { gate.pass(queue); });
}

void key_gates::leave(std::string_view queue, const std::string& key, const hold& until_decided) {
  change(key, until_decided, [&](key_gate& gate) { gate.leave(queue); });
}

void key_gates::alarm_rang(const std::string& key, const hold& until_decided) {
  change(key, until_decided, [](key_gate& gate) { gate.alarm_rang(); });
}

std::vector<std::string> key_gates::keys() const {
  std::vector<std::string> all;
  const auto now = home_.time->now();
  for (auto& here : stripes_) {
    const std::lock_guard lock{here.mutex};
    for (const auto& [key, gate] : here.gates)
      if (!gate.is_idle(now))
        all.push_back(key);
  }
  return all;
}

key_gates::counts key_gates::count() const {
  counts found;
  const auto now = home_.time->now();
  for (auto& here : stripes_) {
    const std::lock_guard lock{here.mutex};
    for (const auto& [key, gate] : here.gates) {
      found.in_use += gate.is_idle(now) ? 0 : 1;
      found.holders += gate.holder_count();
      found.queues_waiting += gate.waiter_count();
    }
  }
  return found;
}

std::optional<key_gate::view> key_gates::find(const std::string& key) const {
  auto& here = stripe_of(key);
  const auto now = home_.time->now();
  const std::lock_guard lock{here.mutex};
  const auto known = here.gates.find(key);
  if (known == here.gates.end() || known->second.is_idle(now))
    return std::nullopt;
  return known->second.look_on(now);
}

std::vector<task_id> key_gates::holders_of(const std::string& key) const {
  auto& here = stripe_of(key);
  const std::lock_guard lock{here.mutex};
  const auto known = here.gates.find(key);
  return known == here.gates.end() ? std::vector<task_id>{} : known->second.holders();
}

}  // namespace carillon
