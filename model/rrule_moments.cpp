#include "model/rrule_moments.hpp"

#include <algorithm>

namespace carillon {

/// The moments of a period: every unit with every time of it, or those at the set positions.
class rrule_moments::picks {
public:
  picks(const rrule_moments& rule, const rrule_period& period)
      : times_{rule.times_}, units_{period.units}, whole_{rule.set_positions_.empty()} {
    if (!whole_)
      choose(rule.set_positions_);
  }

  [[nodiscard]] std::size_t size() const { return whole_ ? all() : chosen_.size(); }

  [[nodiscard]] std::int64_t at(std::size_t index) const {
    return time_of(whole_ ? index : chosen_[index]);
  }

  /// The first index whose moment is not before `second`; size() when there is none.
  [[nodiscard]] std::size_t index_from(std::int64_t second) const {
    const auto index = place_from(second);
    if (whole_)
      return index;
    return static_cast<std::size_t>(std::lower_bound(chosen_.begin(), chosen_.end(), index)
                                    - chosen_.begin());
  }

private:
  [[nodiscard]] std::size_t all() const { return units_.size() * times_.size(); }

  [[nodiscard]] std::int64_t time_of(std::size_t place) const {
    return units_[place / times_.size()] + times_.at(place % times_.size());
  }

  [[nodiscard]] std::size_t place_from(std::int64_t second) const {
    const auto after = std::upper_bound(units_.begin(), units_.end(), second) - units_.begin();
    if (after == 0)
      return 0;
    const auto unit = static_cast<std::size_t>(after) - 1;
    return unit * times_.size() + times_.index_from(second - units_[unit]);
  }

  void choose(const std::vector<int>& positions) {
    const auto count = static_cast<int>(all());
    const auto first = std::lower_bound(positions.begin(), positions.end(), -count);
    const auto end = std::upper_bound(first, positions.end(), count);
    for (auto position = first; position != end; ++position)
      chosen_.push_back(
          static_cast<std::size_t>(*position < 0 ? count + *position : *position - 1));
    std::sort(chosen_.begin(), chosen_.end());
    chosen_.erase(std::unique(chosen_.begin(), chosen_.end()), chosen_.end());
  }

  const rrule_times& times_;
  const std::vector<std::int64_t>& units_;
  bool whole_;
  std::vector<std::size_t> chosen_;  ///< Places in the whole set, rising.
};

namespace {

local_seconds to_local(std::int64_t second) {
  return local_seconds{std::chrono::seconds{second}};
}

day_number day_of(std::int64_t second) {
  return floor_div(second, seconds_per_day);
}

/// The last period of years made of weeks ends beyond the year 9999.
std::optional<local_seconds> within_calendar(std::int64_t second) {
  const auto at = to_local(second);
  return at > local_max ? std::nullopt : std::optional{at};
}

}  // namespace

rrule_moments::rrule_moments(const rrule_parts& rule, local_seconds start)
    : start_{start}, times_{rule}, set_positions_{rule.by_set_pos} {
  if (times_.size() == 0)
    return;
  if (rule.frequency > rrule_frequency::daily) {
    periods_ = long_periods(rule, start);
    return;
  }
  const rrule_period any{0, 0, {0}};
  if (picks{*this, any}.size() != 0)
    periods_ = short_periods(rule, start);
}

std::optional<local_seconds> rrule_moments::first_from(local_seconds at) const {
  if (!periods_ || at > local_max)
    return {};
  const auto earliest = std::max(at, start_).time_since_epoch().count();
  auto resume = earliest;
  rrule_period period;
  // The first period may be over already.
  for (auto left = 1 + periods_->cycle(); left > 0; --left) {
    if (!periods_->first_from(resume, period))
      break;
    const picks moments{*this, period};
    const auto index = moments.index_from(earliest);
    if (index < moments.size())
      return within_calendar(moments.at(index));
    resume = period.end;
  }
  return {};
}

std::optional<local_seconds> rrule_moments::last_until(local_seconds at) const {
  if (!periods_ || at < start_)
    return {};
  const auto latest = std::min(at, local_max).time_since_epoch().count();
  auto resume = latest;
  for (rrule_period period; periods_->last_until(resume, period); resume = period.begin - 1) {
    const picks moments{*this, period};
    const auto index = moments.index_from(latest + 1);
    if (index == 0)
      continue;
    const auto found = to_local(moments.at(index - 1));
    return found < start_ ? std::nullopt : std::optional{found};
  }
  return {};
}

std::optional<local_seconds> rrule_moments::counted(std::int64_t count) const {
  if (!periods_)
    return {};
  const auto first = start_.time_since_epoch().count();
  auto resume = first;
  bool whole_days_passed = false;
  rrule_period period;
  while (periods_->first_from(resume, period)) {
    const picks moments{*this, period};
    const auto size = static_cast<std::int64_t>(moments.size());
    if (!whole_days_passed && size > 0 && day_of(period.begin) > day_of(first)) {
      whole_days_passed = true;
      resume = period.begin;
      count -= size * periods_->pass_days(resume, (count - 1) / size);
      continue;
    }
    const auto begin = static_cast<std::int64_t>(moments.index_from(first));
    if (count <= size - begin)
      return to_local(moments.at(static_cast<std::size_t>(begin + count - 1)));
    count -= size - begin;
    resume = period.end;
  }
  return last_until(local_max);
}

}  // namespace carillon
