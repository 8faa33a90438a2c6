#include "model/tally.hpp"

#include <algorithm>

namespace carillon {

distribution::distribution(std::initializer_list<std::int64_t> bounds)
    : bounds_{bounds}, counts_{std::make_unique<tally[]>(bounds_.size() + 1)} {}

void distribution::add(std::int64_t value) {
  const auto at = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(at)].add();
  sum_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)));
}

spread distribution::read(double unit) const {
  spread found;
  for (const auto bound : bounds_)
    found.bounds.push_back(static_cast<double>(bound) * unit);
  for (std::size_t at = 0; at <= bounds_.size(); ++at)
    found.counts.push_back(counts_[at].value());
  found.sum = static_cast<double>(sum_.value()) * unit;
  return found;
}

}  // namespace carillon
