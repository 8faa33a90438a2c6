// Every change of every zone's offset from 1990 to 2050, and rules of all kinds around it, under
// every policy. What fires is compared with a reading of the rule that goes over the night minute
// by minute, by the C library's clock, and applies the sentences of the documents word by word:
//
// - A local time that is skipped fires once at the first instant after the gap, or not at all;
// those
//   that share a gap are one moment.
// - A local time that is repeated fires at its first or at its second pass, the other one is only
//   recorded; or at both.
// - A rule that is an interval fires whenever the clock shows a time of it, and knows neither.
// - Forwards and backwards give the same moments, and a question a millisecond before a moment
// finds
//   it.

#include "model/recurrence.hpp"
#include "storage/zone_files.hpp"
#include "tests/model/dst_sweep_clock.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <string>
#include <vector>

namespace carillon::sweep {

namespace {

constexpr std::int64_t day_minutes = 24 * 60;
constexpr std::int64_t from = 10'519'200;  // 1990-01-01
constexpr std::int64_t to = 42'601'920;    // 2051-01-01

constexpr std::array policies{
    dst_rules{dst_gap::after, dst_repeat::first}, dst_rules{dst_gap::after, dst_repeat::second},
    dst_rules{dst_gap::after, dst_repeat::both},  dst_rules{dst_gap::skip, dst_repeat::first},
    dst_rules{dst_gap::skip, dst_repeat::second}, dst_rules{dst_gap::skip, dst_repeat::both},
};

// -- rules, and what they mean --------------------------------------------------

/// A rule as a text for the engine, and as the local times it means.
struct sample {
  schedule_kind kind;
  std::string text;
  std::bitset<day_minutes> times = {};  ///< Of the day.
  int second = 0;
  bool interval = false;
  std::int64_t only_day = 0;  ///< Since 1970; 0 is every day.

