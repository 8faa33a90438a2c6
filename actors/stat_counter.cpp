#include "actors/stat_counter.hpp"

#include <functional>
#include <utility>

namespace carillon {
namespace {

constexpr auto minutes_max = static_cast<std::size_t>(stat_minutes.kept / stat_minutes.length);

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
  names all;
  for (std::size_t at = 0; at < all.size(); ++at)
    all[at] = group_name(static_cast<stat_group>(at), *after.spec);
  auto& here = stripes_[random_part(after.id) % stripes_.size()];
  const std::lock_guard lock{here.mutex};
  add(here.minutes[stretch_of(now, stat_minutes.length)], std::move(all), more);
  if (here.minutes.size() <= minutes_max)
    return;
  const auto oldest = here.minutes.extract(here.minutes.begin());
  auto& hour = here.hours[stretch_of(oldest.key(), stat_hours.length)];
  for (const auto& [name, counts] : oldest.mapped())
    add(hour, name, counts);
}

/// Without room it is counted among the others: without a name.
void stat_counter::add(counts_by_name& to, names all, const stat_counts& more) {
  if (to.size() >= names_max && !to.contains(all))
    all = {};
  to[std::move(all)].add(more);
}

stat_counter::counted stat_counter::take() {
  counted found;
  for (auto& here : stripes_) {
    stretches minutes;
    stretches hours;
    {
      const std::lock_guard lock{here.mutex};
      minutes.swap(here.minutes);
      hours.swap(here.hours);
    }
    for (auto& bucket : buckets_of(minutes))
      found.minutes.push_back(std::move(bucket));
    for (auto& bucket : buckets_of(hours))
      found.hours.push_back(std::move(bucket));
  }
  return found;
}

std::vector<stat_bucket> stat_counter::buckets_of(const stretches& from) {
  std::vector<stat_bucket> found;
  for (const auto& [begin, counts] : from) {
    auto& bucket = found.emplace_back();
    bucket.begin = begin;
    for (const auto& [all, more] : counts) {
      bucket.add(more, all, names_max);
      if (all == names{})
        for (auto& group : bucket.groups)
          group.others.add(more);
    }
  }
  return found;
}

}  // namespace carillon
