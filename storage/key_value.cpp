#include "storage/key_value.hpp"

namespace carillon::storage {

void change_set::put(space where, std::string_view key, std::string_view value) {
  text_.append(key).append(value);
  operations_.push_back({where, true, static_cast<std::uint32_t>(key.size()),
                         static_cast<std::uint32_t>(value.size())});
}

void change_set::erase(space where, std::string_view key) {
  text_.append(key);
  operations_.push_back({where, false, static_cast<std::uint32_t>(key.size()), 0});
}

void change_set::count(std::string_view counter, std::int64_t delta) {
  for (auto& known : counts_) {
    if (known.counter == counter) {
      known.delta += delta;
      return;
    }
  }
  counts_.push_back({std::string{counter}, delta});
}

}  // namespace carillon::storage
