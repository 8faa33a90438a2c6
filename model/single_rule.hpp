#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "model/recurrence.hpp"
#include "model/wall_rule.hpp"

namespace carillon {

// The kinds of rule of which a recurrence is the union. next() is strictly after, previous()
// strictly before, both within the years 0 to 9999.

/// "@every": anchor + k * length for k from 1, in real time.
struct every_rule {
  instant anchor;
  duration length;

  [[nodiscard]] std::optional<moment> next(const zone& where, instant after) const;
  [[nodiscard]] std::optional<moment> previous(const zone& where, instant before) const;
};

/// Moments known from the start, in rising order.
struct fixed_rule {
  std::vector<moment> moments;

  [[nodiscard]] std::optional<moment> next(const zone& where, instant after) const;
  [[nodiscard]] std::optional<moment> previous(const zone& where, instant before) const;
};

/// A rule of local times.
struct wall_rule {
  local_rule local;
  dst_rules dst;

  [[nodiscard]] std::optional<moment> next(const zone& where, instant after) const;
  [[nodiscard]] std::optional<moment> previous(const zone& where, instant before) const;
};

using single_rule = std::variant<every_rule, fixed_rule, wall_rule>;

/// The rules of `spec`, each of which fires at least once; none for the kinds without moments. What
/// is wrong with them is added to `faults`, at `location`.
std::vector<single_rule> read_rules(const recurrence_spec& spec, const zone& where,
                                    std::string_view location, fault_list& faults);

}  // namespace carillon
