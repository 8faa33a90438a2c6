#include "model/load_forecast.hpp"

#include <algorithm>
#include <utility>

#include "model/single_rule.hpp"

namespace carillon {

load_forecast::load_forecast(instant from, instant to, duration step)
    : from_{from},
      to_{to},
      step_{step},
      steps_{static_cast<std::size_t>((to - from + step - duration{1}) / step)} {}

load_forecast::load& load_forecast::find_or_add(const std::string& group) {
  auto& found = groups_[group];
  if (found.starts.empty()) {
    found.starts.resize(steps_);
    found.part.resize(steps_);
    found.change.resize(steps_ + 1);
  }
  return found;
}

void load_forecast::add(const std::string& group, instant at, duration run, std::int64_t count) {
  add(find_or_add(group), at, run, count);
}

void load_forecast::add(load& to, instant at, duration run, std::int64_t count) {
  const auto first = static_cast<std::size_t>((at - from_) / step_);
  to.starts[first] += count;
  const auto end = std::min(at + run, to_);
  const auto last = static_cast<std::size_t>((end - from_) / step_);
  const auto times = static_cast<double>(count);
  const auto begin_of = [this](std::size_t step) {
    return from_ + static_cast<std::int64_t>(step) * step_;
  };
  if (last == first) {
    to.part[first] += times * static_cast<double>((end - at).count());
    return;
  }
  to.part[first] += times * static_cast<double>((begin_of(first + 1) - at).count());
  to.change[first + 1] += times;
  to.change[std::min(last, steps_)] -= times;
  if (last < steps_)
    to.part[last] += times * static_cast<double>((end - begin_of(last)).count());
}

/// Those of a step count as if all began in their middle: what this moves between two steps comes
/// back from the next one.
void load_forecast::add_even(load& to, const even_run& run, duration lasts) {
  auto left = run.count;
  for (auto at = run.first; left > 0;) {
    const auto step_end = from_ + ((at - from_) / step_ + 1) * step_;
    const auto fit = (step_end - at + run.length - duration{1}) / run.length;
    const auto count = std::min<std::int64_t>(fit, left);
    add(to, at + (count - 1) * run.length / 2, lasts, count);
    left -= count;
    at += count * run.length;
  }
}

/// Of a schedule that is one "@every" all of whose moments are yet to come: they need not be looked
/// for one by one.
std::optional<load_forecast::even_run> load_forecast::even_run_of(const schedule& subject,
                                                                  const moments& all,
                                                                  instant behind) const {
  if (!subject.answered.empty() || !subject.spec->expr.starts_with("@every"))
    return std::nullopt;
  fault_list none;
  const auto rules = read_rules(recurrence_spec_of(subject), *utc_zone(), "", none);
  const auto* every = rules.size() == 1 ? std::get_if<every_rule>(&rules.front()) : nullptr;
  if (every == nullptr)
    return std::nullopt;
  const auto first = all.next(behind);
  const auto last = all.previous(to_);
  if (!first || !last || last->at < first->at)
    return even_run{behind, every->length, 0};
  return even_run{first->at, every->length, (last->at - first->at) / every->length + 1};
}

bool load_forecast::add(const std::string& group, const schedule& subject, const moments& all,
                        duration run, std::int64_t& budget) {
  if (budget <= 0)
    return false;
  const auto behind = planned_behind(subject, from_);
  if (const auto even = even_run_of(subject, all, behind)) {
    if (even->count == 0)
      return true;
    budget -= std::min<std::int64_t>(even->count, static_cast<std::int64_t>(steps_));
    add_even(find_or_add(group), *even, run);
    return true;
  }
  for (auto at = all.next(behind); at && at->at < to_; at = all.next(at->at)) {
    if (budget <= 0)
      return false;
    --budget;
    if (is_planned(subject, *at))
      add(find_or_add(group), at->at, run, 1);
  }
  return true;
}

std::vector<load_forecast::point> load_forecast::points_of(const load& of) const {
  std::vector<point> points(steps_);
  double running = 0;
  for (std::size_t at = 0; at < steps_; ++at) {
    running += of.change[at];
    const auto begin = from_ + static_cast<std::int64_t>(at) * step_;
    const auto length = static_cast<double>((std::min(begin + step_, to_) - begin).count());
    points[at] = {of.starts[at], running + of.part[at] / length};
  }
  return points;
}

load_forecast::series load_forecast::total() const {
  series all;
  all.points.resize(steps_);
  for (const auto& [group, of] : groups_) {
    const auto points = points_of(of);
    for (std::size_t at = 0; at < steps_; ++at) {
      all.points[at].starts += points[at].starts;
      all.points[at].concurrency += points[at].concurrency;
      all.starts += points[at].starts;
    }
  }
  return all;
}

std::vector<load_forecast::series> load_forecast::by_group(std::size_t groups_max) const {
  std::vector<series> found;
  for (const auto& [group, of] : groups_) {
    auto& one = found.emplace_back(series{group, false, points_of(of), 0});
    for (const auto& each : one.points)
      one.starts += each.starts;
  }
  std::ranges::stable_sort(found, std::ranges::greater{}, &series::starts);
  if (found.size() <= groups_max)
    return found;
  series others{{}, true, std::vector<point>(steps_), 0};
  for (auto at = groups_max; at < found.size(); ++at) {
    others.starts += found[at].starts;
    for (std::size_t step = 0; step < steps_; ++step) {
      others.points[step].starts += found[at].points[step].starts;
      others.points[step].concurrency += found[at].points[step].concurrency;
    }
  }
  found.resize(groups_max);
  found.push_back(std::move(others));
  return found;
}

instant planned_behind(const schedule& subject, instant from) {
  return std::max(subject.cursor, from - duration{1});
}

bool is_planned(const schedule& subject, const moment& one) {
  return one.runs && !std::ranges::binary_search(subject.answered, one.at);
}

}  // namespace carillon
