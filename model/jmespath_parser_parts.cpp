#include "model/jmespath_parser.hpp"

#include <algorithm>
#include <charconv>

#include "model/jmespath_functions.hpp"
#include "model/jmespath_power.hpp"

// What stands in brackets, braces and parentheses.
namespace carillon::jmes {

namespace {

/// Beyond any array; sums of two do not overflow.
constexpr std::int64_t position_max = std::int64_t{1} << 40;

std::int64_t position_of(const token& number) {
  std::int64_t position = number.text.front() == '-' ? -position_max : position_max;
  std::from_chars(number.text.data(), number.text.data() + number.text.size(), position);
  return std::clamp(position, -position_max, position_max);
}

std::string describe_count(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

std::optional<problem> check_count(const token& name, const function& callee, std::size_t count) {
  if (count >= callee.arguments_min && count <= callee.arguments_max)
    return std::nullopt;
  const auto* const least = callee.arguments_min == callee.arguments_max ? "" : "at least ";
  return fault_at(name.at, "wrong arity: " + std::string{name.text} + " takes " + least
                               + describe_count(callee.arguments_min) + ", not "
                               + std::to_string(count));
}

}  // namespace

bool parser::sees_list() const {
  const bool is_star = sees(token_kind::star) && next_[1].kind == token_kind::right_bracket;
  return !is_star && !sees(token_kind::number) && !sees(token_kind::colon);
}

parser::result parser::read_brackets(expression left, std::size_t at) {
  if (sees(token_kind::star)) {
    take();
    if (auto wrong = expect(token_kind::right_bracket, "]"))
      return *std::move(wrong);
    return read_each(std::move(left), at, power::star);
  }
  if (sees(token_kind::number) && next_[1].kind != token_kind::colon) {
    const auto position = position_of(take());
    if (auto wrong = expect(token_kind::right_bracket, "]"))
      return *std::move(wrong);
    return with(std::move(left), at, op::index{position});
  }
  if (sees(token_kind::number) || sees(token_kind::colon))
    return read_slice(std::move(left), at);
  return unexpected(*next_, "an index, a slice or *");
}

parser::result parser::read_slice(expression left, std::size_t at) {
  const auto read_bound = [&]() -> std::optional<std::int64_t> {
    if (!sees(token_kind::number))
      return std::nullopt;
    return position_of(take());
  };
  op::slice slice{read_bound(), std::nullopt, 1};
  take();  // the colon
  slice.stop = read_bound();
  if (sees(token_kind::colon)) {
    take();
    const auto step_at = next_->at;
    slice.step = read_bound().value_or(1);
    if (slice.step == 0)
      return fault_at(step_at, "not a value: the step of a slice cannot be 0");
  }
  if (auto wrong = expect(token_kind::right_bracket, "a number, a colon or ]"))
    return *std::move(wrong);
  return read_each(with(std::move(left), at, slice), at, power::star);
}

parser::result parser::read_list(std::size_t at) {
  op::list list;
  while (true) {
    auto element = read(power::none);
    if (!element)
      return element;
    list.elements.push_back(*std::move(element));
    if (!sees(token_kind::comma))
      break;
    take();
  }
  if (auto wrong = expect(token_kind::right_bracket, "a comma or ]"))
    return *std::move(wrong);
  return with({}, at, std::move(list));
}

parser::result parser::read_object(std::size_t at) {
  op::object object;
  while (true) {
    if (!sees(token_kind::name) && !sees(token_kind::quoted_name))
      return unexpected(*next_, "a name");
    auto name = read_name(take());
    if (!name)
      return name.error();
    if (auto wrong = expect(token_kind::colon, "a colon"))
      return *std::move(wrong);
    auto value = read(power::none);
    if (!value)
      return value;
    object.members.emplace_back(*std::move(name), *std::move(value));
    if (!sees(token_kind::comma))
      break;
    take();
  }
  if (auto wrong = expect(token_kind::right_brace, "a comma or }"))
    return *std::move(wrong);
  return with({}, at, std::move(object));
}

parser::result parser::read_call(const token& name) {
  const auto* const callee = find_function(name.text);
  if (callee == nullptr)
    return fault_at(name.at, "unknown function: " + excerpt(name.text));
  op::call call{callee, {}};
  take();  // the parenthesis
  while (!sees(token_kind::right_paren)) {
    auto argument = read_argument(name, *callee, call.arguments.size());
    if (!argument)
      return argument;
    call.arguments.push_back(*std::move(argument));
    if (!sees(token_kind::comma))
      break;
    take();
    if (sees(token_kind::right_paren))
      return unexpected(*next_, "an argument");
  }
  if (auto wrong = expect(token_kind::right_paren, "a comma or )"))
    return *std::move(wrong);
  if (auto wrong = check_count(name, *callee, call.arguments.size()))
    return *std::move(wrong);
  return with({}, name.at, std::move(call));
}

parser::result parser::read_argument(const token& name, const function& callee, std::size_t index) {
  const auto wanted = callee.parameter(index);
  const auto at = next_->at;
  const bool is_reference = sees(token_kind::reference);
  if (is_reference)
    take();
  auto argument = read(power::none);
  const bool is_extra = index >= callee.arguments_max;
  if (!argument || is_extra || is_reference == (wanted == type::reference))
    return argument;
  return wrong_type(at, name.text, index + 1, wanted,
                    is_reference ? "an expression with &" : "a value");
}

}  // namespace carillon::jmes
