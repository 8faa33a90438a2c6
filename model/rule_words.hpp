#pragma once

#include <string>
#include <vector>

#include "model/recurrence.hpp"

namespace carillon {

/// The rule in English, for a person: "At 09:00 on Monday, in Europe/Berlin". A valid spec. The
/// zone is left out where the rule does not depend on it.
std::string rule_in_words(const recurrence_spec& spec);

/// Something a person should know of the moments in (from, to].
struct rule_note {
  std::string kind;     ///< "gap", "repeat", "offset_change" or "short_month".
  instant at;           ///< The moment it is about.
  std::string message;  ///< One sentence.
};

/// What is special about the rule's moments in (from, to], in time order, at most `limit`: local
/// times that are skipped or come twice, changes of the offset between two moments, months that
/// have no such day.
std::vector<rule_note> notes_of(const recurrence_spec& spec, const recurrence& rule, instant from,
                                instant to, std::size_t limit);

}  // namespace carillon
