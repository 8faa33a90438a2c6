#include "model/task_id.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace carillon {
namespace {

constexpr std::string_view task_prefix = "task_";
constexpr std::string_view schedule_prefix = "schedule_";
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::uint64_t low_mask = (1ULL << 62) - 1;

void append_uuid(std::string& out, const task_id& id) {
  for (std::size_t at = 0; at < id.bytes.size(); ++at) {
    if (at == 4 || at == 6 || at == 8 || at == 10)
      out.push_back('-');
    out.push_back(digits[id.bytes[at] >> 4]);
    out.push_back(digits[id.bytes[at] & 0xFU]);
  }
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F')
    return digit - 'A' + 10;
  return -1;
}

void put_millisecond(task_id& id, std::uint64_t millisecond) {
  for (std::size_t at = 0; at < 6; ++at)
    id.bytes[at] = static_cast<std::uint8_t>(millisecond >> (40 - 8 * at));
}

}  // namespace

task_id first_id_at(instant moment) {
  task_id first;
  put_millisecond(
      first, static_cast<std::uint64_t>(std::max(moment, instant{}).time_since_epoch().count()));
  return first;
}

instant moment_of(const task_id& id) {
  std::int64_t millisecond = 0;
  for (std::size_t at = 0; at < 6; ++at)
    millisecond = millisecond << 8 | id.bytes[at];
  return instant{duration{millisecond}};
}

unsigned shard_of_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char letter : name)
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  return static_cast<unsigned>((hash ^ hash >> 32) % shard_count);
}

std::string to_uuid(const task_id& id) {
  std::string text;
  text.reserve(36);
  append_uuid(text, id);
  return text;
}

std::string to_text(const task_id& id) {
  std::string text;
  text.reserve(schedule_prefix.size() + 36);
  text = names_schedule(id) ? schedule_prefix : task_prefix;
  append_uuid(text, id);
  return text;
}

std::optional<task_id> parse_task_id(std::string_view text) {
  for (const auto prefix : {task_prefix, schedule_prefix})
    if (text.starts_with(prefix)) {
      text.remove_prefix(prefix.size());
      break;
    }
  if (text.size() != 36)
    return std::nullopt;
  task_id id;
  std::size_t nibble = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at == 8 || at == 13 || at == 18 || at == 23) {
      if (text[at] != '-')
        return std::nullopt;
      continue;
    }
    const int value = hex_value(text[at]);
    if (value < 0)
      return std::nullopt;
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
    ++nibble;
  }
  return id;
}

// -- attempts -----------------------------------------------------------------

// Bits 6 to 16, counted from the last: shard_count fills the six behind them.
constexpr int attempt_shift = 6;
constexpr std::uint64_t attempt_mask = 0x7FFULL << attempt_shift;
static_assert(shard_count == 1U << attempt_shift);

namespace {

task_id with_random_part(task_id id, std::uint64_t bits) {
  for (std::size_t at = 0; at < 8; ++at)
    id.bytes[8 + at] = static_cast<std::uint8_t>(bits >> (56 - 8 * at));
  return id;
}

}  // namespace

task_id run_id(const task_id& task, int attempt) {
  const auto number = static_cast<std::uint64_t>(attempt - 1) << attempt_shift & attempt_mask;
  return with_random_part(task, (random_part(task) & ~attempt_mask) | number);
}

run_name parse_run_id(const task_id& run) {
  const auto bits = random_part(run);
  return {with_random_part(run, bits & ~attempt_mask),
          static_cast<int>((bits & attempt_mask) >> attempt_shift) + 1};
}

task_id child_id(const task_id& parent, std::uint32_t number, instant now) {
  // splitmix64's finalizer: neighbours become far apart.
  const auto mix = [](std::uint64_t bits) {
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBULL;
    return bits ^ bits >> 31;
  };
  std::uint64_t time_part = 0;
  for (std::size_t at = 0; at < 8; ++at)
    time_part = time_part << 8 | parent.bytes[at];
  const auto low = mix(random_part(parent) + mix(time_part + number));
  const auto high = mix(low + number);
  task_id id = first_id_at(now);
  id.bytes[6] = static_cast<std::uint8_t>(0x70U | (high >> 8 & 0xFU));
  id.bytes[7] = static_cast<std::uint8_t>(high);
  id = with_random_part(id, low & ~attempt_mask);
  id.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.bytes[8] & 0x3FU));
  id.bytes[15] = static_cast<std::uint8_t>((id.bytes[15] & ~(shard_count - 1)) | shard_of(parent));
  return id;
}

// -- making ids ---------------------------------------------------------------

id_generator::id_generator(std::function<std::uint64_t()> random) : random_{std::move(random)} {}

task_id id_generator::next(instant now) {
  const std::lock_guard lock{mutex_};
  const auto millisecond = static_cast<std::uint64_t>(now.time_since_epoch().count());
  if (millisecond > millisecond_) {
    millisecond_ = millisecond;
    high_ = random_() >> 52;
    low_ = random_() >> 3;  // the upper half stays free to grow into
  } else {
    // More than the cleared bits hold, so that what is left of it still rises.
    low_ += (random_() >> 24) + attempt_mask + shard_count;
    if (low_ > low_mask) {
      low_ &= low_mask;
      if (++high_ > 0xFFF) {
        high_ = 0;
        ++millisecond_;
      }
    }
  }
  task_id id;
  put_millisecond(id, millisecond_);
  id.bytes[6] = static_cast<std::uint8_t>(0x70U | high_ >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(high_);
  id = with_random_part(id, low_ & ~attempt_mask);
  id.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.bytes[8] & 0x3FU));
  return id;
}

schedule_id id_generator::next_schedule(instant now) {
  auto id = next(now);
  id.bytes[6] = static_cast<std::uint8_t>(0x80U | (id.bytes[6] & 0x0FU));
  return id;
}

task_id id_generator::next_beside(const schedule_id& maker, instant now) {
  auto id = next(now);
  id.bytes[15] = static_cast<std::uint8_t>((id.bytes[15] & ~(shard_count - 1)) | shard_of(maker));
  return id;
}

task_id id_generator::next_beside(std::string_view name, instant now) {
  auto id = next(now);
  id.bytes[15] =
      static_cast<std::uint8_t>((id.bytes[15] & ~(shard_count - 1)) | shard_of_name(name));
  return id;
}

std::uint64_t kernel_random::operator()() {
  if (used_ == block_.size()) {
    // At most 256 bytes a call never fails or blocks once the kernel's pool is ready
    // (getentropy(3)).
    if (getentropy(block_.data(), sizeof block_) != 0)
      std::abort();
    used_ = 0;
  }
  return block_[used_++];
}

}  // namespace carillon
