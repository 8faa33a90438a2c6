#include "storage/list_build.hpp"

#include <utility>

#include "model/log.hpp"
#include "storage/keys.hpp"
#include "storage/list_entries.hpp"
#include "storage/list_keys.hpp"
#include "storage/record.hpp"

namespace carillon::storage {
namespace {

constexpr std::string_view complete = "complete";
constexpr std::size_t piece_bytes = 256 << 10;

problem no_writes() {
  return {problem_kind::unavailable, "the store takes no writes"};
}

bool is_empty(const engine& disk) {
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = keys::task_prefix(shard);
    at->seek(prefix);
    if (at->valid() && at->key().starts_with(prefix))
      return false;
  }
  return true;
}

/// What a repair may have counted already is counted anew.
void forget_counters(const engine& disk, change_set& out) {
  const auto prefix = keys::counter({});
  const auto at = std::move(disk.read(space::index, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next())
    if (keys::is_count_for_lists(at->key().substr(prefix.size())))
      out.erase(space::index, at->key());
}

class builder {
public:
  builder(task_store& store, const engine& disk) : store_{store}, disk_{disk} {}

  expected<std::int64_t> run() {
    const auto state = disk_.get(space::index, keys::lists_state());
    if (!state)
      return state.error();
    if (*state && **state == complete)
      return 0;
    auto behind = *state ? read_id(**state) : std::optional<task_id>{};
    const unsigned first = behind ? shard_of(*behind) : 0;
    if (!behind) {
      if (is_empty(disk_))
        return write(complete) ? expected<std::int64_t>{0} : no_writes();
      forget_counters(disk_, changes_);
      if (!changes_.empty() && store_.commit({&changes_}) != commit_status::durable)
        return no_writes();
      changes_ = {};
    }
    log(log_level::info, "building the indexes of lists for a store of an earlier version",
        {{"from_shard", std::to_string(first)}});
    for (unsigned shard = first; shard < shard_count; ++shard) {
      if (auto built = build_shard(shard, behind); !built)
        return built.error();
      behind.reset();
    }
    return write(complete) ? expected<std::int64_t>{built_} : no_writes();
  }

private:
  expected<void> build_shard(unsigned shard, const std::optional<task_id>& behind) {
    const auto prefix = keys::task_prefix(shard);
    const auto at = std::move(disk_.read(space::rows, 1).front());
    at->seek(behind ? keys::task_row(*behind) + "\xFF" : prefix);
    for (; at->valid() && at->key().starts_with(prefix); at->next()) {
      if (at->key().size() != prefix.size() + sizeof(task_id))
        continue;
      const auto id = keys::id_at_end(at->key());
      const auto subject = store_.load_record(id);
      if (subject && *subject)
        add(**subject);
      else if (!subject)  // the check tells of it
        log(log_level::error, "a task cannot be read and is in no list", {{"task", to_uuid(id)}});
      if (changes_.bytes() >= piece_bytes && !write(id_bytes(id)))
        return no_writes();
    }
    return {};
  }

  void add(const task& subject) {
    const auto facts = facts_of(subject);
    encode_list_entries(subject, {}, facts, changes_);
    changes_.put(space::index, keys::status_entry(subject.id, facts.status),
                 value_of_status(facts));
    ++built_;
  }

  bool write(std::string_view state) {
    changes_.put(space::index, keys::lists_state(), state);
    const bool done = store_.commit({&changes_}) == commit_status::durable;
    changes_ = {};
    return done;
  }

  task_store& store_;
  const engine& disk_;
  change_set changes_;
  std::int64_t built_ = 0;
};

}  // namespace

bool has_lists(const engine& disk) {
  const auto state = disk.get(space::index, keys::lists_state());
  return (state && *state && **state == complete) || is_empty(disk);
}

expected<std::int64_t> build_lists(task_store& store, engine& disk) {
  return builder{store, disk}.run();
}

}  // namespace carillon::storage
