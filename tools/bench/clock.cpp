#include "tools/bench/clock.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace carillon::bench {

namespace chrono = std::chrono;

namespace {

/// The number in `text`, which must be digits only.
std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-')
    return std::nullopt;
  return value;
}

}  // namespace

steady_time steady_now() {
  return chrono::steady_clock::now();
}

wall_time wall_now() {
  return chrono::floor<chrono::microseconds>(chrono::system_clock::now());
}

void append_instant(std::string& out, due_time moment) {
  const auto day = chrono::floor<chrono::days>(moment);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss time{moment - day};
  fmt::format_to(std::back_inserter(out), FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z"),
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                 time.seconds().count(), time.subseconds().count());
}

std::optional<due_time> parse_instant(std::string_view text) {
  constexpr std::string_view shape = "YYYY-MM-DDTHH:MM:SS";
  if (text.size() < shape.size() + 1 || text.back() != 'Z')
    return std::nullopt;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  const auto hour = number(text.substr(11, 2));
  const auto minute = number(text.substr(14, 2));
  const auto second = number(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second)
    return std::nullopt;
  auto fraction = text.substr(shape.size(), text.size() - shape.size() - 1);
  int milliseconds = 0;
  if (!fraction.empty()) {
    const auto digits = number(fraction.substr(1));
    if (fraction.size() != 4 || fraction.front() != '.' || !digits)
      return std::nullopt;
    milliseconds = *digits;
  }
  const chrono::year_month_day date{chrono::year{*year},
                                    chrono::month{static_cast<unsigned>(*month)},
                                    chrono::day{static_cast<unsigned>(*day)}};
  return chrono::sys_days{date} + chrono::hours{*hour} + chrono::minutes{*minute}
         + chrono::seconds{*second} + chrono::milliseconds{milliseconds};
}

steady_time to_steady(due_time moment) {
  return steady_now() + (moment - wall_now());
}

double to_seconds(chrono::nanoseconds length) {
  return chrono::duration<double>(length).count();
}

double to_milliseconds(chrono::nanoseconds length) {
  return chrono::duration<double, std::milli>(length).count();
}

chrono::nanoseconds from_seconds(double seconds) {
  return chrono::duration_cast<chrono::nanoseconds>(chrono::duration<double>(seconds));
}

}  // namespace carillon::bench
