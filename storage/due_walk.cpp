#include "storage/due_walk.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "storage/keys.hpp"

namespace carillon::storage {

due_walk::due_walk(const engine& disk) {
  auto cursors = disk.read(space::index, shard_count);
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    lane one{std::move(cursors[shard]), keys::due_prefix(shard), {}};
    one.at->seek(one.prefix);
    if (load(one))
      heap_.push_back(std::move(one));
  }
  std::ranges::make_heap(heap_, is_later);
}

bool due_walk::load(lane& from) {
  if (!from.at->valid() || !from.at->key().starts_with(from.prefix))
    return false;
  from.head = {keys::moment_of_due(from.at->key()), keys::id_at_end(from.at->key())};
  return true;
}

bool due_walk::is_later(const lane& one, const lane& other) {
  return std::tie(one.head.moment, one.head.id) > std::tie(other.head.moment, other.head.id);
}

std::optional<due_moment> due_walk::peek() const {
  return heap_.empty() ? std::nullopt : std::optional{heap_.front().head};
}

void due_walk::pop() {
  std::ranges::pop_heap(heap_, is_later);
  auto& last = heap_.back();
  last.at->next();
  if (load(last))
    std::ranges::push_heap(heap_, is_later);
  else
    heap_.pop_back();
}

}  // namespace carillon::storage
