#include <algorithm>
#include <numeric>

#include "model/rrule_periods.hpp"

namespace carillon {

namespace {

/// Of periods that begin at origin, origin + step, origin + 2 step, ... seconds: where the first
/// of them from a day's midnight on begins, in seconds from there. It may lie beyond the day.
/// Remembers the last answer: the days next to it need no division.
class day_phases {
public:
  day_phases(std::int64_t origin, std::int64_t step)
      : origin_{origin}, step_{step}, per_day_{seconds_per_day % step} {}

  std::int64_t of(day_number day) {
    if (std::abs(day - day_) > 7) {
      phase_ = floor_mod(origin_ - day * seconds_per_day, step_);
      day_ = day;
    }
    for (; day_ < day; ++day_)
      phase_ += phase_ < per_day_ ? step_ - per_day_ : -per_day_;
    for (; day_ > day; --day_)
      phase_ += phase_ < step_ - per_day_ ? per_day_ : per_day_ - step_;
    return phase_;
  }

private:
  std::int64_t origin_;
  std::int64_t step_;
  std::int64_t per_day_;
  day_number day_ = day_min - 8;
  std::int64_t phase_ = 0;
};

/// A day's phase says all of it: `has_period_` holds for each phase whether an allowed time of day
/// is met, so that a rule that never meets one is no search.
class periods_of_one_unit final : public rrule_periods {
public:
  periods_of_one_unit(const rrule_parts& rule, local_seconds start)
      : days_{rule},
        clock_{rule},
        unit_{rrule_unit(rule.frequency)},
        step_{unit_ * rule.interval},
        origin_{floor_div(start.time_since_epoch().count(), unit_) * unit_},
        has_period_(static_cast<std::size_t>(std::min(step_, seconds_per_day) / unit_)) {
    const auto common = std::gcd(step_, seconds_per_day);
    auto open = has_period_.size();
    for_each_time([&](std::int64_t time) {
      const auto phase = time % step_;
      if (!has_period_[place(phase)]) {
        has_period_[place(phase)] = true;
        --open;
      }
      is_met_ = is_met_ || phase % common == floor_mod(origin_, common);
      return open > 0;
    });
  }

  bool first_from(std::int64_t second, rrule_period& found) const override {
    const auto earliest = floor_div(second, unit_) * unit_;
    const auto first_day = floor_div(earliest, seconds_per_day);
    rrule_day_walk walk{days_};
    day_phases phases{origin_, step_};
    for (auto day = next_day(first_day, walk, phases); day <= day_max;
         day = next_day(day + 1, walk, phases)) {
      const auto midnight = day * seconds_per_day;
      const auto time =
          first_in_day(phases.of(day), std::max<std::int64_t>(earliest - midnight, 0));
      if (time)
        return fill(midnight + *time, found);
    }
    return false;
  }

  bool last_until(std::int64_t second, rrule_period& found) const override {
    const auto last_day = floor_div(second, seconds_per_day);
    rrule_day_walk walk{days_};
    day_phases phases{origin_, step_};
    for (auto day = previous_day(last_day, walk, phases); day >= first_day();
         day = previous_day(day - 1, walk, phases)) {
      const auto midnight = day * seconds_per_day;
      const auto time =
          last_in_day(phases.of(day), std::min(second - midnight, seconds_per_day - 1));
      if (time)
        return midnight + *time >= origin_ && fill(midnight + *time, found);
    }
    return false;
  }

  /// All of them are alike.
  [[nodiscard]] std::int64_t cycle() const override { return 1; }

  std::int64_t pass_days(std::int64_t& second, std::int64_t max) const override {
    std::vector<std::int32_t> counts(has_period_.size());
    for_each_time([&](std::int64_t time) {
      ++counts[place(time % step_)];
      return true;
    });
    rrule_day_walk walk{days_};
    day_phases phases{origin_, step_};
    std::int64_t passed = 0;
    auto day = next_day(floor_div(second, seconds_per_day), walk, phases);
    for (; day <= day_max; day = next_day(day + 1, walk, phases)) {
      const auto count = counts[place(phases.of(day))];
      if (passed + count > max)
        break;
      passed += count;
    }
    second = day * seconds_per_day;
    return passed;
  }

private:
  [[nodiscard]] day_number first_day() const { return floor_div(origin_, seconds_per_day); }

  [[nodiscard]] std::size_t place(std::int64_t phase) const {
    return static_cast<std::size_t>(phase / unit_);
  }

  /// Every time of day that is allowed, whatever the phase, until `visit` returns false.
  template <class Visit>
  void for_each_time(Visit visit) const {
    for (std::int64_t time = 0; time < seconds_per_day; time += unit_) {
      const auto allowed = clock_.first_from(time);
      if (!allowed || !visit(*allowed))
        return;
      time = *allowed;
    }
  }

  /// The first allowed day from `day` on that has a period; over day_max when there is none.
  [[nodiscard]] day_number next_day(day_number day, rrule_day_walk& walk,
                                    day_phases& phases) const {
    if (!is_met_)
      return day_max + 1;
    for (day = walk.first_from(day); day <= day_max; day = walk.first_from(day)) {
      const auto phase = phases.of(day);
      if (phase < seconds_per_day && has_period_[place(phase)])
        return day;
      day += std::max<std::int64_t>(phase / seconds_per_day, 1);
    }
    return day;
  }

  /// The last allowed day up to `day` that has a period; before the origin's when there is none.
  [[nodiscard]] day_number previous_day(day_number day, rrule_day_walk& walk,
                                        day_phases& phases) const {
    if (!is_met_)
      return day_min - 1;
    for (day = walk.last_until(day); day >= first_day(); day = walk.last_until(day)) {
      const auto phase = phases.of(day);
      if (phase < seconds_per_day && has_period_[place(phase)])
        return day;
      day += phase < seconds_per_day ? -1 : floor_div(phase - step_, seconds_per_day);
    }
    return day;
  }

  [[nodiscard]] std::optional<std::int64_t> first_in_day(std::int64_t phase,
                                                         std::int64_t earliest) const {
    const auto in_step = [&](std::int64_t time) { return time + floor_mod(phase - time, step_); };
    for (auto time = in_step(earliest); time < seconds_per_day;) {
      const auto allowed = clock_.first_from(time);
      if (!allowed || *allowed == time)
        return allowed;
      time = in_step(*allowed);
    }
    return {};
  }

  [[nodiscard]] std::optional<std::int64_t> last_in_day(std::int64_t phase,
                                                        std::int64_t latest) const {
    const auto in_step = [&](std::int64_t time) { return time - floor_mod(time - phase, step_); };
    for (auto time = in_step(latest); time >= 0;) {
      const auto allowed = clock_.last_until(time);
      if (!allowed || *allowed == time)
        return allowed;
      time = in_step(*allowed);
    }
    return {};
  }

  bool fill(std::int64_t begin, rrule_period& found) const {
    found.begin = begin;
    found.end = begin + unit_;
    found.units.assign(1, begin);
    return true;
  }

  rrule_days days_;
  rrule_clock_limit clock_;
  std::int64_t unit_;
  std::int64_t step_;
  std::int64_t origin_;
  std::vector<bool> has_period_;  ///< By phase in units.
  bool is_met_ = false;           ///< Some day has a phase that has a period.
};

}  // namespace

std::unique_ptr<const rrule_periods> short_periods(const rrule_parts& rule, local_seconds start) {
  return std::make_unique<periods_of_one_unit>(rule, start);
}

}  // namespace carillon
