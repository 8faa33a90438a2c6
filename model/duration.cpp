#include "model/duration.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace carillon {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::weeks;

problem refused(std::string_view reason) {
  return {problem_kind::invalid,
          "must be a duration such as 30s, 1h30m or PT30S" + std::string{reason}};
}

problem too_long() {
  return refused(": at most 100 years");
}

struct iso_unit {
  char letter;
  bool of_day;  ///< Stands after the T.
  duration length;
};

struct word_unit {
  std::string_view word;
  duration length;
};

// Both in the order in which they may be written.
constexpr std::array iso_units{
    iso_unit{'W', false, weeks{1}},  iso_unit{'D', false, days{1}},   iso_unit{'H', true, hours{1}},
    iso_unit{'M', true, minutes{1}}, iso_unit{'S', true, seconds{1}},
};
constexpr std::array word_units{
    word_unit{"w", weeks{1}},   word_unit{"d", days{1}},    word_unit{"h", hours{1}},
    word_unit{"m", minutes{1}}, word_unit{"s", seconds{1}}, word_unit{"ms", milliseconds{1}},
};

// -- reading numbers ----------------------------------------------------------

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

char upper(char byte) {
  return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 32) : byte;
}

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count]))
    ++count;
  const auto digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

/// `digits` times `unit`; empty when that is over duration_max.
std::optional<duration> whole_units(std::string_view digits, duration unit) {
  const auto count_max = duration_max / unit;
  std::int64_t count = 0;
  for (const char digit : digits) {
    count = count * 10 + (digit - '0');
    if (count > count_max)
      return {};
  }
  return unit * count;
}

/// 0.`decimals` of `unit`, rounded up. Exact for any number of digits: dividing by ten and rounding
/// up digit by digit, from the last, is the same as doing it once.
duration part_of_unit(std::string_view decimals, duration unit) {
  std::int64_t sum = 0;
  for (auto digit = decimals.rbegin(); digit != decimals.rend(); ++digit)
    sum = (sum + (*digit - '0') * unit.count() + 9) / 10;
  return duration{sum};
}

// -- the two forms ------------------------------------------------------------

/// One "1.5H" and what has to hold for the next.
class iso_reader {
public:
  explicit iso_reader(std::string_view after_p) : rest_{after_p} {}

  expected<duration> run() {
    do {
      if (!of_day_ && !rest_.empty() && upper(rest_.front()) == 'T') {
        of_day_ = true;
        rest_.remove_prefix(1);
      }
      if (auto wrong = component())
        return *std::move(wrong);
    } while (!rest_.empty());
    return total_;
  }

private:
  std::optional<problem> component() {
    const auto digits = take_digits(rest_);
    std::string_view decimals;
    if (!rest_.empty() && (rest_.front() == '.' || rest_.front() == ',')) {
      rest_.remove_prefix(1);
      decimals = take_digits(rest_);
      if (decimals.empty())
        return refused("");
    }
    if (digits.empty() || rest_.empty())
      return refused("");
    const auto letter = upper(rest_.front());
    rest_.remove_prefix(1);
    if (!of_day_ && (letter == 'Y' || letter == 'M'))
      return refused(": years and months have no fixed length");
    const auto unit = find_unit(letter);
    const bool must_be_last = letter == 'W' || !decimals.empty();
    if (!unit || (must_be_last && !rest_.empty()))
      return refused("");
    const auto whole = whole_units(digits, *unit);
    if (!whole)
      return too_long();
    total_ += *whole + part_of_unit(decimals, *unit);
    if (total_ > duration_max)
      return too_long();
    return {};
  }

  /// Units fall and none comes twice.
  std::optional<duration> find_unit(char letter) {
    while (next_unit_ < iso_units.size()) {
      const auto& unit = iso_units[next_unit_++];
      if (unit.letter == letter && unit.of_day == of_day_)
        return unit.length;
    }
    return {};
  }

  std::string_view rest_;
  bool of_day_ = false;
  std::size_t next_unit_ = 0;
  duration total_{};
};

expected<duration> read_words(std::string_view text) {
  duration total{};
  std::size_t next_unit = 0;
  do {
    const auto digits = take_digits(text);
    if (digits.empty())
      return refused("");
    const auto letters = text.substr(0, text.find_first_of("0123456789 "));
    if (letters.empty())
      return refused(": a number needs a unit");
    text.remove_prefix(letters.size());
    while (next_unit < word_units.size() && word_units[next_unit].word != letters)
      ++next_unit;
    if (next_unit == word_units.size())
      return refused(": the units are w, d, h, m, s and ms, in this order, in whole numbers");
    const auto length = whole_units(digits, word_units[next_unit++].length);
    if (!length || total + *length > duration_max)
      return too_long();
    total += *length;
    if (const auto next = text.find_first_not_of(' '); next != std::string_view::npos)
      text.remove_prefix(next);
  } while (!text.empty());
  return total;
}

// -- writing ------------------------------------------------------------------

/// Takes the sign off. Unsigned, so that the smallest duration has an opposite too.
std::uint64_t take_sign(std::string& out, duration length) {
  const auto count = static_cast<std::uint64_t>(length.count());
  if (length >= duration::zero())
    return count;
  out += '-';
  return 0 - count;
}

/// The whole units of `length` that are in `rest`, which keeps what is left.
std::uint64_t take_units(std::uint64_t& rest, duration length) {
  const auto unit = static_cast<std::uint64_t>(length.count());
  const auto count = rest / unit;
  rest %= unit;
  return count;
}

void append_seconds(std::string& out, std::uint64_t count) {
  out += std::to_string(count / 1000);
  if (count % 1000 != 0) {
    const auto decimals = std::to_string(1000 + count % 1000);
    out += '.';
    out.append(decimals, 1, decimals.find_last_not_of('0'));
  }
  out += 'S';
}

}  // namespace

expected<duration> parse_duration(std::string_view text) {
  if (text.starts_with('-'))
    return refused(": it must not be negative");
  if (text.starts_with('P') || text.starts_with('p'))
    return iso_reader{text.substr(1)}.run();
  return read_words(text);
}

std::string format_duration(duration length) {
  std::string out;
  auto rest = take_sign(out, length);
  out += 'P';
  if (const auto count = take_units(rest, days{1}))
    out += std::to_string(count) + 'D';
  if (rest == 0 && out.back() == 'D')
    return out;
  out += 'T';
  if (const auto count = take_units(rest, hours{1}))
    out += std::to_string(count) + 'H';
  if (const auto count = take_units(rest, minutes{1}))
    out += std::to_string(count) + 'M';
  if (rest != 0 || out.back() == 'T')
    append_seconds(out, rest);
  return out;
}

std::string format_duration_words(duration length) {
  if (length == duration::zero())
    return "0s";
  std::string out;
  auto rest = take_sign(out, length);
  for (const auto& unit : word_units) {
    if (unit.length > days{1})
      continue;  // 7d says more than 1w
    if (const auto count = take_units(rest, unit.length))
      out.append(std::to_string(count)).append(unit.word);
  }
  return out;
}

}  // namespace carillon
