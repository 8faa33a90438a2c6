#include <algorithm>

#include "storage/keys.hpp"
#include "storage/task_record.hpp"
#include "storage/task_store.hpp"

namespace carillon::storage {
namespace {

/// Neighbours often share their limit: then they share one copy.
class limit_reader {
public:
  std::shared_ptr<const key_limit> read(std::string_view value) {
    if (value.empty())
      return nullptr;
    if (value != last_value_) {
      last_value_ = value;
      last_ = decode_limit(value);
    }
    return last_;
  }

private:
  std::string last_value_;
  std::shared_ptr<const key_limit> last_;
};

}  // namespace

std::vector<ready_entry> task_store::scan_ready(std::string_view queue, std::size_t limit,
                                                parked_bounds& bounds) const {
  auto cursors = disk_.read(space::index, shard_count);
  limit_reader limits;
  std::vector<ready_entry> found;
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = keys::ready_prefix(shard, queue);
    auto& at = *cursors[shard];
    std::size_t taken = 0;
    for (at.seek(prefix); at.valid() && at.key().starts_with(prefix) && taken < limit; at.next()) {
      ready_entry entry{keys::rank_of_ready(at.key()), keys::id_at_end(at.key()),
                        limits.read(at.value())};
      if (bounds.skips(entry))
        continue;
      found.push_back(std::move(entry));
      ++taken;
    }
    // Keeps the memory of a scan at two pages, however many shards there are.
    if (found.size() > 2 * limit) {
      std::ranges::nth_element(found, found.begin() + static_cast<std::ptrdiff_t>(limit));
      found.resize(limit);
    }
  }
  std::ranges::sort(found);
  if (found.size() > limit)
    found.resize(limit);
  return found;
}

std::vector<ready_entry> task_store::scan_ready(std::string_view queue, std::size_t limit) const {
  parked_bounds none;
  return scan_ready(queue, limit, none);
}

}  // namespace carillon::storage
