#include "model/english.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace carillon {

namespace {

constexpr std::array<std::string_view, 12> month_names{
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> weekday_names{
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

// More times of day than this are told by their fields.
constexpr std::size_t clock_times_max = 6;

/// One item for each number, or "first to last" for a run of three and more.
template <class Name>
std::vector<std::string> runs(std::span<const int> numbers, const Name& name) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin < numbers.size();) {
    auto end = begin + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1)
      ++end;
    if (end - begin < 3)
      end = begin + 1;
    items.emplace_back(name(numbers[begin]));
    if (end - begin > 1)
      items.back().append(" to ").append(name(numbers[end - 1]));
    begin = end;
  }
  return items;
}

}  // namespace

std::string listed(std::span<const std::string> items, std::string_view last_word) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0 && i + 1 == items.size())
      text.append(" ").append(last_word).append(" ");
    else if (i > 0)
      text += ", ";
    text += items[i];
  }
  return text;
}

std::string counted(std::int64_t number, std::string_view noun) {
  return number == 1 ? std::string{noun} : std::to_string(number) + " " + std::string{noun} + "s";
}

std::string numbered(std::string_view noun, std::span<const int> numbers) {
  return std::string{noun} + (numbers.size() == 1 ? " " : "s ")
         + listed(runs(numbers, [](int number) { return std::to_string(number); }));
}

std::string ordinal(int number) {
  if (number == -1)
    return "last";
  if (number < 0)
    return ordinal(-number) + " last";
  const auto teen = number / 10 % 10 == 1;
  const auto digit = number % 10;
  const auto* const ending = teen         ? "th"
                             : digit == 1 ? "st"
                             : digit == 2 ? "nd"
                             : digit == 3 ? "rd"
                                          : "th";
  return std::to_string(number) + ending;
}

std::string listed_ordinals(std::span<const int> numbers) {
  const auto from_begin = std::ranges::find_if(numbers, [](int number) { return number > 0; });
  const auto negative = static_cast<std::size_t>(from_begin - numbers.begin());
  auto items = runs(numbers.subspan(negative), ordinal);
  for (const auto number : numbers.first(negative))
    items.push_back(ordinal(number));
  return listed(items);
}

std::string_view month_name(int month) {
  return month_names[static_cast<std::size_t>(month - 1)];
}

std::string listed_months(std::span<const int> months) {
  return listed(runs(months, month_name));
}

std::string_view weekday_name(int weekday) {
  return weekday_names[static_cast<std::size_t>(weekday % 7)];
}

std::string listed_weekdays(std::vector<int> weekdays, std::string_view last_word) {
  std::ranges::replace(weekdays, 0, 7);
  std::ranges::sort(weekdays);
  return listed(runs(weekdays, weekday_name), last_word);
}

std::string time_of_day(int hour, int minute, int second) {
  const auto part = [](int number) {
    return std::string{static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  };
  return part(hour) + ":" + part(minute) + (second == 0 ? "" : ":" + part(second));
}

// -- times of the day ---------------------------------------------------------------

namespace {

/// The n of "every n": the whole circle of `count` in equal steps from 0. 0: there is none.
int even_step(const std::vector<int>& numbers, int count) {
  const auto size = static_cast<int>(numbers.size());
  if (size == 1 || numbers.front() != 0 || count % size != 0)
    return 0;
  const auto step = count / size;
  for (std::size_t i = 1; i < numbers.size(); ++i)
    if (numbers[i] != numbers[i - 1] + step)
      return 0;
  return step;
}

bool is_run(const std::vector<int>& numbers) {
  return numbers.back() - numbers.front() + 1 == static_cast<int>(numbers.size());
}

std::string told_one_by_one(const clock_times& times) {
  std::vector<std::string> items;
  for (const auto hour : times.hours)
    for (const auto minute : times.minutes)
      for (const auto second : times.seconds)
        items.push_back(time_of_day(hour, minute, second));
  return "at " + listed(items);
}

/// Which hours something that happens within them is limited to.
std::string limited_to_hours(const std::vector<int>& hours) {
  if (hours.size() == 24)
    return {};
  if (is_run(hours))
    return " from " + time_of_day(hours.front(), 0, 0) + " to " + time_of_day(hours.back(), 59, 0);
  return " in the " + numbered("hour", hours);
}

/// At the full minute.
std::string told_minutes(const clock_times& times) {
  const auto& minutes = times.minutes;
  const auto& hours = times.hours;
  if (const auto step = even_step(minutes, 60))
    return "every " + counted(step, "minute") + limited_to_hours(hours);
  const auto at_minutes = numbered("minute", minutes);
  if (minutes.size() == 1) {
    const auto at_minute = minutes.front() == 0 ? "" : " at " + at_minutes;
    if (const auto step = even_step(hours, 24))
      return "every " + counted(step, "hour") + at_minute;
    if (is_run(hours))
      return "every hour from " + time_of_day(hours.front(), minutes.front(), 0) + " to "
             + time_of_day(hours.back(), minutes.front(), 0);
  }
  return "at " + at_minutes + " of "
         + (hours.size() == 24 ? "every hour" : "the " + numbered("hour", hours));
}

std::string told_seconds(const clock_times& times) {
  const auto step = even_step(times.seconds, 60);
  auto text =
      step != 0 ? "every " + counted(step, "second") : "at " + numbered("second", times.seconds);
  if (times.minutes.size() < 60)
    text += (step != 0 ? " in " : " of ") + numbered("minute", times.minutes)
            + (times.hours.size() == 24 ? " of every hour" : "");
  else if (step == 0)
    text += " of every minute";
  return text + limited_to_hours(times.hours);
}

}  // namespace

std::string told(const clock_times& times) {
  const auto combinations = times.hours.size() * times.minutes.size() * times.seconds.size();
  if (combinations <= clock_times_max && even_step(times.hours, 24) == 0)
    return told_one_by_one(times);
  if (times.seconds.size() == 1 && times.seconds.front() == 0)
    return told_minutes(times);
  return told_seconds(times);
}

}  // namespace carillon
