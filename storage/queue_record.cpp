#include "storage/queue_record.hpp"

#include <charconv>
#include <map>

#include "storage/counter.hpp"
#include "storage/keys.hpp"
#include "storage/record.hpp"

namespace carillon::storage {
namespace {

constexpr std::uint8_t queue_version = 1;

/// Never use a number twice.
namespace field {
constexpr std::uint32_t is_paused = 1;
constexpr std::uint32_t concurrency = 2;
constexpr std::uint32_t rate = 3;
constexpr std::uint32_t period = 4;  ///< Milliseconds.
}  // namespace field

expected<queue_settings> decode_queue(std::string_view record) {
  queue_settings settings;
  record_reader in{record};
  while (in.next()) {
    switch (in.field()) {
      case field::is_paused:
        settings.is_paused = in.number() != 0;
        break;
      case field::concurrency:
        settings.concurrency = static_cast<int>(in.number());
        break;
      case field::rate:
        settings.rate = static_cast<int>(in.number());
        break;
      case field::period:
        settings.period = duration{in.number()};
        break;
      default:
        break;
    }
  }
  if (!in.ok() || in.version() != queue_version)
    return problem{problem_kind::corrupt, "the row of a queue does not decode"};
  return settings;
}

/// Calls `visit(rest of key, value)` for each entry under the prefix.
template <class Visitor>
void scan(const engine& disk, space where, const std::string& prefix, Visitor visit) {
  const auto at = std::move(disk.read(where, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next())
    visit(std::string{at->key().substr(prefix.size())}, at->value());
}

std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void encode_queue_change(std::string_view queue, const queue_settings& settings, change_set& out) {
  if (settings == queue_settings{})
    return out.erase(space::rows, keys::queue_row(queue));
  record_writer record{queue_version};
  record.number(field::is_paused, settings.is_paused ? 1 : 0);
  record.number(field::concurrency, settings.concurrency);
  record.number(field::rate, settings.rate);
  record.number(field::period, settings.period.count());
  out.put(space::rows, keys::queue_row(queue), record.data());
}

expected<std::optional<queue_settings>> load_queue(const engine& disk, std::string_view queue) {
  const auto record = disk.get(space::rows, keys::queue_row(queue));
  if (!record)
    return record.error();
  if (!*record)
    return std::optional<queue_settings>{};
  const auto settings = decode_queue(**record);
  if (!settings)
    return settings.error();
  return std::optional{*settings};
}

std::vector<std::pair<std::string, queue_settings>> load_queues(const engine& disk) {
  std::vector<std::pair<std::string, queue_settings>> found;
  for (unsigned shard = 0; shard < shard_count; ++shard)
    scan(disk, space::rows, keys::queue_prefix(shard), [&](std::string name, auto record) {
      if (const auto settings = decode_queue(record))
        found.emplace_back(std::move(name), *settings);
    });
  return found;
}

std::vector<queue_facts> list_queues(const engine& disk) {
  std::map<std::string, queue_facts> by_name;
  scan(disk, space::index, keys::queue_counters(task_status::queued),
       [&](const std::string& name, auto count) { by_name[name].waiting = to_number(count); });
  scan(disk, space::index, keys::queue_counters(task_status::processing),
       [&](const std::string& name, auto count) { by_name[name].processing = to_number(count); });
  for (auto& [name, settings] : load_queues(disk))
    by_name[name].settings = settings;
  std::vector<queue_facts> found;
  for (auto& [name, facts] : by_name) {
    if (facts.waiting == 0 && facts.processing == 0 && facts.settings == queue_settings{})
      continue;
    facts.name = name;
    found.push_back(std::move(facts));
  }
  return found;
}

expected<queue_facts> look_at_queue(const engine& disk, std::string_view queue) {
  const auto settings = load_queue(disk, queue);
  if (!settings)
    return settings.error();
  queue_facts facts{std::string{queue}, settings->value_or(queue_settings{})};
  const auto count = [&](task_status status) {
    return read_counter(disk, keys::counter(keys::count_of_queue(queue, status)));
  };
  facts.waiting = count(task_status::queued);
  facts.processing = count(task_status::processing);
  return facts;
}

}  // namespace carillon::storage
