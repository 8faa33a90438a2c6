#pragma once

#include <optional>

#include "model/jmespath_functions.hpp"

namespace carillon::jmes {

/// One search. Counts its steps and refuses what gets too large, so that no expression takes long,
/// whatever it is and whatever it works on.
class evaluator {
public:
  static constexpr std::size_t steps_max = 1'000'000;
  static constexpr std::size_t bytes_max = 16UL * 1024 * 1024;

  expected<jmespath_value> run(const expression& what, const jmespath_value& current);

  [[nodiscard]] std::size_t steps() const { return steps_; }

  /// Counts steps; the problem is that they are used up.
  std::optional<problem> spend(std::size_t at, std::size_t steps);

  /// What work on so many bytes costs.
  static std::size_t steps_for(std::size_t bytes) { return 1 + bytes / 64; }

  /// `made` itself, if it is not too large or nested too deep.
  static expected<jmespath_value> checked(std::size_t at, jmespath_value made);

private:
  /// What a node works on.
  struct place {
    std::size_t at;
    const jmespath_value& input;
    const jmespath_value& current;
  };
  using result = expected<jmespath_value>;

  result apply(const op::field& what, const place& where);
  result apply(const op::index& what, const place& where);
  result apply(const op::slice& what, const place& where);
  result apply(const op::flatten& what, const place& where);
  result apply(const op::each& what, const place& where);
  result apply(const op::each_value& what, const place& where);
  result apply(const op::filter& what, const place& where);
  result apply(const op::literal& what, const place& where);
  result apply(const op::list& what, const place& where);
  result apply(const op::object& what, const place& where);
  result apply(const op::call& what, const place& where);
  result apply(const op::negation& what, const place& where);
  result apply(const op::either& what, const place& where);
  result apply(const op::both& what, const place& where);
  result apply(const op::compare& what, const place& where);
  result apply(const op::pipe& what, const place& where);

  /// Adds to `made` what `right` makes of the element, if it is not null.
  std::optional<problem> project(const expression& right, const jmespath_value& element,
                                 std::size_t at, jmespath_value::array_type& made);

  std::size_t steps_ = 0;
};

}  // namespace carillon::jmes
