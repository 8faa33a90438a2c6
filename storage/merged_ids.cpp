#include "storage/merged_ids.hpp"

#include <algorithm>

namespace carillon::storage {
namespace {

constexpr std::size_t id_bytes = 16;

constexpr auto older = [](const auto& one, const auto& other) { return one.id < other.id; };

}  // namespace

merged_ids::merged_ids(const engine& disk, space where, std::vector<std::string> prefixes,
                       std::optional<task_id> behind) {
  auto cursors = disk.read(where, prefixes.size());
  heap_.reserve(prefixes.size());
  for (std::size_t at = 0; at < prefixes.size(); ++at) {
    lane opened{std::move(prefixes[at]), std::move(cursors[at]), {}};
    auto bound = opened.prefix;
    if (behind)
      bound.append(reinterpret_cast<const char*>(behind->bytes.data()), id_bytes);
    else
      bound.append(id_bytes + 1, '\xFF');
    opened.at->seek_for_prev(bound);
    if (behind && opened.at->valid() && opened.at->key() == bound)
      opened.at->prev();
    if (load(opened))
      heap_.push_back(std::move(opened));
  }
  std::make_heap(heap_.begin(), heap_.end(), older);
}

bool merged_ids::load(lane& from) {
  if (!from.at->valid() || !from.at->key().starts_with(from.prefix))
    return false;
  const auto bytes = from.at->key().substr(from.prefix.size(), id_bytes);
  if (bytes.size() < id_bytes)
    return false;
  std::copy(bytes.begin(), bytes.end(), from.id.bytes.begin());
  return true;
}

std::optional<task_id> merged_ids::next() {
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), older);
    auto& newest = heap_.back();
    const auto id = newest.id;
    newest.at->prev();
    if (load(newest))
      std::push_heap(heap_.begin(), heap_.end(), older);
    else
      heap_.pop_back();
    if (id == last_)
      continue;  // a task has a second row for its state
    last_ = id;
    return id;
  }
  return std::nullopt;
}

}  // namespace carillon::storage
