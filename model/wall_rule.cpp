#include "model/wall_rule.hpp"

#include <algorithm>

namespace carillon {

namespace {

using std::chrono::hours;
using std::chrono::seconds;

// No offset lies farther from UTC (RFC 9636, 3.2).
constexpr seconds offset_max = hours{26};
// So two readings of one local time are never farther apart, nor is a local time from the gap that
// swallowed it.
constexpr seconds reach = 2 * offset_max;
constexpr seconds tick{1};
// A rule whose matches have fallen into nothing but gaps for so many steps does so for ever: the
// calendar and the rules of a zone repeat after 400 years.
constexpr int steps_max = 2000;

constexpr auto first_second = std::chrono::floor<seconds>(instant_min);
constexpr auto last_second = std::chrono::floor<seconds>(instant_max);

/// `local` as if it were UTC: at most offset_max away from any real time that shows it.
sys_seconds near_real(local_seconds local) {
  return sys_seconds{local.time_since_epoch()};
}

/// The moments of one rule in one zone. `Rule` has next() and previous() of local times.
template <class Rule>
class walker {
public:
  /// The arguments are not owned; they outlive the walker.
  walker(const Rule& rule, const zone& where, const dst_rules& dst)
      : rule_{rule}, where_{where}, dst_{dst} {}

  [[nodiscard]] std::optional<wall_moment> next(sys_seconds after) const;
  [[nodiscard]] std::optional<wall_moment> previous(sys_seconds before) const;

private:
  [[nodiscard]] zone_span before(const zone_span& span) const {
    return where_.span_at(span.begin - tick);
  }
  [[nodiscard]] zone_span after(const zone_span& span) const { return where_.span_at(span.end); }

  // Whether a neighbour lies so close to `at` that it matters there.
  [[nodiscard]] static bool begins_near(const zone_span& span, sys_seconds at) {
    return span.begin != sys_seconds::min() && span.begin + reach > at;
  }
  [[nodiscard]] static bool ends_near(const zone_span& span, sys_seconds at) {
    return span.end != sys_seconds::max() && span.end < at + reach;
  }
  [[nodiscard]] static bool shows(const zone_span& span, local_seconds local) {
    const auto at = span.to_real(local);
    return span.begin <= at && at < span.end;
  }

  [[nodiscard]] wall_moment pass(const zone_span& span, local_seconds local) const;
  [[nodiscard]] bool came_before(const zone_span& span, local_seconds local) const;
  [[nodiscard]] bool comes_again(const zone_span& span, local_seconds local) const;
  [[nodiscard]] bool fires_after_gap(const zone_span& left, const zone_span& right) const;
  [[nodiscard]] std::optional<local_seconds> end_of_other_reading(const zone_span& left,
                                                                  const zone_span& right,
                                                                  local_seconds local) const;

