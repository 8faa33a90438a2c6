#include "model/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace carillon {
namespace {

constexpr auto slot_count = static_cast<std::size_t>(timer_wheel::span.count());
constexpr std::size_t word_bits = 64;

/// The first set bit at `from` or after it; `bits.size() * 64` when there is none.
std::size_t find_set(const std::vector<std::uint64_t>& bits, std::size_t from) {
  for (auto word = from / word_bits; word < bits.size(); ++word) {
    auto value = bits[word];
    if (word == from / word_bits)
      value &= ~std::uint64_t{0} << from % word_bits;
    if (value != 0)
      return word * word_bits + static_cast<std::size_t>(std::countr_zero(value));
  }
  return bits.size() * word_bits;
}

/// The same in two levels: one look at the summary passes over 4,096 empty slots.
std::size_t find_slot(const std::vector<std::uint64_t>& used,
                      const std::vector<std::uint64_t>& summary, std::size_t from) {
  const auto word = from / word_bits;
  const auto here = used[word] & ~std::uint64_t{0} << from % word_bits;
  if (here != 0)
    return word * word_bits + static_cast<std::size_t>(std::countr_zero(here));
  const auto next_word = find_set(summary, word + 1);
  if (next_word >= used.size())
    return slot_count;
  return next_word * word_bits + static_cast<std::size_t>(std::countr_zero(used[next_word]));
}

void set_bit(std::vector<std::uint64_t>& bits, std::size_t at) {
  bits[at / word_bits] |= std::uint64_t{1} << at % word_bits;
}

void clear_bit(std::vector<std::uint64_t>& bits, std::size_t at) {
  bits[at / word_bits] &= ~(std::uint64_t{1} << at % word_bits);
}

}  // namespace

timer_wheel::timer_wheel(instant start)
    : position_{start},
      slots_(slot_count),
      used_(slot_count / word_bits),
      summary_(slot_count / word_bits / word_bits) {}

void timer_wheel::reset(instant start) {
  *this = timer_wheel{start};
}

std::size_t timer_wheel::slot_of(instant moment) const {
  return static_cast<std::size_t>(moment.time_since_epoch().count()) % slot_count;
}

void timer_wheel::arm(instant due, const task_id& id) {
  assert(due < position_ + span);
  const auto slot = slot_of(std::max(due, position_));
  slots_[slot].push_back(id);
  set_bit(used_, slot);
  set_bit(summary_, slot / word_bits);
  ++size_;
}

std::optional<instant> timer_wheel::next() const {
  if (size_ == 0)
    return std::nullopt;
  const auto start = slot_of(position_);
  auto slot = find_slot(used_, summary_, start);
  if (slot == slot_count)
    slot = find_slot(used_, summary_, 0);
  const auto distance = (slot + slot_count - start) % slot_count;
  return position_ + duration{static_cast<std::int64_t>(distance)};
}

std::vector<task_id> timer_wheel::take_due(instant now) {
  std::vector<task_id> due;
  for (auto moment = next(); moment && *moment <= now; moment = next()) {
    const auto slot = slot_of(*moment);
    auto& ids = slots_[slot];
    due.insert(due.end(), ids.begin(), ids.end());
    size_ -= ids.size();
    std::vector<task_id>{}.swap(ids);  // a midnight's worth of ids must not stay allocated
    clear_bit(used_, slot);
    if (used_[slot / word_bits] == 0)
      clear_bit(summary_, slot / word_bits);
    position_ = *moment;
  }
  position_ = std::max(position_, now);
  return due;
}

}  // namespace carillon