  [[nodiscard]] bool means(std::int64_t local) const {
    return times[static_cast<std::size_t>(local % day_minutes)]
           && (only_day == 0 || only_day == local / day_minutes);
  }
};

std::string clock_fields(std::int64_t local) {
  return std::to_string(local % 60) + " " + std::to_string(local / 60 % 24);
}

std::bitset<day_minutes> time_of(std::int64_t local) {
  std::bitset<day_minutes> times;
  times.set(static_cast<std::size_t>(local % day_minutes));
  return times;
}

std::bitset<day_minutes> every(std::int64_t step, std::int64_t first_hour, std::int64_t last_hour) {
  std::bitset<day_minutes> times;
  for (auto hour = first_hour; hour <= last_hour; ++hour)
    for (std::int64_t minute = 0; minute < 60; minute += step)
      times.set(static_cast<std::size_t>(hour * 60 + minute));
  return times;
}

sample daily(std::int64_t local) {
  return {schedule_kind::cron, clock_fields(local) + " * * *", time_of(local)};
}

std::string two_digits(std::int64_t number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

/// Rules whose text does not name the date: few different ones for a zone.
std::vector<sample> daily_samples(const window& night) {
  const auto low = night.low();
  const auto high = night.high();
  const auto middle = (low + high) / 2;
  std::vector<sample> all;
  for (const auto local : {low - 1, low, middle, high - 1, high, high + 1})
    all.push_back(daily(local));

  sample joined{schedule_kind::cron, "30 4 * * *", time_of(4 * 60 + 30)};
  for (const auto local : {low - 1, low, middle, high}) {
    joined.text += " | " + clock_fields(local) + " * * *";
    joined.times |= time_of(local);
  }
  all.push_back(joined);

  const auto hour = middle / 60 % 24;
  const auto in_hour = " " + std::to_string(hour) + " * * *";
  all.push_back({schedule_kind::cron, "0-59/10" + in_hour, every(10, hour, hour)});
  auto late = daily(middle);
  late.text = "30 " + late.text;
  late.second = 30;
  all.push_back(late);

  const auto minute = std::to_string(middle % 60);
  all.push_back({schedule_kind::cron, "*/7" + in_hour, every(7, hour, hour), 0, true});
  all.push_back({schedule_kind::cron, "0-59/20 * * * *", every(20, 0, 23), 0, true});

  const std::string start = "DTSTART:19890101T000000\nRRULE:";
  all.push_back({schedule_kind::rrule,
                 start + "FREQ=DAILY;BYHOUR=" + std::to_string(hour) + ";BYMINUTE=" + minute,
                 time_of(middle)});
  all.push_back({schedule_kind::rrule, start + "FREQ=MINUTELY;INTERVAL=20", every(20, 0, 23)});
  return all;
}

/// Rules of the one date: each is compiled for itself.
std::vector<sample> dated_samples(const window& night) {
  const auto middle = (night.low() + night.high()) / 2;
  const auto number = middle / day_minutes;
  const std::chrono::year_month_day date{
      std::chrono::local_days{std::chrono::days{static_cast<int>(number)}}};
  const auto day = static_cast<unsigned>(date.day());
  const auto month = static_cast<unsigned>(date.month());
  const auto year = std::to_string(static_cast<int>(date.year()));
  const auto hour = middle / 60 % 24;
  const auto minute = middle % 60;

  sample cron{schedule_kind::cron, clock_fields(middle), time_of(middle), 0, false, number};
  cron.text += " " + std::to_string(day) + " " + std::to_string(month) + " *";
  auto rrule = cron;
  rrule.kind = schedule_kind::rrule;
  rrule.text = "DTSTART:19890101T000000\nRRULE:FREQ=YEARLY;BYMONTH=" + std::to_string(month)
               + ";BYMONTHDAY=" + std::to_string(day) + ";BYHOUR=" + std::to_string(hour)
               + ";BYMINUTE=" + std::to_string(minute);
  auto once = cron;
  once.kind = schedule_kind::once;
  once.text = year + "-" + two_digits(month) + "-" + two_digits(day) + "T" + two_digits(hour) + ":"
              + two_digits(minute) + ":00";
  return {cron, rrule, once};
}

// -- the night, minute by minute --------------------------------------------------

using moments = std::vector<moment>;

instant at_minute(std::int64_t real, int second = 0) {
  return instant{std::chrono::minutes{real} + std::chrono::seconds{second}};
}

bool runs(const window::shown& pass, dst_repeat repeat) {
  return repeat == dst_repeat::both || (repeat == dst_repeat::first ? pass.first : pass.last);
}

moments read_naively(const sample& rule, const window& night, const dst_rules& dst) {
  moments found;
  for (const auto& pass : night.minutes())
    if (pass.real >= night.begin() && pass.real < night.end() && rule.means(pass.local))
      found.push_back({at_minute(pass.real, rule.second), rule.interval || runs(pass, dst.repeat)});
  if (rule.interval || dst.gap == dst_gap::skip)
    return found;
  for (const auto& gap : night.gaps()) {
    if (!rule.means(gap.local) || gap.next < night.begin() || gap.next >= night.end())
      continue;
    const auto at = at_minute(gap.next);
    const auto same = [at](const moment& each) { return each.at == at; };
    if (const auto met = std::find_if(found.begin(), found.end(), same); met != found.end())
      met->runs = true;
    else
      found.push_back({at, true});
  }
  std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.at < b.at; });
  return found;
}

// -- the engine ---------------------------------------------------------------------

moments ask_forwards(const recurrence& rule, const window& night) {
  constexpr duration tick{1};
  moments found;
  for (auto each = rule.next(at_minute(night.begin()) - tick);
       each && each->at < at_minute(night.end()); each = rule.next(each->at)) {
    if (rule.next(each->at - tick) != each)
      FAIL_CHECK("a millisecond before " << format_instant(each->at) << " it is not found");
    found.push_back(*each);
  }
  return found;
}

moments ask_backwards(const recurrence& rule, const window& night) {
  moments found;
  for (auto each = rule.previous(at_minute(night.end()));
       each && each->at >= at_minute(night.begin()); each = rule.previous(each->at))
    found.push_back(*each);
  std::reverse(found.begin(), found.end());
  return found;
}

std::string text_of(const moments& all) {
  std::string text;
  for (const auto& each : all)
    text += " " + format_instant(each.at) + (each.runs ? "" : " (recorded)");
  return text.empty() ? " nothing" : text;
}

/// One zone, all of whose nights are compared.
class zone_sweep {
public:
  zone_sweep(std::string name, const zone_source& zones) : name_{std::move(name)}, zones_{zones} {}

