#include "actors/stat_book.hpp"

#include <algorithm>
#include <functional>
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

std::size_t stat_counter::names_hash::operator()(const names& all) const noexcept {
  std::size_t mixed = 0;
  for (const auto& name : all)
    mixed = mixed * 31 + std::hash<std::string>{}(name);
  return mixed;
}

void stat_counter::note(const task* before, const task& after, instant now) {
  const auto more = counts_of_change(before, after);
  if (more.empty())
    return;
  const auto& spec = *after.spec;
  names all;
  for (std::size_t at = 0; at < all.size(); ++at)
    all[at] = group_name(static_cast<stat_group>(at), spec);
  auto& here = stripes_[random_part(after.id) % stripes_.size()];
  const std::lock_guard lock{here.mutex};
  auto& minute = here.minutes[stretch_of(now, stat_minutes.length)];
  // Without room it is counted among the others.
  if (minute.size() >= names_max && !minute.contains(all))
    all = {};
  minute[std::move(all)].add(more);
}

std::vector<stat_bucket> stat_counter::take() {
  std::vector<stat_bucket> found;
  for (auto& here : stripes_) {
    decltype(here.minutes) taken;
    {
      const std::lock_guard lock{here.mutex};
      taken = std::exchange(here.minutes, {});
    }
    for (const auto& [begin, counts] : taken) {
      auto& bucket = found.emplace_back();
      bucket.begin = begin;
      for (const auto& [all, more] : counts) {
        bucket.add(more, all, names_max);
        if (all == names{})
          for (auto& group : bucket.groups)
            group.others.add(more);
      }
    }
  }
  return found;
}

void stat_book::gather() {
  const auto found = counter_.take();
  if (!found.empty())
    ++round_;
  for (const auto& one : found) {
    add(stat_minutes, minutes_, one);
    add(stat_hours, hours_, one);
  }
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
  for (const auto& [grain, book] :
       {std::pair{stat_minutes, &minutes_}, std::pair{stat_hours, &hours_}})
    for (const auto& [begin, known] : *book)
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
  for (const auto& [grain, book] :
       {std::pair{stat_minutes, &minutes_}, std::pair{stat_hours, &hours_}}) {
    for (auto& [begin, known] : *book)
      known.written = std::max(known.written, std::min(known.changed, number));
    std::erase_if(*book, [now, length = grain.length](const auto& each) {
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
  const auto& book = grain.length == stat_minutes.length ? minutes_ : hours_;
  for (auto at = book.lower_bound(from); at != book.end() && at->first < to; ++at) {
    const auto place = std::ranges::lower_bound(*stored, at->first, {}, &stat_bucket::begin);
    if (place != stored->end() && place->begin == at->first)
      *place = at->second.bucket;
    else
      stored->insert(place, at->second.bucket);
  }
  return stored;
}

}  // namespace carillon
