#include "model/jmespath_evaluator.hpp"

#include <algorithm>
#include <utility>

#include "model/jmespath_lexer.hpp"

namespace carillon::jmes {

namespace {

std::size_t place_of(std::int64_t position, std::size_t count) {
  const auto from_start = position < 0 ? position + static_cast<std::int64_t>(count) : position;
  return from_start < 0 ? count : static_cast<std::size_t>(from_start);
}

/// A bound of a slice, counted from the start and kept inside [first, last].
std::int64_t bounded(std::int64_t bound, std::int64_t count, std::int64_t first,
                     std::int64_t last) {
  return std::clamp(bound < 0 ? bound + count : bound, first, last);
}

bool holds(comparator how, int order) {
  switch (how) {
    case comparator::less:
      return order < 0;
    case comparator::less_equal:
      return order <= 0;
    case comparator::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

}  // namespace

expected<jmespath_value> evaluator::run(const expression& what, const jmespath_value& current) {
  auto made = current;
  for (const auto& node : what) {
    if (auto wrong = spend(node.at, 1))
      return *std::move(wrong);
    auto next = std::visit(
        [&](const auto& kind) {
          return apply(kind, {node.at, made, current});
        },
        node.what);
    if (!next)
      return next;
    made = *std::move(next);
  }
  return made;
}

std::optional<problem> evaluator::spend(std::size_t at, std::size_t steps) {
  steps_ += std::min(steps, steps_max);
  if (steps_ <= steps_max)
    return std::nullopt;
  return fault_at(at, "the search takes more than " + std::to_string(steps_max) + " steps");
}

expected<jmespath_value> evaluator::checked(std::size_t at, jmespath_value made) {
  if (made.bytes() > bytes_max)
    return fault_at(at, "not a value: more than " + std::to_string(bytes_max) + " bytes");
  if (made.depth() > json::depth_max)
    return fault_at(at, "not a value: more than " + std::to_string(json::depth_max) + " levels");
  return made;
}

// -- parts of values ----------------------------------------------------------

expected<jmespath_value> evaluator::apply(const op::field& what, const place& where) {
  const auto* const found = where.input.find(what.name);
  return found == nullptr ? jmespath_value{} : *found;
}

expected<jmespath_value> evaluator::apply(const op::index& what, const place& where) {
  const auto& elements = where.input.elements();
  const auto at = place_of(what.position, elements.size());
  return at < elements.size() ? elements[at] : jmespath_value{};
}

expected<jmespath_value> evaluator::apply(const op::slice& what, const place& where) {
  if (where.input.kind() != json::kind::array)
    return jmespath_value{};
  const auto& elements = where.input.elements();
  const auto count = static_cast<std::int64_t>(elements.size());
  const bool is_forward = what.step > 0;
  const auto first = is_forward ? 0 : -1;
  const auto last = is_forward ? count : count - 1;
  const auto start =
      what.start ? bounded(*what.start, count, first, last) : (is_forward ? first : last);
  const auto stop =
      what.stop ? bounded(*what.stop, count, first, last) : (is_forward ? last : first);
  jmespath_value::array_type taken;
  for (auto at = start; is_forward ? at < stop : at > stop; at += what.step)
    taken.push_back(elements[static_cast<std::size_t>(at)]);
  if (auto wrong = spend(where.at, taken.size()))
    return *std::move(wrong);
  return jmespath_value::array(std::move(taken));
}

expected<jmespath_value> evaluator::apply(const op::flatten&, const place& where) {
  if (where.input.kind() != json::kind::array)
    return jmespath_value{};
  jmespath_value::array_type flat;
  for (const auto& element : where.input.elements()) {
    const auto& inner = element.elements();
    if (auto wrong = spend(where.at, 1 + inner.size()))
      return *std::move(wrong);
    if (element.kind() == json::kind::array)
      flat.insert(flat.end(), inner.begin(), inner.end());
    else
      flat.push_back(element);
  }
  return jmespath_value::array(std::move(flat));
}

// -- projections --------------------------------------------------------------

std::optional<problem> evaluator::project(const expression& right, const jmespath_value& element,
                                          std::size_t at, jmespath_value::array_type& made) {
  if (auto wrong = spend(at, 1))
    return wrong;
  auto projected = run(right, element);
  if (!projected)
    return projected.error();
  if (projected->kind() != json::kind::null)
    made.push_back(*std::move(projected));
  return std::nullopt;
}

expected<jmespath_value> evaluator::apply(const op::each& what, const place& where) {
  if (where.input.kind() != json::kind::array)
    return jmespath_value{};
  jmespath_value::array_type made;
  for (const auto& element : where.input.elements())
    if (auto wrong = project(what.right, element, where.at, made))
      return *std::move(wrong);
  return checked(where.at, jmespath_value::array(std::move(made)));
}

expected<jmespath_value> evaluator::apply(const op::each_value& what, const place& where) {
  if (where.input.kind() != json::kind::object)
    return jmespath_value{};
  jmespath_value::array_type made;
  for (const auto& held : where.input.members())
    if (auto wrong = project(what.right, held.value, where.at, made))
      return *std::move(wrong);
  return checked(where.at, jmespath_value::array(std::move(made)));
}

expected<jmespath_value> evaluator::apply(const op::filter& what, const place& where) {
  if (where.input.kind() != json::kind::array)
    return jmespath_value{};
  jmespath_value::array_type made;
  for (const auto& element : where.input.elements()) {
    if (auto wrong = spend(where.at, 1))
      return *std::move(wrong);
    auto condition = run(what.condition, element);
    if (!condition)
      return condition;
    if (!is_true(*condition))
      continue;
    if (auto wrong = project(what.right, element, where.at, made))
      return *std::move(wrong);
  }
  return checked(where.at, jmespath_value::array(std::move(made)));
}

// -- new values ---------------------------------------------------------------

expected<jmespath_value> evaluator::apply(const op::literal& what, const place&) {
  return what.value;
}

expected<jmespath_value> evaluator::apply(const op::list& what, const place& where) {
  if (where.input.kind() == json::kind::null)
    return jmespath_value{};
  jmespath_value::array_type elements;
  elements.reserve(what.elements.size());
  for (const auto& element : what.elements) {
    auto made = run(element, where.input);
    if (!made)
      return made;
    elements.push_back(*std::move(made));
  }
  return checked(where.at, jmespath_value::array(std::move(elements)));
}

expected<jmespath_value> evaluator::apply(const op::object& what, const place& where) {
  if (where.input.kind() == json::kind::null)
    return jmespath_value{};
  jmespath_value::object_type members;
  members.reserve(what.members.size());
  for (const auto& [key, value] : what.members) {
    auto made = run(value, where.input);
    if (!made)
      return made;
    members.push_back({key, *std::move(made)});
  }
  return checked(where.at, jmespath_value::object(std::move(members)));
}

expected<jmespath_value> evaluator::apply(const op::call& what, const place& where) {
  const auto& callee = *what.callee;
  std::vector<jmespath_value> arguments(what.arguments.size());
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    if (callee.parameter(index) == type::reference)
      continue;
    auto argument = run(what.arguments[index], where.input);
    if (!argument)
      return argument;
    if (auto wrong = spend(where.at, steps_for(argument->bytes())))
      return *std::move(wrong);
    arguments[index] = *std::move(argument);
  }
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const auto wanted = callee.parameter(index);
    if (wanted != type::reference && !is_of(arguments[index], wanted))
      return wrong_type(where.at, callee.name, index + 1, wanted,
                        json::describe(arguments[index].kind()));
  }
  auto made = callee.body({*this, where.at, what, arguments});
  if (!made)
    return made;
  return checked(where.at, *std::move(made));
}

// -- operators ----------------------------------------------------------------

expected<jmespath_value> evaluator::apply(const op::negation& what, const place& where) {
  auto negated = run(what.negated, where.input);
  if (!negated)
    return negated;
  return jmespath_value::boolean(!is_true(*negated));
}

expected<jmespath_value> evaluator::apply(const op::either& what, const place& where) {
  return is_true(where.input) ? where.input : run(what.right, where.current);
}

expected<jmespath_value> evaluator::apply(const op::both& what, const place& where) {
  return is_true(where.input) ? run(what.right, where.current) : where.input;
}

expected<jmespath_value> evaluator::apply(const op::compare& what, const place& where) {
  auto right = run(what.right, where.current);
  if (!right)
    return right;
  const auto& left = where.input;
  if (auto wrong = spend(where.at, steps_for(std::min(left.bytes(), right->bytes()))))
    return *std::move(wrong);
  if (what.how == comparator::equal || what.how == comparator::not_equal)
    return jmespath_value::boolean((left == *right) == (what.how == comparator::equal));
  if (left.kind() != json::kind::number || right->kind() != json::kind::number)
    return jmespath_value{};
  return jmespath_value::boolean(holds(what.how, compare_numbers(left, *right)));
}

expected<jmespath_value> evaluator::apply(const op::pipe& what, const place& where) {
  return run(what.right, where.input);
}

}  // namespace carillon::jmes