  void run() {
    enter_zone(name_);
    for (const auto change : changes(from, to)) {
      const window night{change};
      for (const auto& rule : daily_samples(night))
        for (std::size_t policy = 0; policy < policies.size(); ++policy)
          compare(rule, night, policies[policy], kept(rule, policy));
      ++nights_;
      for (const auto& rule : dated_samples(night)) {
        const auto& dst = policies[nights_ % policies.size()];
        compare(rule, night, dst, compiled(rule, dst));
      }
    }
  }

  [[nodiscard]] std::size_t nights() const { return nights_; }
  [[nodiscard]] std::size_t compared() const { return compared_; }
  [[nodiscard]] std::size_t different() const { return different_; }

private:
  using rule_or_refusal = expected<recurrence>;

  [[nodiscard]] rule_or_refusal compiled(const sample& rule, const dst_rules& dst) const {
    return recurrence::compile({rule.kind, rule.text, name_, dst, instant{}, {}}, zones_, "expr",
                               "zone");
  }

  const rule_or_refusal& kept(const sample& rule, std::size_t policy) {
    const auto key = rule.text + static_cast<char>('0' + policy);
    const auto found = kept_.find(key);
    if (found != kept_.end())
      return found->second;
    return kept_.emplace(key, compiled(rule, policies[policy])).first->second;
  }

  void compare(const sample& rule, const window& night, const dst_rules& dst,
               const rule_or_refusal& engine) {
    ++compared_;
    const auto wanted = read_naively(rule, night, dst);
    // A rule of a single date that is skipped may be refused: it never fires.
    const auto forwards = engine ? ask_forwards(*engine, night) : moments{};
    const auto backwards = engine ? ask_backwards(*engine, night) : moments{};
    if (forwards == wanted && backwards == wanted && (engine || rule.kind == schedule_kind::once))
      return;
    ++different_;
    if (different_ <= 3)
      FAIL_CHECK(name_ << ": " << rule.text << ", gap " << static_cast<int>(dst.gap) << ", repeat "
                       << static_cast<int>(dst.repeat) << "\n  wanted   " << text_of(wanted)
                       << "\n  forwards " << text_of(forwards) << "\n  backwards"
                       << text_of(backwards) << "\n  "
                       << (engine ? std::string{} : engine.error().detail));
  }

  std::string name_;
  const zone_source& zones_;
  std::map<std::string, rule_or_refusal> kept_;
  std::size_t nights_ = 0;
  std::size_t compared_ = 0;
  std::size_t different_ = 0;
};

}  // namespace

TEST_CASE("every change of every zone fires as it is written", "[dst_sweep]") {
  const storage::zone_files zones;
  const auto names = distinct_zones();
  std::size_t nights = 0;
  std::size_t compared = 0;
  for (const auto& name : names) {
    zone_sweep sweep{name, zones};
    sweep.run();
    nights += sweep.nights();
    compared += sweep.compared();
    CAPTURE(name);
    CHECK(sweep.different() == 0);
  }
  // So that the sweep never passes because there was nothing to sweep.
  CHECK(names.size() > 300);
  CHECK(nights > 15'000);
  CHECK(compared > 1'000'000);
}

}  // namespace carillon::sweep
