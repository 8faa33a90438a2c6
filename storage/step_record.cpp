#include "storage/step_record.hpp"

#include "storage/keys.hpp"
#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace part_field {
enum : std::uint32_t { input = 1, output };
}
namespace parent_field {
enum : std::uint32_t { task = 1, step, item, name };
}
namespace waits_field {
enum : std::uint32_t { child = 1, until, topic, match, tries, failure, heard };
}
namespace notices_field {
enum : std::uint32_t { url = 1, events };
}

bool is_whole(const record_reader& in) {
  return in.ok() && in.version() <= record_version;
}

}  // namespace

std::string encode_part(const part_data& part) {
  record_writer out{record_version};
  out.text(part_field::input, part.input);
  out.text(part_field::output, part.output);
  return out.data();
}

std::optional<part_data> decode_part(std::string_view bytes) {
  part_data part;
  record_reader in{bytes};
  while (in.next()) {
    if (in.field() == part_field::input)
      part.input = in.text();
    else if (in.field() == part_field::output)
      part.output = in.text();
  }
  if (!is_whole(in))
    return std::nullopt;
  return part;
}

std::string encode_parent(const parent_link& parent) {
  record_writer out{record_version};
  out.bytes(parent_field::task, id_bytes(parent.task));
  out.number(parent_field::step, parent.part.step);
  out.number(parent_field::item, parent.part.item);
  out.text(parent_field::name, parent.name);
  return out.data();
}

std::optional<parent_link> decode_parent(std::string_view bytes) {
  parent_link parent;
  bool has_task = false;
  record_reader in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case parent_field::task: {
        const auto id = read_id(in.bytes());
        has_task = id.has_value();
        parent.task = id.value_or(task_id{});
        break;
      }
      case parent_field::step:
        parent.part.step = static_cast<std::uint32_t>(in.number());
        break;
      case parent_field::item:
        parent.part.item = static_cast<std::uint32_t>(in.number());
        break;
      case parent_field::name:
        parent.name = in.text();
        break;
    }
  }
  if (!is_whole(in) || !has_task)
    return std::nullopt;
  return parent;
}

std::string encode_waits(const step_wait& waits) {
  record_writer out{record_version};
  for (const auto& child : waits.children)
    out.bytes(waits_field::child, encode_parent({child.id, child.part, {}}));
  out.moment(waits_field::until, waits.until);
  out.text(waits_field::topic, waits.topic);
  out.text(waits_field::match, waits.match);
  if (waits.tries != 0)
    out.number(waits_field::tries, waits.tries);
  out.text(waits_field::failure, waits.failure);
  if (waits.heard != task_id{})
    out.bytes(waits_field::heard, id_bytes(waits.heard));
  return out.data();
}

bool decode_waits(std::string_view bytes, step_wait& waits) {
  record_reader in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case waits_field::child: {
        const auto child = decode_parent(in.bytes());
        if (!child)
          return false;
        waits.children.push_back({child->task, child->part});
        break;
      }
      case waits_field::until:
        waits.until = in.moment();
        break;
      case waits_field::topic:
        waits.topic = in.text();
        break;
      case waits_field::match:
        waits.match = in.text();
        break;
      case waits_field::tries:
        waits.tries = static_cast<int>(in.number());
        break;
      case waits_field::failure:
        waits.failure = in.text();
        break;
      case waits_field::heard:
        waits.heard = read_id(in.bytes()).value_or(task_id{});
        break;
    }
  }
  return is_whole(in);
}

std::string encode_notices(const notice_rules& rules) {
  record_writer out{record_version};
  for (const auto& url : rules.urls)
    out.bytes(notices_field::url, url);
  out.number(notices_field::events, rules.events);
  return out.data();
}

notice_rules decode_notices(std::string_view bytes) {
  notice_rules rules;
  record_reader in{bytes};
  while (in.next()) {
    if (in.field() == notices_field::url)
      rules.urls.push_back(in.text());
    else if (in.field() == notices_field::events)
      rules.events = static_cast<std::uint32_t>(in.number());
  }
  return rules;
}

expected<task_parts> load_parts(const engine& disk, const task_id& id) {
  task_parts found;
  const auto prefix = keys::part_prefix(id);
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
    auto part = decode_part(at->value());
    if (!part)
      return problem{problem_kind::corrupt, "a part of " + to_text(id) + " does not decode"};
    found.emplace(keys::part_of(at->key()), std::make_shared<const part_data>(*std::move(part)));
  }
  return found;
}

namespace {

/// The ids at the end of all keys of the index that begin so.
void add_ids(cursor& at, const std::string& prefix, std::vector<task_id>& found) {
  for (at.seek(prefix); at.valid() && at.key().starts_with(prefix); at.next())
    found.push_back(keys::id_at_end(at.key()));
}

}  // namespace

std::vector<task_id> waiters_of(const engine& disk, std::string_view topic) {
  std::vector<task_id> found;
  const auto at = std::move(disk.read(space::index, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard)
    add_ids(*at, keys::waiter_prefix(shard, topic), found);
  return found;
}

std::vector<task_id> children_of(const engine& disk, const task_id& parent) {
  std::vector<task_id> found;
  add_ids(*disk.read(space::index, 1).front(), keys::part_task_prefix(parent), found);
  return found;
}

}  // namespace carillon::storage
