#include <charconv>
#include <utility>

#include "storage/batch_keys.hpp"
#include "storage/check_round.hpp"
#include "storage/counter.hpp"
#include "storage/keys.hpp"
#include "storage/list_keys.hpp"
#include "storage/record.hpp"

namespace carillon::storage {
namespace {

std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string printable_name(std::string_view name) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char letter : name) {
    if (letter > ' ' && letter < '\x7F')
      text.push_back(letter);
    else
      text += {'\\', 'x', digits[static_cast<unsigned char>(letter) >> 4],
               digits[static_cast<unsigned char>(letter) & 15]};
  }
  return text;
}

}  // namespace

/// Of what cannot be read nobody knows what it counts for, so that counters are left alone then.
void check_round::look_at_counters() {
  const auto prefix = keys::counter({});
  std::int64_t counters = 0;
  const auto judge = [this](const std::string& name, std::int64_t stored, std::int64_t counted) {
    if (stored == counted)
      return;
    add(check_fault::wrong_counter, printable_name(name) + " is " + std::to_string(stored)
                                        + ", counted are " + std::to_string(counted));
    put(space::index, keys::counter(name), std::to_string(counted));
  };
  const bool can_judge = report_.of(check_fault::unreadable).count == 0;
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next(), ++counters) {
    const std::string name{at->key().substr(prefix.size())};
    if (keys::is_count_of_batch(name) || !can_judge
        || (!has_lists_ && keys::is_count_for_lists(name)))
      continue;
    const auto counted = sums_.extract(name);
    judge(name, to_number(at->value()), counted ? counted.mapped() : 0);
  }
  read("counters", counters);
  if (!can_judge)
    return;
  for (const auto& [name, counted] : sums_)
    judge(name, 0, counted);
  look_at_child_counters();
}

/// The children that are there lie by batch and status, one behind the other. Those that are gone
/// are in a counter alone: nothing is left that could tell.
void check_round::look_at_child_counters() {
  constexpr std::size_t run_bytes = 2 + sizeof(task_id) + 1;
  const auto batch_of = [](std::string_view run) {
    return keys::id_at_end(run.substr(0, run_bytes - 1));
  };
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const std::string family{static_cast<char>(shard), 'b'};
    at->seek(family);
    while (at->valid() && at->key().starts_with(family)) {
      const std::string run{at->key().substr(0, run_bytes)};
      std::int64_t counted = 0;
      for (; at->valid() && at->key().starts_with(run); at->next())
        ++counted;
      if (run.size() == run_bytes)
        compare_child_counter(batch_of(run), static_cast<task_status>(run.back()), counted);
    }
  }
  const auto prefix = keys::counter("b");
  const auto children = std::move(disk_.read(space::index, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
    if (!keys::is_count_of_batch(at->key().substr(prefix.size() - 1)))
      continue;
    const auto batch = keys::id_at_end(at->key().substr(0, at->key().size() - 1));
    const auto row = disk_.get(space::rows, keys::batch_row(batch));
    if (row && !*row) {
      add(check_fault::wrong_counter, "of children of batch " + to_uuid(batch) + ", which is gone");
      erase(space::index, at->key());
      continue;
    }
    const auto [status, is_removed] = keys::status_of_counter(at->key());
    const auto run = keys::child_prefix(batch, status);
    children->seek(run);
    // Of a status that no child has any more; once, by the counter of all if there is one.
    const bool is_empty = !(children->valid() && children->key().starts_with(run));
    const auto all = keys::counter(keys::count_of_children(batch, status));
    const auto stored = disk_.get(space::index, all);
    if (is_empty && (!is_removed || (stored && !*stored)))
      compare_child_counter(batch, status, 0);
  }
}

void check_round::compare_child_counter(const task_id& batch, task_status status,
                                        std::int64_t counted) {
  const auto name = keys::count_of_children(batch, status);
  const auto stored = read_counter(disk_, keys::counter(name));
  counted += read_counter(disk_, keys::counter(keys::count_of_removed_children(batch, status)));
  if (stored == counted)
    return;
  add(check_fault::wrong_counter, std::string{to_string(status)} + " children of batch "
                                      + to_uuid(batch) + " are " + std::to_string(stored)
                                      + ", counted are " + std::to_string(counted));
  put(space::index, keys::counter(name), std::to_string(counted));
}

}  // namespace carillon::storage
