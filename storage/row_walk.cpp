#include "storage/row_walk.hpp"

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "storage/batch_keys.hpp"
#include "storage/batch_record.hpp"
#include "storage/event_keys.hpp"
#include "storage/event_record.hpp"
#include "storage/keys.hpp"
#include "storage/queue_record.hpp"
#include "storage/record.hpp"
#include "storage/schedule_record.hpp"
#include "storage/step_record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

/// Rows that belong to things whose rows are walked in the same order.
class followers {
public:
  followers(std::unique_ptr<cursor> at, std::string prefix)
      : at_{std::move(at)}, prefix_{std::move(prefix)} {
    at_->seek(prefix_);
  }

  /// Calls visit(key, value) for those of this id, and stray(key) for those before.
  template <class Visitor, class Stray>
  void of(const task_id& id, Visitor visit, Stray stray) {
    const auto mine = prefix_ + std::string{id_bytes(id)};
    for (; is_valid() && at_->key() < mine; at_->next())
      stray(at_->key());
    for (; is_valid() && at_->key().starts_with(mine); at_->next())
      visit(at_->key(), at_->value());
  }
  template <class Stray>
  void rest(Stray stray) {
    for (; is_valid(); at_->next())
      stray(at_->key());
  }

private:
  [[nodiscard]] bool is_valid() const { return at_->valid() && at_->key().starts_with(prefix_); }

  std::unique_ptr<cursor> at_;
  std::string prefix_;
};

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text.push_back(digits[static_cast<unsigned char>(byte) >> 4]);
    text.push_back(digits[static_cast<unsigned char>(byte) & 15]);
  }
  return text;
}

/// Whether these rows are read with the things that they belong to.
bool is_walked(const key_family& family) {
  constexpr std::string_view letters = "tnijb";
  return letters.find(family.letter) != letters.npos || family.second == 'e'
         || family.second == 'o';
}

class shard_walk {
public:
  shard_walk(const engine& disk, unsigned shard, row_listener& listener)
      : disk_{disk}, shard_{shard}, listener_{listener} {}

  void run() {
    walk_tasks();
    walk_pairs(keys::schedule_prefix(shard_), [this](auto... row) { read_schedule(row...); });
    walk_pairs(keys::batch_prefix(shard_), [this](auto... row) { read_batch(row...); });
    walk_events();
    walk_others();
  }

private:
  using state_bytes = std::optional<std::string_view>;

  [[nodiscard]] std::unique_ptr<cursor> open() const {
    return std::move(disk_.read(space::rows, 1).front());
  }
  void stray(std::string_view key) {
    const auto id = key.size() >= 2 + sizeof(task_id)
                        ? to_uuid(keys::id_at_end(key.substr(0, 2 + sizeof(task_id))))
                        : hex(key);
    listener_.on_stray("a row '" + std::string{key.substr(1, 1)} + "' of " + id
                       + ", which is not there");
  }

  /// Things with a row, and one with an 's' behind its key for what has become of them: calls
  /// read(id, row, state).
  template <class Reader>
  void walk_pairs(const std::string& prefix, Reader read) {
    const auto at = open();
    const auto row_bytes = prefix.size() + sizeof(task_id);
    for (at->seek(prefix); at->valid() && at->key().starts_with(prefix);) {
      const std::string key{at->key()};
      if (key.size() != row_bytes || shard_of(keys::id_at_end(key)) != shard_) {
        stray(key);
        at->next();
        continue;
      }
      const std::string row{at->value()};
      at->next();
      if (at->valid() && at->key() == key + 's') {
        const std::string state{at->value()};
        read(keys::id_at_end(key), std::string_view{row}, state_bytes{state});
        at->next();
      } else {
        read(keys::id_at_end(key), std::string_view{row}, state_bytes{});
      }
    }
  }

  void walk_tasks() {
    followers news{open(), std::string{static_cast<char>(shard_), 'n'}};
    followers parts{open(), std::string{static_cast<char>(shard_), 'i'}};
    const auto lost = [this](std::string_view key) { stray(key); };
    walk_pairs(
        keys::task_prefix(shard_), [&](const task_id& id, std::string_view row, state_bytes state) {
          std::uint32_t reports = 0;
          news.of(
              id, [&](std::string_view key, auto value) { reports += read_report(id, key, value); },
              lost);
          parts.of(
              id, [&](std::string_view key, auto value) { read_part(id, key, value); }, lost);
          const auto found = decode_task(id, row, state);
          if (!found)
            return unreadable("task", id);
          if (reports != found->news_count)
            listener_.on_unreadable("task " + to_uuid(id) + " has " + std::to_string(reports)
                                    + " reports, and its row says "
                                    + std::to_string(found->news_count));
          listener_.on_task(*found);
        });
    news.rest(lost);
    parts.rest(lost);
  }

