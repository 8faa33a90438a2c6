#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "model/instant.hpp"

namespace carillon::test {

/// What a seed decides.
class dice {
public:
  explicit dice(std::mt19937_64& random) : random_{random} {}

  std::size_t below(std::size_t end) { return random_() % end; }
  bool one_in(std::size_t chances) { return below(chances) == 0; }
  bool percent(std::size_t chances) { return below(100) < chances; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  /// Of whole seconds.
  duration between(std::chrono::seconds least, std::chrono::seconds most) {
    const auto width = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + std::chrono::seconds{static_cast<std::int64_t>(random_() % width)};
  }

private:
  std::mt19937_64& random_;
};

}  // namespace carillon::test
