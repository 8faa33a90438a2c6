#include "storage/rising_ids.hpp"

#include <algorithm>
#include <utility>

#include "storage/keys.hpp"

namespace carillon::storage {
namespace {

constexpr auto newer = [](const auto& one, const auto& other) { return one.id > other.id; };

std::string key_behind(const task_id& id) {
  std::string key{reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
  key.push_back('\0');
  return key;
}

}  // namespace

rising_ids::rising_ids(const engine& disk, std::vector<std::string> prefixes,
                       const std::optional<task_id>& behind) {
  auto cursors = disk.read(space::index, prefixes.size());
  for (std::size_t at = 0; at < prefixes.size(); ++at) {
    lane opened{std::move(prefixes[at]), std::move(cursors[at]), {}};
    opened.at->seek(behind ? opened.prefix + key_behind(*behind) : opened.prefix);
    add(std::move(opened));
  }
}

void rising_ids::drop_first() {
  std::ranges::pop_heap(heap_, newer);
  auto moved = std::move(heap_.back());
  heap_.pop_back();
  moved.at->next();
  add(std::move(moved));
}

void rising_ids::add(lane moved) {
  if (!moved.at->valid() || !moved.at->key().starts_with(moved.prefix))
    return;
  moved.id = keys::id_at_end(moved.at->key());
  heap_.push_back(std::move(moved));
  std::ranges::push_heap(heap_, newer);
}

}  // namespace carillon::storage
