#include "model/recurrence.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "model/single_rule.hpp"

namespace carillon {

namespace {

constexpr std::array<std::string_view, 6> kind_words{"cron",  "rrule",  "once",
                                                     "event", "manual", "service"};

/// The one that comes first in the order `sooner`; in one instant they are one.
template <class Sooner>
std::optional<moment> merged(std::optional<moment> a, const std::optional<moment>& b,
                             Sooner sooner) {
  if (!a || (b && sooner(b->at, a->at)))
    return b;
  if (b && b->at == a->at)
    a->runs = a->runs || b->runs;
  return a;
}

}  // namespace

std::string_view to_string(schedule_kind kind) {
  return kind_words[static_cast<std::size_t>(kind)];
}

std::optional<schedule_kind> parse_schedule_kind(std::string_view word) {
  const auto found = std::find(kind_words.begin(), kind_words.end(), word);
  if (found == kind_words.end())
    return std::nullopt;
  return static_cast<schedule_kind>(found - kind_words.begin());
}

struct recurrence::parts {
  zone_ptr where;
  std::vector<single_rule> rules;  ///< A union.
};

expected<recurrence> recurrence::compile(const recurrence_spec& spec, const zone_source& zones,
                                         std::string_view expr_location,
                                         std::string_view timezone_location) {
  fault_list faults;
  auto where = zones.find(spec.timezone);
  if (!where) {
    faults.add(std::string{timezone_location}, "must be an IANA time zone such as Europe/Berlin",
               spec.timezone);
    where = utc_zone();  // so that the faults of the expression are told as well
  }
  auto rules = read_rules(spec, *where, expr_location, faults);
  if (!faults.empty())
    return std::move(faults).to_problem();
  return recurrence{std::make_shared<const parts>(parts{std::move(where), std::move(rules)})};
}

std::optional<moment> recurrence::next(instant after) const {
  if (after >= instant_max)
    return std::nullopt;
  after = std::max(after, instant_min - duration{1});
  std::optional<moment> found;
  for (const auto& rule : parts_->rules) {
    const auto each =
        std::visit([&](const auto& of) { return of.next(*parts_->where, after); }, rule);
    found = merged(found, each, std::less{});
  }
  return found;
}

std::optional<moment> recurrence::previous(instant before) const {
  if (before <= instant_min)
    return std::nullopt;
  before = std::min(before, instant_max + duration{1});
  std::optional<moment> found;
  for (const auto& rule : parts_->rules) {
    const auto each =
        std::visit([&](const auto& of) { return of.previous(*parts_->where, before); }, rule);
    found = merged(found, each, std::greater{});
  }
  return found;
}

const zone& recurrence::where() const {
  return *parts_->where;
}

std::optional<local_seconds> recurrence::counted_last() const {
  for (const auto& rule : parts_->rules)
    if (const auto* wall = std::get_if<wall_rule>(&rule))
      if (const auto* set = std::get_if<rrule_set>(&wall->local))
        return set->counted_last();
  return std::nullopt;
}

}  // namespace carillon
