#include <algorithm>
#include <array>
#include <charconv>

#include "model/rrule_parser.hpp"

namespace carillon {

namespace {

constexpr std::int64_t interval_max = 1'000'000'000;
constexpr std::int64_t count_max = 1'000'000;

struct frequency_word {
  std::string_view word;
  rrule_frequency frequency;
};
constexpr std::array frequency_words{
    frequency_word{"SECONDLY", rrule_frequency::secondly},
    frequency_word{"MINUTELY", rrule_frequency::minutely},
    frequency_word{"HOURLY", rrule_frequency::hourly},
    frequency_word{"DAILY", rrule_frequency::daily},
    frequency_word{"WEEKLY", rrule_frequency::weekly},
    frequency_word{"MONTHLY", rrule_frequency::monthly},
    frequency_word{"YEARLY", rrule_frequency::yearly},
};

constexpr std::array<std::string_view, 7> weekday_words{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

/// A part that is a list of numbers.
struct list_part {
  std::string_view name;
  std::vector<int> rrule_parts::*list;
  int min;
  int max;
  bool from_end;  ///< A minus counts from the end.
};
constexpr std::array list_parts{
    list_part{"BYSECOND", &rrule_parts::by_second, 0, 60, false},
    list_part{"BYMINUTE", &rrule_parts::by_minute, 0, 59, false},
    list_part{"BYHOUR", &rrule_parts::by_hour, 0, 23, false},
    list_part{"BYMONTHDAY", &rrule_parts::by_month_day, 1, 31, true},
    list_part{"BYYEARDAY", &rrule_parts::by_year_day, 1, 366, true},
    list_part{"BYWEEKNO", &rrule_parts::by_week_no, 1, 53, true},
    list_part{"BYMONTH", &rrule_parts::by_month, 1, 12, false},
    list_part{"BYSETPOS", &rrule_parts::by_set_pos, 1, 366, true},
};

std::string range_words(const list_part& part) {
  const auto max = std::to_string(part.max);
  auto words = "must be " + std::to_string(part.min) + " to " + max;
  if (part.from_end)
    words += ", or -1 to -" + max + " from the end";
  return words;
}

/// All of `text` as digits; empty when it is not, or when it is over ten of them.
std::optional<std::int64_t> read_number(std::string_view text) {
  if (text.empty() || text.size() > 10 || text.find_first_not_of("0123456789") != text.npos)
    return {};
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "+3" is 3, "-3" is -3.
std::optional<std::int64_t> read_signed(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+'))
    text.remove_prefix(1);
  const auto number = read_number(text);
  if (!number)
    return {};
  return negative ? -*number : *number;
}

std::optional<unsigned> read_weekday(std::string_view text) {
  const auto* const found = std::find(weekday_words.begin(), weekday_words.end(), capitals(text));
  if (found == weekday_words.end())
    return {};
  return static_cast<unsigned>(found - weekday_words.begin());
}

class part_reader {
public:
  part_reader(const zone& where, rrule_faults& faults) : where_{where}, faults_{faults} {}

  void read(const rrule_piece& part) {
    const auto equals = part.text.find('=');
    if (equals == std::string_view::npos) {
      faults_.add("a part", part.position(), "must have the form NAME=VALUE", part.text);
      return;
    }
    const auto name = capitals(part.text.substr(0, equals));
    if (position_of(name))
      faults_.add(name, part.position(), "is given twice");
    seen_.push_back({name, part.position()});
    read_value(name, part.part(equals + 1, part.text.size() - equals - 1));
  }

  rrule_parts finish(std::size_t position) {
    if (!position_of("FREQ"))
      faults_.add("FREQ", position, "is missing");
    else if (is_frequency_known_)
      check_parts_together();
    return std::move(rule_);
  }

private:
  struct seen_part {
    std::string name;
    std::size_t position;
  };

  [[nodiscard]] std::optional<std::size_t> position_of(std::string_view name) const {
    for (const auto& part : seen_) {
      if (part.name == name)
        return part.position;
    }
    return {};
  }

  void read_value(const std::string& name, const rrule_piece& value) {
    for (const auto& part : list_parts) {
      if (part.name == name)
        return read_list(part, value);
    }
    if (name == "FREQ")
      read_frequency(value);
    else if (name == "INTERVAL")
      rule_.interval = read_positive(name, value, interval_max);
    else if (name == "COUNT")
      rule_.count = read_positive(name, value, count_max);
    else if (name == "UNTIL")
      read_until(value);
    else if (name == "WKST")
      read_week_start(value);
    else if (name == "BYDAY")
      read_days(value);
    else
      faults_.add(excerpt(name), value.position(), "is not a part of RFC 5545's RRULE", name);
  }

  void read_frequency(const rrule_piece& value) {
    const auto word = capitals(value.text);
    for (const auto& known : frequency_words) {
      if (known.word == word) {
        rule_.frequency = known.frequency;
        is_frequency_known_ = true;
        return;
      }
    }
    faults_.add("FREQ", value.position(),
                "must be SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY", value.text);
  }

  std::int64_t read_positive(std::string_view name, const rrule_piece& value, std::int64_t max) {
    const auto number = read_number(value.text);
    if (number && *number >= 1 && *number <= max)
      return *number;
    faults_.add(name, value.position(), "must be a whole number from 1 to " + std::to_string(max),
                value.text);
    return 1;
  }

  void read_until(const rrule_piece& value) {
    const auto date = read_rrule_date(value.text);
    if (date)
      rule_.until = local_of(*date, where_);
    else
      faults_.add("UNTIL", value.position(),
                  "must be a date such as 20300131, 20300131T090000 or 20300131T090000Z",
                  value.text);
  }

  void read_week_start(const rrule_piece& value) {
    if (const auto weekday = read_weekday(value.text))
      rule_.week_start = *weekday;
    else
      faults_.add("WKST", value.position(), "must be SU, MO, TU, WE, TH, FR or SA", value.text);
  }

  void read_list(const list_part& part, const rrule_piece& value) {
    auto& list = rule_.*part.list;
    for (const auto& piece : split(value, ',')) {
      const auto number = part.from_end ? read_signed(piece.text) : read_number(piece.text);
      const auto size = number && part.from_end ? std::abs(*number) : number.value_or(-1);
      if (size < part.min || size > part.max)
        faults_.add(part.name, piece.position(), range_words(part), piece.text);
      else
        list.push_back(static_cast<int>(*number));
    }
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }

  void read_days(const rrule_piece& value) {
    for (const auto& piece : split(value, ',')) {
      const auto& text = piece.text;
      const auto word = std::min(text.size(), std::max<std::size_t>(text.size(), 2) - 2);
      const auto weekday = read_weekday(text.substr(word));
      const auto ordinal = word == 0 ? 0 : read_signed(text.substr(0, word)).value_or(54);
      if (!weekday || std::abs(ordinal) > 53 || (word > 0 && ordinal == 0))
        faults_.add("BYDAY", piece.position(),
                    "must be SU, MO, TU, WE, TH, FR or SA, after a number from 1 to 53 or -1 to "
                    "-53 where only the n-th is meant",
                    text);
      else
        rule_.by_day.push_back({static_cast<int>(ordinal), *weekday});
    }
  }

  // -- what parts say together ------------------------------------------------

  void refuse(std::string_view name, std::string_view message) {
    faults_.add(name, position_of(name).value_or(0), message);
  }

  void check_parts_together() {
    using enum rrule_frequency;
    const auto frequency = rule_.frequency;
    if (rule_.count && rule_.until)
      refuse("COUNT", "may not be given with UNTIL");
    if (position_of("BYWEEKNO") && frequency != yearly)
      refuse("BYWEEKNO", "may only be given with FREQ=YEARLY");
    if (position_of("BYYEARDAY") && frequency >= daily && frequency != yearly)
      refuse("BYYEARDAY", "may not be given with FREQ=DAILY, WEEKLY or MONTHLY");
    if (position_of("BYMONTHDAY") && frequency == weekly)
      refuse("BYMONTHDAY", "may not be given with FREQ=WEEKLY");
    check_ordinals();
    const auto is_by = [](const seen_part& part) {
      return part.name.starts_with("BY") && part.name != "BYSETPOS";
    };
    if (position_of("BYSETPOS") && std::none_of(seen_.begin(), seen_.end(), is_by))
      refuse("BYSETPOS", "needs another BY part to choose from");
  }

  void check_ordinals() {
    const bool has_ordinal = std::any_of(rule_.by_day.begin(), rule_.by_day.end(),
                                         [](const auto& day) { return day.ordinal != 0; });
    if (has_ordinal && rule_.frequency < rrule_frequency::monthly)
      refuse("BYDAY", "may have numbers only with FREQ=MONTHLY or YEARLY");
    if (has_ordinal && position_of("BYWEEKNO"))
      refuse("BYDAY", "may have no numbers with BYWEEKNO");
  }

  const zone& where_;
  rrule_faults& faults_;
  rrule_parts rule_;
  std::vector<seen_part> seen_;
  bool is_frequency_known_ = false;
};

}  // namespace

std::optional<rrule_parts> read_rrule_parts(const rrule_piece& value, const zone& where,
                                            rrule_faults& faults) {
  part_reader reader{where, faults};
  for (const auto& part : split(value, ';'))
    reader.read(part);
  auto rule = reader.finish(value.position());
  return faults.empty() ? std::optional{std::move(rule)} : std::nullopt;
}

}  // namespace carillon
