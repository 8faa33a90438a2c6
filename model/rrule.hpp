#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/zone.hpp"

namespace carillon {

/// A recurrence set of RFC 5545: RRULE with DTSTART, EXDATE and RDATE. Works on local time; the
/// zone is only asked while reading, for values in UTC. Immutable; any thread.
///
/// DTSTART itself belongs to the set only when the rule matches it (as dateutil and rrule.js have
/// it; RFC 5545 leaves the other case undefined).
class rrule_set {
public:
  struct context {
    const zone* where;     ///< Of local values. Not owned; only used while reading.
    local_seconds anchor;  ///< Stands for DTSTART when the text has none.
    /// What counted_last() said of the same text: it is not counted again.
    std::optional<local_seconds> counted_last = {};
  };

  /// Reads "FREQ=...", or lines "DTSTART...", "RRULE:...", "EXDATE...", "RDATE..." in any order.
  /// `location` names the text in faults. The problem is of kind invalid, names the part and says
  /// why; a rule that can never match is refused, found out in bounded time.
  static expected<rrule_set> parse(std::string_view text, const context& around,
                                   std::string_view location);

  /// The first moment strictly after / the last strictly before.
  [[nodiscard]] std::optional<local_seconds> next(local_seconds after) const;
  [[nodiscard]] std::optional<local_seconds> previous(local_seconds before) const;

  /// With COUNT: the last moment the count allows. To be kept with the text, so that a later parse
  /// need not count again.
  [[nodiscard]] std::optional<local_seconds> counted_last() const;

private:
  struct parts;
  explicit rrule_set(std::shared_ptr<const parts> held);

  std::shared_ptr<const parts> parts_;
};

}  // namespace carillon
