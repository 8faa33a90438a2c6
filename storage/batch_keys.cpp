#include "storage/batch_keys.hpp"

#include "storage/keys.hpp"
#include "storage/record.hpp"

namespace carillon::storage::keys {
namespace {

constexpr std::size_t number_bytes = 4;
constexpr char removed_flag = '\x40';

std::string begin(unsigned shard, char kind) {
  return {static_cast<char>(shard), kind};
}

std::string counter_name(const batch_id& id, char last) {
  std::string name{'b'};
  name.append(id_bytes(id)).push_back(last);
  return name;
}

}  // namespace

std::string batch_prefix(unsigned shard) {
  return begin(shard, 'b');
}

std::string batch_row(const batch_id& id) {
  return batch_prefix(shard_of(id)).append(id_bytes(id));
}

std::string batch_state_row(const batch_id& id) {
  return batch_row(id) + 's';
}

std::string batch_key_row(std::string_view idempotency_key) {
  return begin(shard_of_name(idempotency_key), 'v').append(idempotency_key);
}

std::string child_prefix(const batch_id& id, task_status status) {
  auto key = begin(shard_of(id), 'b');
  key.append(id_bytes(id)).push_back(static_cast<char>(status));
  return key;
}

std::string child_entry(const batch_id& id, task_status status, std::uint32_t number) {
  auto key = child_prefix(id, status);
  for (int shift = 24; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(number >> shift));
  return key;
}

std::uint32_t number_of_child(std::string_view key) {
  std::uint32_t number = 0;
  for (const char byte : key.substr(key.size() - number_bytes))
    number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string unfinished_prefix(unsigned shard) {
  return begin(shard, 'f');
}

std::string unfinished_entry(const batch_id& id) {
  return unfinished_prefix(shard_of(id)).append(id_bytes(id));
}

std::string count_of_children(const batch_id& id, task_status status) {
  return counter_name(id, static_cast<char>(status));
}

std::string count_of_removed_children(const batch_id& id, task_status status) {
  return counter_name(id, static_cast<char>(static_cast<char>(status) | removed_flag));
}

std::string count_of_batches() {
  return "B";
}

std::string child_counters_prefix(const batch_id& id) {
  return counter(std::string{'b'}.append(id_bytes(id)));
}

counted_status status_of_counter(std::string_view key) {
  const char last = key.back();
  return {static_cast<task_status>(last & ~removed_flag), (last & removed_flag) != 0};
}

bool is_count_of_batch(std::string_view name) {
  return name.size() == 1 + sizeof(batch_id) + 1 && name.front() == 'b';
}

}  // namespace carillon::storage::keys
