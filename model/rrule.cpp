#include "model/rrule.hpp"

#include <algorithm>
#include <utility>

#include "model/rrule_moments.hpp"
#include "model/rrule_parser.hpp"

namespace carillon {

using std::chrono::seconds;

struct rrule_set::parts {
  std::optional<rrule_moments> rule;
  local_seconds last = local_max;  ///< Of the rule: by UNTIL, by COUNT, or the end of the calendar.
  std::optional<local_seconds> counted_last;
  std::vector<local_seconds> added;     ///< Sorted.
  std::vector<local_seconds> excluded;  ///< Sorted.

  [[nodiscard]] bool is_excluded(local_seconds at) const {
    return std::binary_search(excluded.begin(), excluded.end(), at);
  }

  /// Of the rule and what is added, excluded or not.
  [[nodiscard]] std::optional<local_seconds> first_from(local_seconds at) const {
    auto found = rule ? rule->first_from(at) : std::nullopt;
    if (found && *found > last)
      found.reset();
    const auto extra = std::lower_bound(added.begin(), added.end(), at);
    if (extra != added.end() && (!found || *extra < *found))
      found = *extra;
    return found;
  }

  [[nodiscard]] std::optional<local_seconds> last_until(local_seconds at) const {
    auto found = rule ? rule->last_until(std::min(at, last)) : std::nullopt;
    const auto extra = std::upper_bound(added.begin(), added.end(), at);
    if (extra != added.begin() && (!found || *std::prev(extra) > *found))
      found = *std::prev(extra);
    return found;
  }
};

namespace {

problem never(std::string_view location, std::string_view why) {
  fault_list faults;
  faults.add(std::string{location}, "can never fire: " + std::string{why});
  return std::move(faults).to_problem();
}

}  // namespace

rrule_set::rrule_set(std::shared_ptr<const parts> held) : parts_{std::move(held)} {}

expected<rrule_set> rrule_set::parse(std::string_view text, const context& around,
                                     std::string_view location) {
  auto read = read_rrule_text(text, *around.where, location);
  if (!read)
    return read.error();
  auto made = std::make_shared<parts>();
  made->added = std::move(read->added);
  made->excluded = std::move(read->excluded);
  if (read->rule) {
    const auto start = std::clamp(read->start.value_or(around.anchor), local_min, local_max);
    made->rule.emplace(with_defaults(*read->rule, start, !read->start), start);
    const auto first = made->rule->first_from(start);
    if (!first)
      return never(location, "no time from the start to the year 9999 matches all of the rule");
    if (read->rule->until)
      made->last = *read->rule->until;
    if (made->last < *first && made->added.empty())
      return never(location, "UNTIL is before the first match");
    if (read->rule->count) {
      made->counted_last =
          around.counted_last ? around.counted_last : made->rule->counted(*read->rule->count);
      made->last = *made->counted_last;
    }
    made->last = std::min(made->last, local_max);
  }
  rrule_set set{std::move(made)};
  if (!set.next(local_seconds::min()))
    return never(location, "EXDATE excludes every match");
  return set;
}

std::optional<local_seconds> rrule_set::next(local_seconds after) const {
  while (after < local_max) {
    const auto found = parts_->first_from(after + seconds{1});
    if (!found || !parts_->is_excluded(*found))
      return found;
    after = *found;
  }
  return {};
}

std::optional<local_seconds> rrule_set::previous(local_seconds before) const {
  while (before > local_min) {
    const auto found = parts_->last_until(before - seconds{1});
    if (!found || !parts_->is_excluded(*found))
      return found;
    before = *found;
  }
  return {};
}

std::optional<local_seconds> rrule_set::counted_last() const {
  return parts_->counted_last;
}

}  // namespace carillon
