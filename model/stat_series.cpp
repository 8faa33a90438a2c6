#include "model/stat_series.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace carillon {
namespace {

std::size_t steps_of(const stat_query& asked) {
  return static_cast<std::size_t>((asked.to - asked.from + asked.step - duration{1}) / asked.step);
}

stat_series empty_series(const stat_query& asked, std::string name) {
  return {std::move(name), false, std::vector<stat_counts>(steps_of(asked))};
}

/// The names with the most to tell.
std::set<std::string> busiest(const stat_query& asked, const std::vector<stat_bucket>& buckets) {
  std::map<std::string, std::int64_t> sums;
  for (const auto& bucket : buckets)
    for (const auto& [name, counts] : bucket.by(*asked.group_by).named)
      sums[name] += counts.sum();
  std::vector<std::pair<std::int64_t, std::string>> by_size;
  for (const auto& [name, sum] : sums)
    by_size.emplace_back(-sum, name);
  std::ranges::sort(by_size);
  std::set<std::string> names;
  for (std::size_t at = 0; at < std::min(by_size.size(), asked.series_max); ++at)
    names.insert(by_size[at].second);
  return names;
}

stat_answer by_group(const stat_query& asked, const std::vector<stat_bucket>& buckets) {
  const auto shown = busiest(asked, buckets);
  std::map<std::string, stat_series> series;
  for (const auto& name : shown)
    series.emplace(name, empty_series(asked, name));
  auto others = empty_series(asked, {});
  others.is_other = true;
  stat_answer answer;
  for (const auto& bucket : buckets) {
    const auto step = static_cast<std::size_t>((bucket.begin - asked.from) / asked.step);
    const auto& group = bucket.by(*asked.group_by);
    others.steps[step].add(group.others);
    answer.is_partial |= !group.others.empty();
    for (const auto& [name, counts] : group.named) {
      const auto known = series.find(name);
      (known == series.end() ? others : known->second).steps[step].add(counts);
    }
  }
  for (auto& [name, one] : series)
    answer.series.push_back(std::move(one));
  if (!std::ranges::all_of(others.steps, &stat_counts::empty))
    answer.series.push_back(std::move(others));
  return answer;
}

}  // namespace

instant stretch_of(instant moment, duration length) {
  const auto since = moment.time_since_epoch().count();
  const auto rest = (since % length.count() + length.count()) % length.count();
  return instant{duration{since - rest}};
}

stat_answer summarize(const stat_query& asked, const std::vector<stat_bucket>& buckets) {
  if (asked.group_by)
    return by_group(asked, buckets);
  stat_answer answer;
  auto series = empty_series(asked, asked.only ? asked.only->second : std::string{});
  for (const auto& bucket : buckets) {
    auto& step = series.steps[static_cast<std::size_t>((bucket.begin - asked.from) / asked.step)];
    if (!asked.only) {
      step.add(bucket.all);
      continue;
    }
    const auto& group = bucket.by(asked.only->first);
    answer.is_partial |= !group.others.empty();
    if (const auto known = group.named.find(asked.only->second); known != group.named.end())
      step.add(known->second);
  }
  answer.series.push_back(std::move(series));
  return answer;
}

}  // namespace carillon
