#include "model/instant.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace carillon {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

problem refused(std::string_view reason) {
  return {problem_kind::invalid,
          "must be a timestamp such as 2030-08-01T00:00:00Z" + std::string{reason}};
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

// -- reading, from left to right ----------------------------------------------

/// A length of time as it is written, which may be finer than our grain.
struct written_time {
  milliseconds whole{};
  bool has_more = false;  ///< Digits below a millisecond that are not zero.
};

class cursor {
public:
  explicit cursor(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool skip(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `count` digits.
  std::optional<int> number(std::size_t count) {
    if (rest_.size() < count)
      return {};
    int read = 0;
    for (std::size_t at = 0; at < count; ++at) {
      if (!is_digit(rest_[at]))
        return {};
      read = read * 10 + (rest_[at] - '0');
    }
    rest_.remove_prefix(count);
    return read;
  }

  /// The digits after the point: one at least.
  std::optional<written_time> fraction() {
    written_time read;
    auto unit = milliseconds{100};
    const auto before = rest_.size();
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1), unit /= 10) {
      read.whole += unit * (rest_.front() - '0');
      read.has_more = read.has_more || (unit == milliseconds{0} && rest_.front() != '0');
    }
    if (rest_.size() == before)
      return {};
    return read;
  }

private:
  std::string_view rest_;
};

expected<std::chrono::sys_days> read_date(cursor& input) {
  const auto year = input.number(4);
  if (!year || !input.skip("-"))
    return refused("");
  const auto month = input.number(2);
  if (!month || !input.skip("-"))
    return refused("");
  const auto day = input.number(2);
  if (!day)
    return refused("");
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok())
    return refused(": there is no such day");
  return std::chrono::sys_days{date};
}

expected<written_time> read_time_of_day(cursor& input) {
  const auto hour = input.number(2);
  if (!hour || !input.skip(":"))
    return refused("");
  const auto minute = input.number(2);
  if (!minute || !input.skip(":"))
    return refused("");
  const auto second = input.number(2);
  if (!second)
    return refused("");
  if (*hour > 23 || *minute > 59 || *second > 60)
    return refused(": there is no such time of day");
  written_time time{hours{*hour} + minutes{*minute} + seconds{*second}};
  if (input.skip(".")) {
    const auto fraction = input.fraction();
    if (!fraction)
      return refused("");
    time.whole += fraction->whole;
    time.has_more = fraction->has_more;
  }
  return time;
}

/// How far the clock is ahead of UTC.
expected<minutes> read_offset(cursor& input) {
  if (input.at_end())
    return refused(": Z or an offset such as +02:00 is missing");
  if (input.skip("Zz"))
    return minutes{0};
  const bool ahead = input.skip("+");
  if (!ahead && !input.skip("-"))
    return refused("");
  const auto hour = input.number(2);
  if (!hour || !input.skip(":"))
    return refused("");
  const auto minute = input.number(2);
  if (!minute)
    return refused("");
  if (*hour > 23 || *minute > 59)
    return refused(": there is no such offset");
  const minutes offset = hours{*hour} + minutes{*minute};
  return ahead ? offset : -offset;
}

// -- writing ------------------------------------------------------------------

char* put(char* out, int number, int digits) {
  for (auto* at = out + digits; at != out; number /= 10)
    *--at = static_cast<char>('0' + number % 10);
  return out + digits;
}

char* put(char* out, char letter) {
  *out = letter;
  return out + 1;
}

}  // namespace

expected<instant> parse_instant(std::string_view text) {
  cursor input{text};
  const auto date = read_date(input);
  if (!date)
    return date.error();
  if (!input.skip("Tt "))
    return refused("");
  const auto time = read_time_of_day(input);
  if (!time)
    return time.error();
  const auto offset = read_offset(input);
  if (!offset)
    return offset.error();
  if (!input.at_end())
    return refused("");

  const instant moment = *date + time->whole - *offset;
  if (moment < instant_min || moment > instant_max)
    return refused(": it is outside the years 0000 to 9999");
  // 9999-12-31T23:59:59.999999Z is how others write "never", and there is nothing to round it to.
  return time->has_more && moment < instant_max ? moment + milliseconds{1} : moment;
}

std::string format_instant(instant moment, fraction digits) {
  std::string out;
  append_instant(out, moment, digits);
  return out;
}

void append_instant(std::string& out, instant moment, fraction digits) {
  moment = std::clamp(moment, instant_min, instant_max);
  const auto day = std::chrono::floor<days>(moment);
  const std::chrono::year_month_day date{day};
  const auto since_midnight = static_cast<int>((moment - day).count());
  const int second = since_midnight / 1000;
  const int millisecond = since_midnight % 1000;

  std::array<char, sizeof("2030-08-01T00:00:00.000Z")> text;
  auto* at = put(text.data(), static_cast<int>(date.year()), 4);
  at = put(put(at, '-'), static_cast<int>(static_cast<unsigned>(date.month())), 2);
  at = put(put(at, '-'), static_cast<int>(static_cast<unsigned>(date.day())), 2);
  at = put(put(at, 'T'), second / 3600, 2);
  at = put(put(at, ':'), second / 60 % 60, 2);
  at = put(put(at, ':'), second % 60, 2);
  if (digits == fraction::always || millisecond != 0)
    at = put(put(at, '.'), millisecond, 3);
  at = put(at, 'Z');
  out.append(text.data(), at);
}

}  // namespace carillon
