#pragma once

#include <cstddef>
#include <vector>

#include "model/rule_words.hpp"

namespace carillon {

/// notes_of() as far as months are concerned that a rule leaves out, because it is a rule for the
/// 29th, 30th or 31st and they have none. Each note is of the moment after such a month.
std::vector<rule_note> notes_of_short_months(const recurrence_spec& spec, const recurrence& rule,
                                             instant from, instant to, std::size_t limit);

}  // namespace carillon
