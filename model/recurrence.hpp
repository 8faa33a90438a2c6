#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/zone.hpp"

namespace carillon {

/// What decides when a schedule fires. The numbers are on disk: append only.
enum class schedule_kind : std::uint8_t { cron, rrule, once, event, manual, service };

/// Fires by time. The others are started by something else.
constexpr bool has_moments(schedule_kind kind) {
  return kind == schedule_kind::cron || kind == schedule_kind::rrule || kind == schedule_kind::once;
}

std::string_view to_string(schedule_kind kind);
std::optional<schedule_kind> parse_schedule_kind(std::string_view word);

/// A local time that the clocks skip over.
enum class dst_gap : std::uint8_t {
  after,  ///< Fires at the first instant after the gap, once for all that fell into it.
  skip,   ///< Does not fire.
};
/// A local time that comes twice.
enum class dst_repeat : std::uint8_t { first, second, both };

/// How rules of the clock on the wall meet changes of the clock. Intervals (@every, and cron whose
/// minute or hour field begins with a star) follow real time and have no use for it.
struct dst_rules {
  dst_gap gap = dst_gap::after;
  dst_repeat repeat = dst_repeat::first;

  bool operator==(const dst_rules&) const = default;
};

struct recurrence_spec {
  schedule_kind kind = schedule_kind::cron;
  /// cron: expressions joined by "|", each cron or "@every 90s". rrule: see rrule_set. once: an
  /// instant, or a local time without an offset. event: the topic. manual, service: empty.
  std::string expr;
  std::string timezone = "UTC";
  dst_rules dst = {};
  /// What "@every" counts from, and what an rrule without DTSTART is anchored at.
  instant anchor{};
  /// recurrence::counted_last() of the same expression, or empty.
  std::optional<local_seconds> counted_last = {};

  bool operator==(const recurrence_spec&) const = default;
};

/// A moment of a rule.
struct moment {
  instant at;
  bool runs = true;  ///< False: the other pass of a repeated local time; it is only recorded.

  bool operator==(const moment&) const = default;
};

/// A rule ready to be asked. Immutable, cheap to copy; any thread. The one source of moments: what
/// preview shows and what fires.
class recurrence {
public:
  /// Kinds event and manual have no moments. The problem is of kind invalid, its faults are located
  /// at `expr_location` or `timezone_location` ("body.schedule_expr", "body.timezone"); a rule that
  /// can never fire is refused.
  static expected<recurrence> compile(const recurrence_spec& spec, const zone_source& zones,
                                      std::string_view expr_location,
                                      std::string_view timezone_location);

  /// The first moment strictly after / the last strictly before. Several rules that meet in one
  /// instant are one moment; it runs if one of them runs.
  [[nodiscard]] std::optional<moment> next(instant after) const;
  [[nodiscard]] std::optional<moment> previous(instant before) const;

  [[nodiscard]] const zone& where() const;
  /// To be kept in the spec.
  [[nodiscard]] std::optional<local_seconds> counted_last() const;

private:
  struct parts;
  explicit recurrence(std::shared_ptr<const parts> all) : parts_{std::move(all)} {}

  std::shared_ptr<const parts> parts_;
};

}  // namespace carillon
