#include "actors/stat_book.hpp"

#include <algorithm>
#include <utility>

#include "model/log.hpp"
#include "storage/stat_record.hpp"

namespace carillon {
namespace {

/// Names of a kind that are kept for a stretch.
constexpr std::size_t names_kept_max = 100;

/// Old rows are looked for so often.
constexpr duration removal_interval = std::chrono::hours{1};

}  // namespace

void stat_book::gather() {
  const auto found = counter_.take();
  ++round_;
  for (const auto& one : found.minutes) {
    add(stat_minutes, minutes_, one);
    add(stat_hours, hours_, one);
  }
  for (const auto& one : found.hours)
    add(stat_hours, hours_, one);
}

/// The first time, with what an earlier life of the server or another moment has left of it.
void stat_book::add(const stat_grain& grain, book& to, const stat_bucket& more) {
  const auto begin = stretch_of(more.begin, grain.length);
  auto known = to.find(begin);
  if (known == to.end()) {
    known = to.emplace(begin, entry{}).first;
    known->second.bucket.begin = begin;
    auto stored = storage::load_stats(disk_, grain, begin);
    if (stored && *stored)
      known->second.bucket = **std::move(stored);
    else if (!stored)
      log(log_level::error, "what was counted of tasks cannot be read",
          {{"reason", stored.error().detail}});
  }
  known->second.bucket.add(more, stat_counter::names_max);
  known->second.changed = round_;
}

stat_book::page stat_book::write(instant now, storage::change_set& out) {
  const std::lock_guard lock{mutex_};
  gather();
  for (const auto& [grain, kept] :
       {std::pair{stat_minutes, &minutes_}, std::pair{stat_hours, &hours_}})
    for (const auto& [begin, known] : *kept)
      if (known.changed > known.written) {
        auto row = known.bucket;
        row.trim(names_kept_max);
        storage::encode_stats(grain, row, out);
      }
  if (!out.empty() && now - removed_at_ >= removal_interval) {
    removed_at_ = now;
    storage::encode_stat_removal(disk_, stat_minutes, now, out);
    storage::encode_stat_removal(disk_, stat_hours, now, out);
  }
  return {round_, out.empty()};
}

/// What is on disk and over is forgotten here.
void stat_book::saved(std::uint64_t number, bool is_durable, instant now) {
  if (!is_durable)
    return;
  const std::lock_guard lock{mutex_};
  for (const auto& [grain, kept] :
       {std::pair{stat_minutes, &minutes_}, std::pair{stat_hours, &hours_}}) {
    for (auto& [begin, known] : *kept)
      known.written = std::max(known.written, std::min(known.changed, number));
    std::erase_if(*kept, [now, length = grain.length](const auto& each) {
      return each.second.written == each.second.changed && each.first + 2 * length < now;
    });
  }
}

expected<std::vector<stat_bucket>> stat_book::read(const stat_grain& grain, instant from,
                                                   instant to) {
  const std::lock_guard lock{mutex_};
  gather();
  auto stored = storage::load_stats(disk_, grain, from, to);
  if (!stored)
    return stored;
  const auto& kept = grain.length == stat_minutes.length ? minutes_ : hours_;
  for (auto at = kept.lower_bound(from); at != kept.end() && at->first < to; ++at) {
    const auto place = std::ranges::lower_bound(*stored, at->first, {}, &stat_bucket::begin);
    if (place != stored->end() && place->begin == at->first)
      *place = at->second.bucket;
    else
      stored->insert(place, at->second.bucket);
  }
  return stored;
}

}  // namespace carillon
