#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "model/instant.hpp"

namespace carillon {

/// How many shards a store is divided into. Fixed when the store is made.
inline constexpr unsigned shard_count = 64;

/// The identity of a task or a schedule: a UUID whose first bits are the time of its creation, so
/// that ids sort by it. Tasks have version 7 (RFC 9562, 5.7); schedules have version 8 (5.8) with
/// the same layout, so that an id tells what it names. The last six bits name the shard; the eleven
/// before them are free for the number of an attempt (run_id).
struct task_id {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const task_id&) const = default;
};

/// Schedules and tasks share one form of identity.
using schedule_id = task_id;

constexpr bool names_schedule(const task_id& id) {
  return id.bytes[6] >> 4 == 8;
}

/// The moment in an id: when the task was made, but for times at which the clock had gone back.
instant moment_of(const task_id& id);

/// The shard that owns the task.
constexpr unsigned shard_of(const task_id& id) {
  return id.bytes[15] % shard_count;
}

/// No task or schedule that is made at `moment` or later has a smaller id.
task_id first_id_at(instant moment);

/// The last 8 bytes: they change with the id and not with time.
constexpr std::uint64_t random_part(const task_id& id) {
  std::uint64_t bits = 0;
  for (std::size_t at = 8; at < id.bytes.size(); ++at)
    bits = bits << 8 | id.bytes[at];
  return bits;
}

/// The shard that owns a name (unique_id, queue, ...). The same on every machine and for ever,
/// since stores are laid out by it (FNV-1a).
unsigned shard_of_name(std::string_view name);

/// "01890a5d-ac96-774b-bcce-b302099a8057"
std::string to_uuid(const task_id& id);

/// "task_" or "schedule_" and the UUID, as the native surface shows it.
std::string to_text(const task_id& id);

/// The id of the task that `parent` makes as its `number`th: in its shard, the same whenever it is
/// asked for.
task_id child_id(const task_id& parent, std::uint32_t number, instant now);

/// Reads the UUID with or without a prefix, in any case of letters; of tasks and schedules alike.
std::optional<task_id> parse_task_id(std::string_view text);

/// How the attempts of a task are called where each is a row of its own: the first by the task's
/// id, the others by ids beside it. `attempt` from 1.
task_id run_id(const task_id& task, int attempt);
/// Attempts that are so many apart share a name. A task keeps fewer of them.
inline constexpr int attempt_names = 1 << 11;
constexpr bool is_same_name(int attempt, int other) {
  return (attempt - other) % attempt_names == 0;
}
struct run_name {
  task_id task;
  int attempt;
};
run_name parse_run_id(const task_id& run);

/// Makes ids that rise strictly, also within a millisecond and when the clock stands or goes back
/// (RFC 9562, 6.2, method 2: within one millisecond the random part grows by random steps). Thread
/// safe.
class id_generator {
public:
  /// `random` gives 64 random bits a call; it is called under the generator's lock.
  explicit id_generator(std::function<std::uint64_t()> random);

  task_id next(instant now);
  schedule_id next_schedule(instant now);
  /// A task in the shard of its schedule, so that both are decided and saved together.
  task_id next_beside(const schedule_id& maker, instant now);
  /// An id in the shard that owns `name`, so that both are decided and saved together.
  task_id next_beside(std::string_view name, instant now);

private:
  std::function<std::uint64_t()> random_;
  std::mutex mutex_;
  std::uint64_t millisecond_ = 0;
  std::uint64_t high_ = 0;  ///< 12 random bits.
  std::uint64_t low_ = 0;   ///< 62 random bits.
};

/// Random bits from the kernel, fetched in blocks. Not thread safe.
class kernel_random {
public:
  std::uint64_t operator()();

private:
  std::array<std::uint64_t, 32> block_{};
  std::size_t used_ = block_.size();
};

}  // namespace carillon

template <>
struct std::hash<carillon::task_id> {
  std::size_t operator()(const carillon::task_id& id) const noexcept {
    return carillon::random_part(id) * 0x9E3779B97F4A7C15ULL >> 6;
  }
};
