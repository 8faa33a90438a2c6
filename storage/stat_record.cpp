#include "storage/stat_record.hpp"

#include <algorithm>
#include <utility>

#include "storage/record.hpp"

namespace carillon::storage {
namespace {

constexpr std::uint8_t version = 1;

// Of a bucket; each group of a kind is a field of its own, as are the others of it.
constexpr std::uint32_t field_all = 1;
constexpr std::uint32_t field_named = 2;   // .. 4: by stat_group
constexpr std::uint32_t field_others = 5;  // .. 7

// Of counts: stat + field_first_count, then these.
constexpr std::uint32_t field_first_count = 1;  // .. 8, later ones up to 59
constexpr std::uint32_t field_lag = 60;
constexpr std::uint32_t field_run = 61;
constexpr std::uint32_t field_name = 62;

// Of lengths: the field of a range is the one behind its number.
constexpr std::uint32_t field_sum = 1'000;

// -- keys (storage/keys.hpp has the list) ------------------------------------------

std::string stat_prefix(duration grain) {
  std::string key{"\xFFh"};
  const auto seconds = static_cast<std::uint32_t>(grain.count() / 1'000);
  for (int shift = 24; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(seconds >> shift));
  return key;
}

/// Instants before 1970 are negative: the flipped sign bit sorts them first.
std::string stat_row(duration grain, instant begin) {
  auto key = stat_prefix(grain);
  const auto bits =
      static_cast<std::uint64_t>(begin.time_since_epoch().count()) ^ std::uint64_t{1} << 63;
  for (int shift = 56; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(bits >> shift));
  return key;
}

instant moment_of_stat(std::string_view key) {
  std::uint64_t bits = 0;
  for (const char byte : key.substr(std::min<std::size_t>(key.size(), 6), 8))
    bits = bits << 8 | static_cast<unsigned char>(byte);
  return instant{duration{static_cast<std::int64_t>(bits ^ std::uint64_t{1} << 63)}};
}

// -- records ------------------------------------------------------------------------

std::string encode(const length_spread& lengths) {
  record_writer out{version};
  for (const auto& [number, count] : lengths.ranges())
    out.number(number + 1, count);
  out.number(field_sum, lengths.sum().count());
  return out.data();
}

std::string encode(const stat_counts& counts, std::string_view name = {}) {
  record_writer out{version};
  out.text(field_name, name);
  for (std::uint32_t at = 0; at < stat_count; ++at)
    if (counts.counts[at] != 0)
      out.number(at + field_first_count, counts.counts[at]);
  if (!counts.start_lag.empty())
    out.bytes(field_lag, encode(counts.start_lag));
  if (!counts.run_time.empty())
    out.bytes(field_run, encode(counts.run_time));
  return out.data();
}

bool decode(std::string_view record, length_spread& lengths) {
  record_reader in{record};
  std::vector<length_spread::range> ranges;
  duration sum{0};
  while (in.next()) {
    if (in.field() == field_sum)
      sum = duration{in.number()};
    else
      ranges.push_back({in.field() - 1, in.number()});
  }
  lengths = length_spread::restored(std::move(ranges), sum);
  return in.ok();
}

bool decode(std::string_view record, stat_counts& counts, std::string& name) {
  record_reader in{record};
  bool is_good = true;
  while (in.next()) {
    if (in.field() == field_name)
      name = in.text();
    else if (in.field() == field_lag)
      is_good = is_good && decode(in.bytes(), counts.start_lag);
    else if (in.field() == field_run)
      is_good = is_good && decode(in.bytes(), counts.run_time);
    else if (in.field() >= field_first_count && in.field() < field_first_count + stat_count)
      counts.counts[in.field() - field_first_count] = in.number();
  }
  return is_good && in.ok();
}

bool decode_field(const record_reader& in, stat_bucket& to) {
  stat_counts counts;
  std::string name;
  if (!decode(in.bytes(), counts, name))
    return false;
  if (in.field() == field_all)
    to.all = std::move(counts);
  else if (in.field() >= field_named && in.field() < field_named + stat_group_count)
    to.groups[in.field() - field_named].named.emplace(std::move(name), std::move(counts));
  else if (in.field() >= field_others && in.field() < field_others + stat_group_count)
    to.groups[in.field() - field_others].others = std::move(counts);
  return true;
}

expected<stat_bucket> decode_bucket(instant begin, std::string_view record) {
  record_reader in{record};
  stat_bucket found;
  found.begin = begin;
  while (in.next())
    if (!decode_field(in, found))
      return problem{problem_kind::corrupt, "what was counted at " + format_instant(begin)};
  if (!in.ok() || in.version() != version)
    return problem{problem_kind::corrupt, "what was counted at " + format_instant(begin)};
  return found;
}

}  // namespace

void encode_stats(const stat_grain& grain, const stat_bucket& bucket, change_set& out) {
  record_writer record{version};
  record.bytes(field_all, encode(bucket.all));
  for (std::uint32_t at = 0; at < stat_group_count; ++at) {
    const auto& [named, others] = bucket.groups[at];
    for (const auto& [name, counts] : named)
      record.bytes(field_named + at, encode(counts, name));
    if (!others.empty())
      record.bytes(field_others + at, encode(others));
  }
  out.put(space::rows, stat_row(grain.length, bucket.begin), record.data());
}

void encode_stat_removal(const engine& disk, const stat_grain& grain, instant now,
                         change_set& out) {
  const auto end = stat_row(grain.length, stretch_of(now - grain.kept, grain.length));
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (at->seek(stat_prefix(grain.length)); at->valid() && at->key() < end; at->next())
    out.erase(space::rows, at->key());
}

expected<std::optional<stat_bucket>> load_stats(const engine& disk, const stat_grain& grain,
                                                instant begin) {
  const auto row = disk.get(space::rows, stat_row(grain.length, begin));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<stat_bucket>{};
  auto found = decode_bucket(begin, **row);
  if (!found)
    return found.error();
  return std::optional{*std::move(found)};
}

expected<std::vector<stat_bucket>> load_stats(const engine& disk, const stat_grain& grain,
                                              instant from, instant to) {
  std::vector<stat_bucket> all;
  const auto prefix = stat_prefix(grain.length);
  const auto end = stat_row(grain.length, to);
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (at->seek(stat_row(grain.length, from));
       at->valid() && at->key().starts_with(prefix) && at->key() < end; at->next()) {
    auto found = decode_bucket(moment_of_stat(at->key()), at->value());
    if (!found)
      return found.error();
    all.push_back(*std::move(found));
  }
  return all;
}

expected<std::vector<stat_bucket>> load_all_stats(const engine& disk) {
  auto all = load_stats(disk, stat_minutes, instant_min, instant_max);
  auto hours = load_stats(disk, stat_hours, instant_min, instant_max);
  if (!all || !hours)
    return all ? hours : all;
  for (auto& one : *hours)
    all->push_back(std::move(one));
  return all;
}

}  // namespace carillon::storage
