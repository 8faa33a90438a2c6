#include "storage/keys.hpp"

#include <algorithm>

namespace carillon::storage::keys {
namespace {

constexpr char store_shard = '\xFF';
constexpr std::size_t id_bytes = 16;
constexpr std::size_t moment_bytes = 8;

std::string begin(unsigned shard, char kind) {
  std::string key;
  key.reserve(48);
  key.push_back(static_cast<char>(shard));
  key.push_back(kind);
  return key;
}

std::string& add(std::string& key, const task_id& id) {
  return key.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

/// Instants before 1970 are negative: the flipped sign bit sorts them first.
std::string& add(std::string& key, instant moment) {
  const auto bits =
      static_cast<std::uint64_t>(moment.time_since_epoch().count()) ^ std::uint64_t{1} << 63;
  for (int shift = 56; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(bits >> shift));
  return key;
}

instant read_instant(std::string_view bytes) {
  std::uint64_t bits = 0;
  for (const char byte : bytes.substr(0, moment_bytes))
    bits = bits << 8 | static_cast<unsigned char>(byte);
  return instant{duration{static_cast<std::int64_t>(bits ^ std::uint64_t{1} << 63)}};
}

}  // namespace

std::string task_row(const task_id& id) {
  auto key = begin(shard_of(id), 't');
  return add(key, id);
}

std::string state_row(const task_id& id) {
  return task_row(id) + 's';
}

std::string news_prefix(const task_id& id) {
  auto key = begin(shard_of(id), 'n');
  return add(key, id);
}

std::string news_row(const task_id& id, std::uint32_t number) {
  auto key = news_prefix(id);
  for (int shift = 24; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(number >> shift));
  return key;
}

std::string part_prefix(const task_id& id) {
  auto key = begin(shard_of(id), 'i');
  return add(key, id);
}

std::string part_row(const task_id& id, const part_id& part) {
  auto key = part_prefix(id);
  for (const auto number : {part.step, part.item})
    for (int shift = 24; shift >= 0; shift -= 8)
      key.push_back(static_cast<char>(number >> shift));
  return key;
}

part_id part_of(std::string_view key) {
  const auto number_at = [key](std::size_t from) {
    std::uint32_t number = 0;
    for (const char byte : key.substr(from, 4))
      number = number << 8 | static_cast<unsigned char>(byte);
    return number;
  };
  return {number_at(key.size() - 8), number_at(key.size() - 4)};
}

std::string unique_row(std::string_view unique_id) {
  return begin(shard_of_name(unique_id), 'u').append(unique_id);
}

std::string due_entry(const task_id& id, instant moment) {
  auto key = due_bound(shard_of(id), moment);
  return add(key, id);
}

std::string ready_entry(const task_id& id, std::string_view queue, instant rank) {
  auto key = ready_prefix(shard_of(id), queue);
  return add(add(key, rank), id);
}

std::string status_entry(const task_id& id, task_status status) {
  auto key = status_prefix(shard_of(id), status);
  return add(key, id);
}

std::string type_entry(const task_id& id, std::string_view type) {
  auto key = type_prefix(shard_of(id), type);
  return add(key, id);
}

// -- schedules ------------------------------------------------------------------

std::string holder_prefix(unsigned shard) {
  return begin(shard, 'k');
}

std::string holder_entry(const task_id& id) {
  auto key = holder_prefix(shard_of(id));
  return add(key, id);
}

std::string made_prefix(const schedule_id& maker, task_status status) {
  auto key = begin(shard_of(maker), 'g');
  add(key, maker).push_back(static_cast<char>(status));
  return key;
}

std::string made_entry(const schedule_id& maker, task_status status, const task_id& id) {
  auto key = made_prefix(maker, status);
  return add(key, id);
}

std::string planned_prefix(const schedule_id& maker) {
  auto key = begin(shard_of(maker), 'p');
  return add(key, maker);
}

std::string planned_bound(const schedule_id& maker, instant planned) {
  auto key = planned_prefix(maker);
  return add(key, planned);
}

std::string planned_entry(const schedule_id& maker, instant planned, const task_id& id) {
  auto key = planned_bound(maker, planned);
  return add(key, id);
}

std::string held_prefix(unsigned shard) {
  return begin(shard, 'h');
}

std::string held_entry(const schedule_id& maker, const task_id& id) {
  auto key = held_prefix(shard_of(maker));
  return add(add(key, maker), id);
}

std::string command_prefix(unsigned shard) {
  return begin(shard, 'o');
}

std::string command_entry(const task_id& id) {
  auto key = command_prefix(shard_of(id));
  return add(key, id);
}

std::string file_prefix(unsigned shard) {
  return begin(shard, 'r');
}

std::string file_entry(const schedule_id& id) {
  auto key = file_prefix(shard_of(id));
  return add(key, id);
}

std::string retention_prefix(unsigned shard) {
  return begin(shard, 'w');
}

std::string retention_entry(const schedule_id& id) {
  auto key = retention_prefix(shard_of(id));
  return add(key, id);
}

std::string schedule_prefix(unsigned shard) {
  return begin(shard, 'j');
}

std::string schedule_row(const schedule_id& id) {
  auto key = schedule_prefix(shard_of(id));
  return add(key, id);
}

std::string schedule_state_row(const schedule_id& id) {
  return schedule_row(id) + 's';
}

std::string schedule_status_prefix(unsigned shard, schedule_status status) {
  auto key = begin(shard, 'l');
  key.push_back(static_cast<char>(status));
  return key;
}

std::string schedule_status_entry(const schedule_id& id, schedule_status status) {
  auto key = schedule_status_prefix(shard_of(id), status);
  return add(key, id);
}

std::string listeners_prefix(unsigned shard) {
  return begin(shard, 'e');
}

std::string topic_prefix(unsigned shard, std::string_view topic) {
  auto key = listeners_prefix(shard).append(topic);
  key.push_back('\0');
  return key;
}

std::string topic_entry(const schedule_id& id, std::string_view topic) {
  auto key = topic_prefix(shard_of(id), topic);
  return add(key, id);
}

std::string waiter_prefix(unsigned shard, std::string_view topic) {
  auto key = begin(shard, 'v').append(topic);
  key.push_back('\0');
  return key;
}

std::string waiter_entry(const task_id& id, std::string_view topic) {
  auto key = waiter_prefix(shard_of(id), topic);
  return add(key, id);
}

std::string dedupe_prefix(unsigned shard) {
  return begin(shard, 'x');
}

std::string dedupe_row(std::string_view key) {
  return dedupe_prefix(shard_of_name(key)).append(key);
}

schedule_id maker_of(std::string_view key) {
  return id_at_end(key.substr(0, 2 + id_bytes));
}

instant moment_of_planned(std::string_view key) {
  return read_instant(key.substr(2 + id_bytes));
}

std::string made_value(const made_facts& facts) {
  std::string value;
  add(add(value, facts.due), facts.planned);
  if (facts.instance != 0)
    value.push_back(static_cast<char>(facts.instance));
  return value;
}

made_facts read_made_value(std::string_view value) {
  made_facts facts;
  facts.due = read_moment_value(value).value_or(instant{});
  value.remove_prefix(std::min(value.size(), moment_bytes));
  facts.planned = read_moment_value(value).value_or(facts.due);
  value.remove_prefix(std::min(value.size(), moment_bytes));
  if (!value.empty())
    facts.instance = static_cast<unsigned char>(value.front());
  return facts;
}

std::string moment_value(instant moment) {
  std::string value;
  return add(value, moment);
}

std::optional<instant> read_moment_value(std::string_view value) {
  if (value.size() < moment_bytes)
    return std::nullopt;
  return read_instant(value);
}

// -- scans of one shard -----------------------------------------------------------

std::string task_prefix(unsigned shard) {
  return begin(shard, 't');
}

std::string due_prefix(unsigned shard) {
  return begin(shard, 'd');
}

std::string due_bound(unsigned shard, instant moment) {
  auto key = due_prefix(shard);
  return add(key, moment);
}

std::string ready_prefix(unsigned shard, std::string_view queue) {
  auto key = ready_queues_prefix(shard, queue);
  key.push_back('\0');
  return key;
}

std::string ready_prefix_end(unsigned shard, std::string_view queue) {
  auto key = ready_queues_prefix(shard, queue);
  key.push_back('\x01');  // no name goes on with a control character
  return key;
}

std::string ready_queues_prefix(unsigned shard, std::string_view beginning) {
  return begin(shard, 'q').append(beginning);
}

std::string status_prefix(unsigned shard, task_status status) {
  auto key = begin(shard, 's');
  key.push_back(static_cast<char>(status));
  return key;
}

std::string type_prefix(unsigned shard, std::string_view type) {
  auto key = begin(shard, 'y').append(type);
  key.push_back('\0');
  return key;
}

std::string counter(std::string_view name) {
  return std::string{store_shard, 'c'}.append(name);
}

std::string count_of_status(task_status status) {
  return std::string{'s', static_cast<char>(status)};
}

std::string count_of_made(task_status status) {
  return std::string{'m', static_cast<char>(status)};
}

std::string count_of_errands(task_status status) {
  return std::string{'r', static_cast<char>(status)};
}

std::string count_of_schedules(schedule_status status) {
  return std::string{'l', static_cast<char>(status)};
}

std::string count_of_type(std::string_view type, task_status status) {
  auto name = std::string{'y', static_cast<char>(status)};
  return name.append(type);
}

task_id id_at_end(std::string_view key) {
  task_id id;
  const auto bytes = key.substr(key.size() - id_bytes);
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

std::optional<task_id> id_of_row(std::string_view key) {
  if (key.size() < 2 + id_bytes || key[1] != 't')
    return std::nullopt;
  return id_at_end(key.substr(0, 2 + id_bytes));
}

instant moment_of_due(std::string_view key) {
  return read_instant(key.substr(2));
}

instant rank_of_ready(std::string_view key) {
  return read_instant(key.substr(key.size() - id_bytes - moment_bytes));
}

std::string_view queue_of_ready(std::string_view key) {
  return key.substr(2, key.size() - 3 - moment_bytes - id_bytes);
}

}  // namespace carillon::storage::keys