  const Rule& rule_;
  const zone& where_;
  const dst_rules& dst_;
};

// -- walking stretches of one offset ------------------------------------------------

template <class Rule>
std::optional<wall_moment> walker<Rule>::next(sys_seconds after_time) const {
  auto position = std::max(after_time, first_second - tick);  // decided up to here
  auto span = where_.span_at(position);
  for (int step = 0; step < steps_max && position < last_second; ++step) {
    const auto match = rule_.next(span.to_local(position));
    if (match && span.to_real(*match) < span.end) {
      const auto found = pass(span, *match);
      return found.at <= last_second ? std::optional{found} : std::nullopt;
    }
    if (!ends_near(span, position)) {
      // What comes again at the end of this stretch has been asked for: only `match` is left.
      if (!match)
        return std::nullopt;
      if (const auto jump = near_real(*match) - offset_max - tick; jump >= span.end) {
        position = jump;
        span = where_.span_at(position);
        continue;
      }
    }
    if (span.end > last_second)
      return std::nullopt;
    const auto right = after(span);
    if (fires_after_gap(span, right))
      return wall_moment{right.begin, true};
    position = right.begin - tick;
    span = right;
  }
  return std::nullopt;
}

template <class Rule>
std::optional<wall_moment> walker<Rule>::previous(sys_seconds before_time) const {
  auto position = std::min(before_time, last_second + tick);  // decided from here on
  auto span = where_.span_at(position - tick);
  for (int step = 0; step < steps_max && position > first_second; ++step) {
    const auto match = rule_.previous(span.to_local(position));
    if (match && span.to_real(*match) > span.begin) {
      const auto found = pass(span, *match);
      return found.at >= first_second ? std::optional{found} : std::nullopt;
    }
    if (!begins_near(span, position)) {
      if (!match)
        return std::nullopt;
      if (const auto jump = near_real(*match) + offset_max + tick; jump < span.begin) {
        position = jump;
        span = where_.span_at(position - tick);
        continue;
      }
    }
    if (span.begin < first_second)
      return std::nullopt;
    const auto left = before(span);
    if (fires_after_gap(left, span))
      return wall_moment{span.begin, true};
    if (match && span.to_real(*match) == span.begin)
      return pass(span, *match);
    position = span.begin;
    span = left;
  }
  return std::nullopt;
}

// -- local times that come twice -----------------------------------------------------

template <class Rule>
wall_moment walker<Rule>::pass(const zone_span& span, local_seconds local) const {
  const auto at = span.to_real(local);
  switch (dst_.repeat) {
    case dst_repeat::first:
      return {at, !came_before(span, local)};
    case dst_repeat::second:
      return {at, !comes_again(span, local)};
    case dst_repeat::both:
      break;
  }
  return {at, true};
}

template <class Rule>
bool walker<Rule>::came_before(const zone_span& span, local_seconds local) const {
  const auto at = span.to_real(local);
  for (auto left = span; begins_near(left, at);) {
    left = before(left);
    if (shows(left, local))
      return true;
  }
  return false;
}

template <class Rule>
bool walker<Rule>::comes_again(const zone_span& span, local_seconds local) const {
  const auto at = span.to_real(local);
  for (auto right = span; ends_near(right, at);) {
    right = after(right);
    if (shows(right, local))
      return true;
  }
  return false;
}

// -- local times that never come -------------------------------------------------------

template <class Rule>
bool walker<Rule>::fires_after_gap(const zone_span& left, const zone_span& right) const {
  if (dst_.gap == dst_gap::skip || right.offset <= left.offset)
    return false;
  const auto end = right.to_local(right.begin);
  auto match = rule_.next(left.to_local(left.end) - tick);
  while (match && *match < end) {
    const auto other = end_of_other_reading(left, right, *match);
    if (!other)
      return true;
    match = rule_.next(*other - tick);
  }
  return false;
}

/// `local` lies in the gap between `left` and `right`. When it also comes in a stretch close by, or
/// an earlier gap has swallowed it, this gap is not answerable for it: where that stretch or gap
/// ends.
template <class Rule>
std::optional<local_seconds> walker<Rule>::end_of_other_reading(const zone_span& left,
                                                                const zone_span& right,
                                                                local_seconds local) const {
  for (auto near = left; begins_near(near, left.end);) {
    const auto earlier = before(near);
    const auto gap_end = near.to_local(near.begin);
    if (earlier.to_local(earlier.end) <= local && local < gap_end)
      return gap_end;
    if (shows(earlier, local))
      return earlier.to_local(earlier.end);
    near = earlier;
  }
  for (auto near = right; ends_near(near, right.begin);) {
    near = after(near);
    if (shows(near, local))
      return near.end == sys_seconds::max() ? right.to_local(right.begin) : near.to_local(near.end);
  }
  return std::nullopt;
}

}  // namespace

std::optional<wall_moment> next_moment(const local_rule& rule, const zone& where,
                                       const dst_rules& dst, sys_seconds after) {
  return std::visit([&](const auto& local) { return walker{local, where, dst}.next(after); }, rule);
}

std::optional<wall_moment> previous_moment(const local_rule& rule, const zone& where,
                                           const dst_rules& dst, sys_seconds before) {
  return std::visit(
      [&](const auto& local) {
        return walker{local, where, dst}.previous(before);
      },
      rule);
}

}  // namespace carillon
