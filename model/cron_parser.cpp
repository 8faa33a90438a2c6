#include "model/cron_parser.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace carillon {

namespace {

struct macro {
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array macros{
    macro{"@hourly", "0 * * * *"},   macro{"@daily", "0 0 * * *"},
    macro{"@midnight", "0 0 * * *"}, macro{"@weekly", "0 0 * * 0"},
    macro{"@monthly", "0 0 1 * *"},  macro{"@yearly", "0 0 1 1 *"},
    macro{"@annually", "0 0 1 1 *"},
};

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names{"SUN", "MON", "TUE", "WED",
                                                        "THU", "FRI", "SAT"};

struct field_format {
  std::string_view name;
  int first;
  int last;
  int highest;  ///< That may be written: beyond the last, the circle begins again.
  bool circle;  ///< After the last value comes the first.
  std::span<const std::string_view> names = {};  ///< Of the first value, the next, ...

  [[nodiscard]] int count() const { return last - first + 1; }
};

constexpr field_format second_format{"second", 0, 59, 59, true};
constexpr field_format minute_format{"minute", 0, 59, 59, true};
constexpr field_format hour_format{"hour", 0, 23, 23, true};
constexpr field_format day_of_month_format{"day of month", 1, 31, 31, false};
constexpr field_format month_format{"month", 1, 12, 12, true, month_names};
constexpr field_format day_of_week_format{"day of week", 0, 6, 7, true, weekday_names};

// -- text ---------------------------------------------------------------------

char upper(char byte) {
  return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 32) : byte;
}

bool same_word(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, upper, upper);
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

bool is_control(char byte) {
  return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7F;
}

std::string quoted(std::string_view text) {
  return '"' + std::string{text} + '"';
}

std::vector<std::string_view> split_words(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string_view> words;
  for (auto begin = text.find_first_not_of(blanks); begin != std::string_view::npos;
       begin = text.find_first_not_of(blanks)) {
    text.remove_prefix(begin);
    words.push_back(text.substr(0, text.find_first_of(blanks)));
    text.remove_prefix(words.back().size());
  }
  return words;
}

// -- values -------------------------------------------------------------------

problem refused(std::string why) {
  return {problem_kind::invalid, std::move(why)};
}

cron_values bit(int value) {
  return cron_values{1} << static_cast<unsigned>(value);
}

/// Digits, and nothing else.
expected<int> read_number(std::string_view digits, int lowest, int highest) {
  constexpr int too_large = 1'000'000;
  int number = 0;
  for (const char digit : digits)
    number = std::min(number * 10 + (digit - '0'), too_large);
  if (number < lowest || number > highest)
    return refused(std::string{digits} + " is not between " + std::to_string(lowest) + " and "
                   + std::to_string(highest));
  return number;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

expected<int> read_value(const field_format& format, std::string_view text) {
  if (text.empty())
    return refused("a value is missing");
  if (is_number(text))
    return read_number(text, format.first, format.highest);
  const auto name = std::ranges::find_if(
      format.names, [text](std::string_view candidate) { return same_word(candidate, text); });
  if (name != format.names.end())
    return format.first + static_cast<int>(name - format.names.begin());
  auto why = quoted(text) + " is not a number from " + std::to_string(format.first) + " to "
             + std::to_string(format.highest);
  if (!format.names.empty())
    why.append(" or a name from ")
        .append(format.names.front())
        .append(" to ")
        .append(format.names.back());
  return refused(std::move(why));
}

struct value_range {
  int first;
  int last;  ///< Beyond the format's last: over the end of the circle. Never before `first`.
};

expected<value_range> read_range(const field_format& format, std::string_view text, bool stepped) {
  if (text == "*")
    return value_range{format.first, format.last};
  const auto dash = text.find('-');
  const bool one_value = dash == std::string_view::npos || dash == 0;
  const auto first = read_value(format, one_value ? text : text.substr(0, dash));
  if (!first)
    return first.error();
  if (one_value && !stepped)
    return value_range{*first, *first};
  const auto last = one_value ? format.last : read_value(format, text.substr(dash + 1));
  if (!last)
    return last.error();
  if (*last >= *first)
    return value_range{*first, *last};
  if (!format.circle)
    return refused(quoted(text) + " runs backwards");
  return value_range{*first, *last + format.count()};
}

/// One item of a list: `*`, a value or a range, with or without a step.
expected<cron_values> read_item(const field_format& format, std::string_view item) {
  const auto slash = item.find('/');
  const bool stepped = slash != std::string_view::npos;
  const auto range = read_range(format, item.substr(0, slash), stepped);
  if (!range)
    return range.error();
  int step = 1;
  if (stepped) {
    const auto digits = item.substr(slash + 1);
    if (!is_number(digits))
      return refused("the step " + quoted(digits) + " is not a number");
    const auto number = read_number(digits, 1, format.count());
    if (!number)
      return refused("the step " + number.error().detail);
    step = *number;
  }
  cron_values values = 0;
  for (int value = range->first; value <= range->last; value += step)
    values |= bit((value - format.first) % format.count() + format.first);
  return values;
}

/// One value alone, as a set.
expected<cron_values> read_single(const field_format& format, std::string_view text) {
  const auto value = read_value(format, text);
  if (!value)
    return value.error();
  return bit((*value - format.first) % format.count() + format.first);
}

// -- the day fields' own forms ------------------------------------------------

/// L and L-3.
expected<cron_values> read_before_last(std::string_view text) {
  if (text.size() == 1)
    return bit(0);
  const auto digits = text.substr(2);
  if (text[1] != '-' || !is_number(digits))
    return refused(quoted(text) + " is not a form of L: it may be L, L-3, LW or L-3W");
  const auto number = read_number(digits, 0, 30);
  if (!number)
    return number.error();
  return bit(*number);
}

expected<void> add_day_of_month(cron_days_of_month& days, std::string_view item) {
  const bool near = upper(item.back()) == 'W';
  const auto day = near ? item.substr(0, item.size() - 1) : item;
  const bool from_last = !day.empty() && upper(day.front()) == 'L';
  const auto values = from_last ? read_before_last(day)
                      : near    ? read_single(day_of_month_format, day)
                                : read_item(day_of_month_format, day);
  if (!values)
    return values.error();
  if (from_last)
    (near ? days.near_before_last : days.before_last) |= *values;
  else
    (near ? days.near_days : days.days) |= *values;
  return {};
}

expected<void> add_nth_day_of_week(cron_days_of_week& days, std::string_view day,
                                   std::string_view count) {
  const auto weekday = read_single(day_of_week_format, day);
  if (!weekday)
    return weekday.error();
  if (!is_number(count))
    return refused(quoted(count) + " after # is not a number from 1 to 5");
  const auto nth = read_number(count, 1, 5);
  if (!nth)
    return nth.error();
  days.nth[static_cast<std::size_t>(*nth - 1)] |= *weekday;
  return {};
}

expected<void> add_day_of_week(cron_days_of_week& days, std::string_view item) {
  if (const auto hash = item.find('#'); hash != std::string_view::npos)
    return add_nth_day_of_week(days, item.substr(0, hash), item.substr(hash + 1));
  const bool last = upper(item.back()) == 'L';
  if (last && item.size() == 1)
    return refused("L needs a day before it, such as FRIL");
  const auto values = last ? read_single(day_of_week_format, item.substr(0, item.size() - 1))
                           : read_item(day_of_week_format, item);
  if (!values)
    return values.error();
  (last ? days.last : days.every) |= *values;
  return {};
}

// -- the whole ----------------------------------------------------------------

/// Reads five or six words and gathers what is wrong with them.
class fields_reader {
public:
  fields_reader(std::span<const std::string_view> words, std::string_view location)
      : words_{words}, location_{location} {}

  expected<cron_fields> run() && {
    if (words_.size() == 6)
      fields_.seconds = read_values(second_format);
    const bool every_minute = begins_with_star();
    fields_.minutes = read_values(minute_format);
    fields_.interval = every_minute || begins_with_star();
    fields_.hours = read_values(hour_format);
    fields_.both_days = begins_with_star();
    read_field(day_of_month_format,
               [&](auto item) { return add_day_of_month(fields_.days_of_month, item); });
    fields_.months = read_values(month_format);
    fields_.both_days |= begins_with_star();
    read_field(day_of_week_format,
               [&](auto item) { return add_day_of_week(fields_.days_of_week, item); });
    if (!faults_.empty())
      return std::move(faults_).to_problem();
    return fields_;
  }

private:
  [[nodiscard]] bool begins_with_star() const {
    const auto word = words_[next_];
    return word.front() == '*' || word == "?";
  }

  cron_values read_values(const field_format& format) {
    cron_values all = 0;
    read_field(format, [&](auto item) -> expected<void> {
      const auto values = read_item(format, item);
      if (!values)
        return values.error();
      all |= *values;
      return {};
    });
    return all;
  }

  template <class ReadItem>
  void read_field(const field_format& format, const ReadItem& read_item_of_field) {
    auto rest = words_[next_++];
    const bool day_field = &format == &day_of_month_format || &format == &day_of_week_format;
    if (day_field && rest == "?")
      rest = "*";
    for (bool more = true; more;) {
      const auto comma = rest.find(',');
      const auto item = rest.substr(0, comma);
      const auto outcome =
          item.empty() ? refused("an item of the list is empty") : read_item_of_field(item);
      if (!outcome)
        faults_.add(std::string{location_}, place(format) + outcome.error().detail, item);
      more = comma != std::string_view::npos;
      rest.remove_prefix(more ? comma + 1 : rest.size());
    }
  }

  /// Of the field that was read last.
  [[nodiscard]] std::string place(const field_format& format) const {
    return "field " + std::to_string(next_) + " (" + std::string{format.name} + "): ";
  }

  std::span<const std::string_view> words_;
  std::string_view location_;
  std::size_t next_ = 0;
  cron_fields fields_;
  fault_list faults_;
};

problem single_fault(std::string_view location, std::string message, std::string_view value) {
  fault_list faults;
  faults.add(std::string{location}, std::move(message), value);
  return std::move(faults).to_problem();
}

}  // namespace

expected<cron_fields> parse_cron_fields(std::string_view text, std::string_view location) {
  if (text.size() > cron_bytes_max)
    return single_fault(location, "is longer than " + std::to_string(cron_bytes_max) + " bytes",
                        text);
  if (std::ranges::any_of(text, is_control))
    return single_fault(location, "has a control character in it", text);
  auto words = split_words(text);
  if (words.size() == 1 && words.front().front() == '@') {
    const auto known = std::ranges::find_if(
        macros, [&](const macro& one) { return same_word(one.name, words.front()); });
    if (known == macros.end())
      return single_fault(location,
                          "is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly "
                          "and @annually",
                          text);
    words = split_words(known->meaning);
  }
  if (words.size() != 5 && words.size() != 6)
    return single_fault(location,
                        "has " + std::to_string(words.size()) + (words.size() == 1 ? " field" : " fields")
                            + ": 5 are expected (minute, hour, day of month, month, day of week), "
                              "or 6 with the second before them",
                        text);
  return fields_reader{words, location}.run();
}

}  // namespace carillon
