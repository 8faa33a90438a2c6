#include "storage/event_keys.hpp"

#include "storage/record.hpp"

namespace carillon::storage::event_keys {
namespace {

std::string begin(unsigned shard, char kind) {
  return {static_cast<char>(shard), 'z', kind};
}

std::string of_event(char kind, const task_id& event) {
  return begin(shard_of(event), kind).append(id_bytes(event));
}

}  // namespace

std::string row(const task_id& event) {
  return of_event('e', event);
}

std::string told_row(const task_id& event) {
  return of_event('o', event);
}

std::string name_row(std::string_view name) {
  return begin(shard_of_name(name), 'n').append(name);
}

std::string source_prefix() {
  return {'\xFF', 'z'};
}

std::string source_row(std::string_view name) {
  return source_prefix().append(name);
}

std::string entry(const task_id& event) {
  return of_event('e', event);
}

std::string open_entry(const task_id& event) {
  return of_event('o', event);
}

std::string all_topics_prefix(unsigned shard) {
  return begin(shard, 't');
}

std::string topic_prefix(unsigned shard, std::string_view topic) {
  auto key = all_topics_prefix(shard).append(topic);
  key.push_back('\0');
  return key;
}

std::string topic_entry(std::string_view topic, const task_id& event) {
  return topic_prefix(shard_of(event), topic).append(id_bytes(event));
}

std::string claim_prefix(unsigned shard, const task_id& event) {
  return begin(shard, 'r').append(id_bytes(event));
}

std::string claim_entry(const task_id& event, const task_id& schedule) {
  return claim_prefix(shard_of(schedule), event).append(id_bytes(schedule));
}

std::string entry_prefix(unsigned shard) {
  return begin(shard, 'e');
}

std::string open_prefix(unsigned shard) {
  return begin(shard, 'o');
}

std::string_view topic_of(std::string_view key) {
  constexpr std::size_t before = 3;
  constexpr std::size_t behind = 1 + sizeof(task_id);
  return key.substr(before, key.size() - before - behind);
}

}  // namespace carillon::storage::event_keys
