#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "model/task_id.hpp"
#include "storage/derived.hpp"

namespace carillon::storage {

/// Two heaps of entries compared without keeping them: for each family of a shard how many there
/// are, and a sum of their hashes. Equal heaps are equal here; others differ but for one chance in
/// 2^64.
class derived_tally {
public:
  void expect(const derived_entry& entry) { at(entry.where, entry.key) += value_of(entry); }
  void meet(const derived_entry& entry) { at(entry.where, entry.key) -= value_of(entry); }
  /// Whether the heaps differ in what the key belongs to.
  [[nodiscard]] bool differs(space where, std::string_view key) const {
    return at(where, key) != cell{};
  }
  [[nodiscard]] bool differs() const {
    for (const auto& each : cells_)
      if (each != cell{})
        return true;
    return false;
  }

private:
  struct cell {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    bool operator==(const cell&) const = default;
    cell& operator+=(const cell& other) {
      count += other.count;
      sum += other.sum;
      return *this;
    }
    cell& operator-=(const cell& other) {
      count -= other.count;
      sum -= other.sum;
      return *this;
    }
  };

  static cell value_of(const derived_entry& entry);
  static constexpr std::size_t letters = 256;
  static std::size_t place_of(space where, std::string_view key) {
    const auto family = family_of(where, key);
    // No family of events has the second letter that stands for another family here.
    const auto letter = static_cast<unsigned char>(
        family.second == 0 ? family.letter : static_cast<char>(family.second | '\x80'));
    const auto shard = static_cast<unsigned char>(key[0]) % shard_count;
    return ((where == space::rows ? shard_count : 0) + shard) * letters + letter;
  }
  cell& at(space where, std::string_view key) { return cells_[place_of(where, key)]; }
  [[nodiscard]] const cell& at(space where, std::string_view key) const {
    return cells_[place_of(where, key)];
  }

  std::vector<cell> cells_ = std::vector<cell>(std::size_t{2} * shard_count * letters);
};

/// Whether only the key follows from rows: of an event under way nobody else knows the listeners.
constexpr bool has_free_value(const key_family& family) {
  return family == key_family{space::index, 'z', 'o'};
}

}  // namespace carillon::storage