  std::uint32_t read_report(const task_id& id, std::string_view key, std::string_view value) {
    listener_.on_row(family_of(space::rows, key));
    if (!decode_news(value))
      unreadable("a report on task", id);
    return 1;
  }

  void read_part(const task_id& id, std::string_view key, std::string_view value) {
    listener_.on_row(family_of(space::rows, key));
    if (!decode_part(value))
      unreadable("a part of task", id);
  }

  void read_schedule(const schedule_id& id, std::string_view row, state_bytes state) {
    const auto found =
        state ? decode_schedule(id, row, *state) : problem{problem_kind::corrupt, ""};
    if (!found)
      return unreadable("schedule", id);
    listener_.on_schedule(*found);
  }

  void read_batch(const batch_id& id, std::string_view row, state_bytes state) {
    const auto found = decode_batch(id, row, state);
    if (!found)
      return unreadable("batch", id);
    listener_.on_batch(*found);
  }

  void walk_events() {
    const auto told_prefix = std::string{static_cast<char>(shard_), 'z', 'o'};
    followers outcomes{open(), told_prefix};
    const auto lost = [this](std::string_view) {
      listener_.on_stray("what became of an event that is not there");
    };
    const auto prefix = event_keys::entry_prefix(shard_);  // rows and entries begin alike
    const auto at = open();
    for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
      if (at->key().size() != prefix.size() + sizeof(task_id)) {
        listener_.on_stray("the key " + hex(at->key()));
        continue;
      }
      const auto id = keys::id_at_end(at->key());
      std::optional<expected<std::vector<listener_told>>> told;
      outcomes.of(
          id, [&](auto, std::string_view value) { told.emplace(decode_told(value)); }, lost);
      const auto subject = decode_event(id, at->value());
      if (!subject || (told && !*told)) {
        unreadable("event", id);
        continue;
      }
      listener_.on_event(*subject, told ? &**told : nullptr);
    }
    outcomes.rest(lost);
  }

  /// What leads to another row, what stands for itself, and what nobody knows.
  void walk_others() {
    const auto at = open();
    const std::string shard(1, static_cast<char>(shard_));
    for (at->seek(shard); at->valid() && at->key().starts_with(shard);) {
      if (at->key().size() < 2 || at->key() == shard + 'z') {
        listener_.on_stray("the key " + hex(at->key()));
        at->next();
        continue;
      }
      const auto family = family_of(space::rows, at->key());
      auto prefix = shard + family.letter;
      if (family.second != 0)
        prefix += family.second;
      if (is_walked(family)) {
        prefix.back() = static_cast<char>(prefix.back() + 1);
        at->seek(prefix);
        continue;
      }
      for (; at->valid() && at->key().starts_with(prefix); at->next())
        read_other(family, at->key(), at->value());
    }
  }

  void read_other(const key_family& family, std::string_view key, std::string_view value) {
    if (is_derived(family))
      return listener_.on_derived({space::rows, std::string{key}, std::string{value}});
    const auto name = key.substr(2);
    if (family == key_family{space::rows, 'x'}) {
      if (value.size() != sizeof(task_id) + sizeof(std::int64_t))
        return listener_.on_unreadable("the claim of a dedupe_key");
    } else if (family == key_family{space::rows, 'q'}) {
      if (!load_queue(disk_, name))
        return listener_.on_unreadable("the settings of the queue " + std::string{name});
    } else {
      return listener_.on_stray("the key " + hex(key));
    }
    listener_.on_row(family);
  }

  void unreadable(const std::string& what, const task_id& id) {
    listener_.on_unreadable(what + " " + to_uuid(id));
  }

  const engine& disk_;
  unsigned shard_;
  row_listener& listener_;
};

}  // namespace

void walk_rows(const engine& disk, unsigned shard, row_listener& listener) {
  shard_walk{disk, shard, listener}.run();
}

}  // namespace carillon::storage
