#include <functional>
#include <queue>
#include <set>

#include "storage/keys.hpp"
#include "storage/task_record.hpp"
#include "storage/task_store.hpp"

namespace carillon::storage {
namespace {

/// Of one batch.
constexpr std::size_t rehome_bytes = 1 << 20;

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

/// The line of one queue: those of all shards merged, so that no more is read than is wanted.
class line_in_shards {
public:
  line_in_shards(engine& disk, std::string_view queue, parked_bounds& bounds)
      : bounds_{bounds}, cursors_{disk.read(space::index, shard_count)} {
    for (unsigned shard = 0; shard < shard_count; ++shard) {
      prefixes_.push_back(keys::ready_prefix(shard, queue));
      cursors_[shard]->seek(prefixes_.back());
      read_head(shard);
    }
  }

  /// Lowest rank first; empty at the end.
  std::optional<ready_entry> next() {
    if (heads_.empty())
      return std::nullopt;
    auto [entry, shard] = heads_.top();
    heads_.pop();
    read_head(shard);
    return std::move(entry);
  }

private:
  struct head {
    ready_entry entry;
    unsigned shard;
    bool operator>(const head& other) const { return entry > other.entry; }
  };

  void read_head(unsigned shard) {
    auto& at = *cursors_[shard];
    for (; at.valid() && at.key().starts_with(prefixes_[shard]); at.next()) {
      ready_entry entry{keys::rank_of_ready(at.key()), keys::id_at_end(at.key()),
                        limits_.read(at.value())};
      if (bounds_.skips(entry))
        continue;
      heads_.push({std::move(entry), shard});
      at.next();
      return;
    }
  }

  parked_bounds& bounds_;
  std::vector<std::unique_ptr<cursor>> cursors_;
  std::vector<std::string> prefixes_;
  limit_reader limits_;
  std::priority_queue<head, std::vector<head>, std::greater<>> heads_;
};

}  // namespace

std::vector<ready_entry> task_store::scan_ready(std::string_view queue, std::size_t limit,
                                                parked_bounds& bounds) const {
  line_in_shards line{disk_, queue, bounds};
  std::vector<ready_entry> found;
  while (found.size() < limit) {
    auto next = line.next();
    if (!next)
      break;
    found.push_back(*std::move(next));
  }
  return found;
}

std::vector<ready_entry> task_store::scan_ready(std::string_view queue, std::size_t limit) const {
  parked_bounds none;
  return scan_ready(queue, limit, none);
}

std::vector<std::string> task_store::ready_queues(std::string_view beginning) const {
  auto cursors = disk_.read(space::index, 1);
  auto& at = *cursors.front();
  std::set<std::string> found;
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto all = keys::ready_queues_prefix(shard, beginning);
    for (at.seek(all); at.valid() && at.key().starts_with(all);) {
      auto queue = std::string{keys::queue_of_ready(at.key())};
      at.seek(keys::ready_prefix_end(shard, queue));
      found.insert(std::move(queue));
    }
  }
  return {found.begin(), found.end()};
}

expected<std::size_t> task_store::rehome_ready(std::string_view queue) {
  auto cursors = disk_.read(space::index, 1);  // a view that the moving does not change
  auto& at = *cursors.front();
  std::size_t moved = 0;
  change_set changes;
  const auto write = [&] {
    const bool done = changes.empty() || commit({&changes}) == commit_status::durable;
    changes = {};
    return done;
  };
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = keys::ready_prefix(shard, queue);
    for (at.seek(prefix); at.valid() && at.key().starts_with(prefix); at.next()) {
      const auto id = keys::id_at_end(at.key());
      const auto subject = load(id);
      if (!subject)
        return subject.error();
      if (!*subject || queue_of(*(*subject)->spec) == queue)
        continue;
      changes.erase(space::index, at.key());
      changes.put(space::index,
                  keys::ready_entry(id, queue_of(*(*subject)->spec), keys::rank_of_ready(at.key())),
                  at.value());
      ++moved;
      if (changes.bytes() > rehome_bytes && !write())
        return problem{problem_kind::unavailable, "the store takes no writes"};
    }
  }
  if (!write())
    return problem{problem_kind::unavailable, "the store takes no writes"};
  return moved;
}

}  // namespace carillon::storage
