#include "model/posix_tz.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <ratio>

namespace carillon {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::year;

/// 400 years.
using cycles =
    std::chrono::duration<std::int64_t, std::ratio_multiply<days::period, std::ratio<146'097>>>;

constexpr seconds horizon = days{365} * 30'000;

/// A day of each year and a time on it.
struct yearly {
  enum class form {
    day_without_leap,  ///< Jn: 1..365, 29 February is not counted.
    day_of_year,       ///< n: 0..365.
    weekday_of_month,  ///< Mm.w.d: week 5 is the last.
  } kind;
  unsigned day = 0;
  unsigned month = 0;
  unsigned week = 0;
  seconds time = hours{2};  ///< From midnight, -167 to 167 hours.

  [[nodiscard]] local_seconds in(year of) const { return day_in(of) + time; }

private:
  [[nodiscard]] std::chrono::local_days day_in(year of) const {
    using namespace std::chrono;
    const local_days new_year{of / January / 1};
    switch (kind) {
      case form::day_without_leap:
        return new_year + days{day - (of.is_leap() && day >= 60 ? 0 : 1)};
      case form::day_of_year:
        return new_year + days{day};
      case form::weekday_of_month:
        break;
    }
    const auto in_month = of / std::chrono::month{month};
    const std::chrono::weekday on{day};
    return week == 5 ? local_days{in_month / on[last]} : local_days{in_month / on[week]};
  }
};

/// Standard time, and the time between `begin` and `end` of each year. `begin` is told in standard
/// time, `end` in summer time; "summer" may as well be behind (Dublin) or over New Year (Sydney).
struct two_times {
  seconds standard;
  seconds summer;
  yearly begin;
  yearly end;

  [[nodiscard]] sys_seconds begin_in(year of) const {
    return sys_seconds{begin.in(of).time_since_epoch() - standard};
  }
  [[nodiscard]] sys_seconds end_in(year of) const {
    return sys_seconds{end.in(of).time_since_epoch() - summer};
  }
};

/// The changes of the cycle from 1970 on. Summers that touch or overlap are one.
std::vector<zone_change> changes_of(const two_times& rule, seconds& constant) {
  const sys_seconds cycle_begin{};
  const auto cycle_end = cycle_begin + cycles{1};
  std::vector<zone_change> changes;
  const auto add = [&](sys_seconds at, seconds offset) {
    if (at >= cycle_begin && at < cycle_end)
      changes.push_back({at, offset});
  };

  auto summer_until = sys_seconds::min();
  for (year of{1967}; of < year{2373}; ++of) {
    const auto begin = rule.begin_in(of);
    auto end = rule.end_in(of);
    if (end < begin)
      end = rule.end_in(of + std::chrono::years{1});
    if (begin == end)
      continue;
    if (begin > summer_until) {
      add(summer_until, rule.standard);
      add(begin, rule.summer);
    }
    summer_until = end;
  }
  constant = changes.empty() && summer_until > cycle_end ? rule.summer : rule.standard;
  return changes;
}

bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}
bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

}  // namespace

/// Reads from left to right; what cannot be read leaves an empty value.
class posix_tz_reader {
public:
  explicit posix_tz_reader(std::string_view text) : rest_{text} {}

  std::optional<posix_tz> rule() {
    if (!skip_name())
      return {};
    const auto behind = time(24);
    if (!behind)
      return {};
    posix_tz read{-*behind};
    if (rest_.empty())
      return read;
    const auto times = summer(-*behind);
    if (!times || !rest_.empty())
      return {};
    if (times->summer != times->standard)
      read.changes_ = changes_of(*times, read.constant_);
    return read;
  }

private:
  std::optional<two_times> summer(seconds standard) {
    if (!skip_name())
      return {};
    seconds offset = standard + hours{1};
    if (!rest_.starts_with(',')) {
      const auto behind = time(24);
      if (!behind)
        return {};
      offset = -*behind;
    }
    const auto begin = date();
    const auto end = date();
    if (!begin || !end)
      return {};
    return two_times{standard, offset, *begin, *end};
  }

  /// The comma, the day, and the time if it is told.
  std::optional<yearly> date() {
    if (!skip(','))
      return {};
    auto read = day();
    if (read && skip('/')) {
      const auto told = time(167);
      if (!told)
        return {};
      read->time = *told;
    }
    return read;
  }

  std::optional<yearly> day() {
    if (skip('J')) {
      const auto day = number(1, 365);
      return day ? std::optional{yearly{yearly::form::day_without_leap, *day}} : std::nullopt;
    }
    if (!skip('M')) {
      const auto day = number(0, 365);
      return day ? std::optional{yearly{yearly::form::day_of_year, *day}} : std::nullopt;
    }
    const auto month = number(1, 12);
    const auto week = skip('.') ? number(1, 5) : std::nullopt;
    const auto day = skip('.') ? number(0, 6) : std::nullopt;
    if (!month || !week || !day)
      return {};
    return yearly{yearly::form::weekday_of_month, *day, *month, *week};
  }

  /// [+-]hh[:mm[:ss]]
  std::optional<seconds> time(unsigned hours_max) {
    const bool negative = skip('-');
    if (!negative)
      skip('+');
    const auto hour = number(0, hours_max);
    const auto minute = skip(':') ? number(0, 59) : std::optional{0U};
    const auto second = skip(':') ? number(0, 59) : std::optional{0U};
    if (!hour || !minute || !second)
      return {};
    const seconds read = hours{*hour} + minutes{*minute} + seconds{*second};
    return negative ? -read : read;
  }

  std::optional<unsigned> number(unsigned least, unsigned most) {
    if (rest_.empty() || !is_digit(rest_.front()))
      return {};
    unsigned read = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1)) {
      read = read * 10 + static_cast<unsigned>(rest_.front() - '0');
      if (read > most)
        return {};
    }
    return read >= least ? std::optional{read} : std::nullopt;
  }

  /// Three letters at least, or within <> letters, digits and signs.
  bool skip_name() {
    const bool quoted = skip('<');
    const auto* end = std::find_if_not(rest_.begin(), rest_.end(), [quoted](char byte) {
      return is_letter(byte) || (quoted && (is_digit(byte) || byte == '+' || byte == '-'));
    });
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    rest_.remove_prefix(size);
    return size >= 3 && (!quoted || skip('>'));
  }

  bool skip(char expected) {
    if (!rest_.starts_with(expected))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

std::optional<posix_tz> posix_tz::parse(std::string_view text) {
  return posix_tz_reader{text}.rule();
}

zone_span posix_tz::span_at(sys_seconds at) const {
  if (changes_.empty())
    return {sys_seconds::min(), sys_seconds::max(), constant_};
  const auto near = std::clamp(at.time_since_epoch(), -horizon, horizon);
  const auto turn = std::chrono::floor<cycles>(near);
  const sys_seconds within{near - turn};
  const auto next = std::upper_bound(
      changes_.begin(), changes_.end(), within,
      [](sys_seconds moment, const zone_change& change) { return moment < change.at; });
  const bool is_first = next == changes_.begin();
  const auto& current = is_first ? changes_.back() : *std::prev(next);
  const auto begin = current.at + (is_first ? turn - cycles{1} : turn);
  const auto end =
      next == changes_.end() ? changes_.front().at + (turn + cycles{1}) : next->at + turn;
  return {begin.time_since_epoch() <= -horizon ? sys_seconds::min() : begin,
          end.time_since_epoch() > horizon ? sys_seconds::max() : end, current.offset};
}

}  // namespace carillon
