#pragma once

#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

namespace carillon::test {

/// 1 to `count`, or the one that CARILLON_SEED names, to repeat a failure.
inline std::vector<std::uint64_t> seeds(std::size_t count) {
  if (const char* one = std::getenv("CARILLON_SEED"))
    return {std::strtoull(one, nullptr, 10)};
  std::vector<std::uint64_t> all(count);
  std::iota(all.begin(), all.end(), 1);
  return all;
}

}  // namespace carillon::test
