#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/zone.hpp"

namespace carillon {

struct cron_fields;

/// One cron expression: five fields, or six with seconds first; names, ranges, steps, lists, L, W,
/// #; or a macro (@hourly @daily @midnight @weekly @monthly @yearly @annually). Works on local time
/// alone and knows no zones. Immutable; any thread.
///
/// Day-of-month with day-of-week: either matches when neither begins with a literal star, else both
/// (crontab(5)). 0 and 7 are Sunday. cron_parser.hpp has the details of the text.
class cron_expression {
public:
  /// `location` names the text in faults ("body.cron"). The problem is of kind invalid; its faults
  /// name the field, the place in it and what is expected. An expression that can never match
  /// (30 February) is refused too.
  static expected<cron_expression> parse(std::string_view text, std::string_view location);

  /// The first match strictly after / the last strictly before, in the years 0 to 9999. About a
  /// microsecond for a rule that matches once in 40 years, a tenth of it for ordinary ones.
  [[nodiscard]] std::optional<local_seconds> next(local_seconds after) const;
  [[nodiscard]] std::optional<local_seconds> previous(local_seconds before) const;

  /// The minute or the hour field begins with a star: the rule is an interval and follows real time
  /// (cron(8)) instead of the clock on the wall.
  [[nodiscard]] bool is_interval() const { return interval_; }

private:
  explicit cron_expression(const cron_fields& fields);

  [[nodiscard]] bool can_match() const;
  [[nodiscard]] std::uint32_t days_of(std::chrono::year_month month) const;

  // In each direction (cron.cpp), the match nearest to a moment, itself included.
  template <class Direction>
  [[nodiscard]] std::optional<local_seconds> nearest(local_seconds from) const;
  template <class Direction>
  [[nodiscard]] std::optional<std::chrono::local_days> nearest_day(
      std::chrono::local_days from) const;
  template <class Direction>
  [[nodiscard]] std::optional<std::chrono::seconds> nearest_time(std::chrono::seconds from) const;

  // In each set, bit n is the value n.
  std::uint64_t seconds_;
  std::uint64_t minutes_;
  std::uint32_t hours_;
  std::uint16_t months_;
  bool interval_;
  /// The days of a month depend on its shape alone: [length - 28][weekday of the 1st, 0 is Sunday].
  std::array<std::array<std::uint32_t, 7>, 4> days_by_shape_;
};

}  // namespace carillon
