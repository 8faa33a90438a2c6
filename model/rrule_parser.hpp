#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/rrule_lines.hpp"
#include "model/rrule_parts.hpp"

namespace carillon {

/// What a recurrence text says; every time is local.
struct rrule_text {
  std::optional<rrule_parts> rule = {};
  std::optional<local_seconds> start = {};   ///< DTSTART.
  std::vector<local_seconds> added = {};     ///< RDATE, sorted.
  std::vector<local_seconds> excluded = {};  ///< EXDATE, sorted.
};

/// Reads the lines, and the rule among them. What it may say and still never match is not looked
/// at.
expected<rrule_text> read_rrule_text(std::string_view text, const zone& where,
                                     std::string_view location);

/// The value of an RRULE line. Empty: `faults` says why.
std::optional<rrule_parts> read_rrule_parts(const rrule_piece& value, const zone& where,
                                            rrule_faults& faults);

}  // namespace carillon
