#include "storage/list_keys.hpp"

#include "storage/record.hpp"

namespace carillon::storage::keys {
namespace {

constexpr std::string_view counters = "txac";  // what the names of these counters begin with

/// Words of any bytes: their length stands before them.
std::string named_prefix(unsigned shard, char kind, std::string_view name) {
  std::string key;
  key.reserve(48);
  key.push_back(static_cast<char>(shard));
  key.push_back(kind);
  key.push_back(static_cast<char>(name.size() >> 8));
  key.push_back(static_cast<char>(name.size()));
  return key.append(name);
}

std::string counter_name(char kind, task_status status, std::string_view name) {
  auto counter = std::string{kind, static_cast<char>(status)};
  return counter.append(name);
}

}  // namespace

std::string tag_prefix(unsigned shard, std::string_view tag) {
  return named_prefix(shard, 't', tag);
}
std::string tag_entry(const task_id& id, std::string_view tag) {
  return tag_prefix(shard_of(id), tag).append(storage::id_bytes(id));
}

std::string reason_prefix(unsigned shard, end_reason reason) {
  return {static_cast<char>(shard), 'x', static_cast<char>(reason)};
}
std::string reason_entry(const task_id& id, end_reason reason) {
  return reason_prefix(shard_of(id), reason).append(storage::id_bytes(id));
}

std::string creator_prefix(unsigned shard, std::string_view creator) {
  return named_prefix(shard, 'm', creator);
}
std::string creator_entry(const task_id& id, std::string_view creator) {
  return creator_prefix(shard_of(id), creator).append(storage::id_bytes(id));
}

std::string count_of_tag(std::string_view tag, task_status status) {
  return counter_name('t', status, tag);
}
std::string count_of_reason(end_reason reason, task_status status) {
  const char word = static_cast<char>(reason);
  return counter_name('x', status, {&word, 1});
}
std::string count_of_creator(std::string_view creator, task_status status) {
  return counter_name('a', status, creator);
}

std::string count_of_span(unsigned level, std::uint64_t number) {
  std::string name{'c', static_cast<char>(level)};
  for (int shift = 40; shift >= 0; shift -= 8)
    name.push_back(static_cast<char>(number >> shift));
  return name;
}

bool is_count_for_lists(std::string_view name) {
  return !name.empty() && counters.find(name.front()) != counters.npos;
}

std::string lists_state() {
  return "\xFFl";
}

}  // namespace carillon::storage::keys
