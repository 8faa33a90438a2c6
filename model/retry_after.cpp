#include "model/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace carillon {
namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> day_names = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// -- dates (RFC 9110, 5.6.7) ----------------------------------------------------

/// Takes a date apart from the left. After the first misfit `ok` is false and the rest is skipped.
class date_reader {
public:
  explicit date_reader(std::string_view text) : rest_{text} {}

  date_reader& literal(std::string_view expected_text) {
    ok_ = ok_ && rest_.starts_with(expected_text);
    skip(expected_text.size());
    return *this;
  }

  date_reader& digits(std::size_t count, int& number) {
    ok_ =
        ok_ && rest_.size() >= count
        && std::all_of(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count), is_digit);
    if (ok_)
      std::from_chars(rest_.data(), rest_.data() + count, number);
    skip(count);
    return *this;
  }

  /// The day of an asctime date: " 6" or "16".
  date_reader& padded_day(int& number) {
    return rest_.starts_with(' ') ? literal(" ").digits(1, number) : digits(2, number);
  }

  date_reader& day_name(std::size_t letters_max) {
    const auto fits = [&](std::string_view name) {
      return rest_.starts_with(name.substr(0, letters_max));
    };
    const auto* const found = std::find_if(day_names.begin(), day_names.end(), fits);
    ok_ = ok_ && found != day_names.end();
    if (ok_)
      skip(std::min(found->size(), letters_max));
    return *this;
  }

  date_reader& month_name(int& number) {
    const auto* const found = std::find(month_names.begin(), month_names.end(), rest_.substr(0, 3));
    ok_ = ok_ && found != month_names.end();
    number = static_cast<int>(found - month_names.begin()) + 1;
    skip(3);
    return *this;
  }

  [[nodiscard]] bool is_complete() const { return ok_ && rest_.empty(); }

private:
  void skip(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }

  std::string_view rest_;
  bool ok_ = true;
};

struct civil_time {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

date_reader& read_time(date_reader& date, civil_time& out) {
  return date.digits(2, out.hour)
      .literal(":")
      .digits(2, out.minute)
      .literal(":")
      .digits(2, out.second);
}

/// Sun, 06 Nov 1994 08:49:37 GMT
bool read_imf(std::string_view text, civil_time& out) {
  date_reader date{text};
  date.day_name(3).literal(", ").digits(2, out.day).literal(" ").month_name(out.month);
  date.literal(" ").digits(4, out.year).literal(" ");
  return read_time(date, out).literal(" GMT").is_complete();
}

/// Sunday, 06-Nov-94 08:49:37 GMT
bool read_rfc850(std::string_view text, civil_time& out, instant now) {
  date_reader date{text};
  date.day_name(std::string_view::npos).literal(", ").digits(2, out.day).literal("-");
  date.month_name(out.month).literal("-").digits(2, out.year).literal(" ");
  // A year more than 50 years ahead is meant to be in the past.
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  const int this_year = static_cast<int>(today.year());
  out.year += this_year - this_year % 100;
  if (out.year > this_year + 50)
    out.year -= 100;
  return read_time(date, out).literal(" GMT").is_complete();
}

/// Sun Nov  6 08:49:37 1994
bool read_asctime(std::string_view text, civil_time& out) {
  date_reader date{text};
  date.day_name(3).literal(" ").month_name(out.month).literal(" ").padded_day(out.day).literal(" ");
  return read_time(date, out).literal(" ").digits(4, out.year).is_complete();
}

std::optional<instant> to_instant(const civil_time& time) {
  const std::chrono::year_month_day date{std::chrono::year{time.year},
                                         std::chrono::month{static_cast<unsigned>(time.month)},
                                         std::chrono::day{static_cast<unsigned>(time.day)}};
  if (!date.ok() || time.hour > 23 || time.minute > 59 || time.second > 60)  // 60: a leap second
    return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{time.hour}
         + std::chrono::minutes{time.minute} + seconds{time.second};
}

std::optional<instant> parse_date(std::string_view text, instant now) {
  if (civil_time time; read_imf(text, time))
    return to_instant(time);
  if (civil_time time; read_rfc850(text, time, now))
    return to_instant(time);
  if (civil_time time; read_asctime(text, time))
    return to_instant(time);
  return std::nullopt;
}

// -- seconds ----------------------------------------------------------------------

std::optional<instant> parse_seconds(std::string_view text, instant now) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit))
    return std::nullopt;
  int number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_too_large = result.ec == std::errc::result_out_of_range;
  return now
         + (is_too_large ? retry_after_max : std::min<duration>(seconds{number}, retry_after_max));
}

}  // namespace

std::optional<instant> parse_retry_after(std::string_view text, instant now) {
  text = trimmed(text);
  if (const auto moment = parse_seconds(text, now))
    return moment;
  if (const auto moment = parse_date(text, now))
    return std::clamp(*moment, now, now + retry_after_max);
  return std::nullopt;
}

}  // namespace carillon
