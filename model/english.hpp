#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carillon {

// Words for times and calendars, as rules are told to a person. Numbers come in rising order.

/// "a, b and c".
std::string listed(std::span<const std::string> items, std::string_view last_word = "and");

/// "5 minutes", "minute" alone for one.
std::string counted(std::int64_t number, std::string_view noun);
/// "minute 5", "minutes 5, 10 and 20 to 30".
std::string numbered(std::string_view noun, std::span<const int> numbers);

/// "1st", "22nd"; from the end "last", "3rd last".
std::string ordinal(int number);
/// "1st, 15th and last", "1st to 7th".
std::string listed_ordinals(std::span<const int> numbers);

/// 1 is January.
std::string_view month_name(int month);
/// "January to March".
std::string listed_months(std::span<const int> months);

/// 0 is Sunday, 7 too.
std::string_view weekday_name(int weekday);
/// "Monday to Friday", "Friday and Sunday": the week begins on Monday. 0 is Sunday.
std::string listed_weekdays(std::vector<int> weekdays, std::string_view last_word = "and");

/// "09:00", with the second only when there is one.
std::string time_of_day(int hour, int minute, int second);

/// The times of a day that are any combination of these. None of them is empty.
struct clock_times {
  std::vector<int> hours;
  std::vector<int> minutes;
  std::vector<int> seconds;
};
/// "at 09:00 and 17:30", "every 5 minutes from 09:00 to 17:59", "at minutes 5 and 10 of every
/// hour", "every 10 seconds": what a person would say when it is simple, else field by field.
std::string told(const clock_times& times);

}  // namespace carillon
