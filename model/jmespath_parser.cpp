#include "model/jmespath_parser.hpp"

#include <iterator>

#include "model/jmespath_power.hpp"

namespace carillon::jmes {

namespace {

constexpr int depth_max = 64;

expression joined(expression left, expression right) {
  std::move(right.begin(), right.end(), std::back_inserter(left));
  return left;
}

}  // namespace

problem unexpected(const token& found, std::string_view wanted) {
  const auto what =
      found.kind == token_kind::end ? std::string{"the end"} : '"' + excerpt(found.text) + '"';
  return fault_at(found.at, "expected " + std::string{wanted} + ", found " + what);
}

expected<expression> parser::run() {
  auto all = read(power::none);
  if (all && next_->kind != token_kind::end)
    return unexpected(*next_, "the end of the expression or an operator");
  return all;
}

std::optional<problem> parser::expect(token_kind kind, std::string_view wanted) {
  if (!sees(kind))
    return unexpected(*next_, wanted);
  take();
  return std::nullopt;
}

parser::result parser::read(int least) {
  if (depth_ == depth_max)
    return fault_at(next_->at, "nested more than " + std::to_string(depth_max) + " levels deep");
  ++depth_;
  auto left = read_first(take());
  while (left && least < power_of(next_->kind)) {
    const auto& sign = take();
    left = read_next(*std::move(left), sign);
  }
  --depth_;
  return left;
}

parser::result parser::read_first(const token& first) {
  switch (first.kind) {
    case token_kind::current:
      return expression{};
    case token_kind::literal:
    case token_kind::raw_string:
      return read_value(first);
    case token_kind::name:
      return sees(token_kind::left_paren) ? read_call(first) : read_field(first);
    case token_kind::quoted_name:
      return read_field(first);
    case token_kind::star:
      return read_each_value({}, first.at, power::star);
    case token_kind::filter:
    case token_kind::flatten:
      return read_next({}, first);
    case token_kind::left_bracket:
      return sees_list() ? read_list(first.at) : read_brackets({}, first.at);
    case token_kind::left_brace:
      return read_object(first.at);
    case token_kind::left_paren:
      return read_in_parentheses();
    case token_kind::negation:
      return then(read(power::negation), [&](expression negated) {
        return with({}, first.at, op::negation{std::move(negated)});
      });
    case token_kind::reference:
      return fault_at(first.at,
                      "expected an expression, found &, which only an argument of a "
                      "function begins with");
    default:
      return unexpected(first, "an expression");
  }
}

parser::result parser::read_next(expression left, const token& sign) {
  const auto make = [&](auto what) {
    return then(read(power_of(sign.kind)), [&](expression right) {
      what.right = std::move(right);
      return with(std::move(left), sign.at, std::move(what));
    });
  };
  switch (sign.kind) {
    case token_kind::dot:
      if (!sees(token_kind::star))
        return then(read_behind_dot(power::dot),
                    [&](expression right) { return joined(std::move(left), std::move(right)); });
      take();
      return read_each_value(std::move(left), sign.at, power::dot);
    case token_kind::pipe:
      return make(op::pipe{});
    case token_kind::either:
      return make(op::either{});
    case token_kind::both:
      return make(op::both{});
    case token_kind::flatten:
      return read_each(with(std::move(left), sign.at, op::flatten{}), sign.at, power::flatten);
    case token_kind::filter:
      return read_filter(std::move(left), sign.at);
    case token_kind::left_bracket:
      return read_brackets(std::move(left), sign.at);
    case token_kind::left_paren:
      return fault_at(sign.at,
                      "expected an operator, found (, which only the name of a function "
                      "stands before");
    default:
      return make(op::compare{comparator_of(sign.kind), {}});
  }
}

parser::result parser::read_value(const token& source) {
  auto value = jmes::read_literal(source);
  if (!value)
    return value.error();
  return with({}, source.at, op::literal{*std::move(value)});
}

parser::result parser::read_field(const token& source) {
  auto name = read_name(source);
  if (!name)
    return name.error();
  if (sees(token_kind::left_paren))
    return fault_at(source.at, "expected the name of a function without quotes");
  return with({}, source.at, op::field{*std::move(name)});
}

parser::result parser::read_in_parentheses() {
  auto inner = read(power::none);
  if (!inner)
    return inner;
  if (auto wrong = expect(token_kind::right_paren, ")"))
    return *std::move(wrong);
  return inner;
}

parser::result parser::read_projected(int least) {
  if (sees(token_kind::left_bracket) || sees(token_kind::filter))
    return read(least);
  if (sees(token_kind::dot)) {
    take();
    return read_behind_dot(least);
  }
  if (power_of(next_->kind) < power::projection_stop)
    return expression{};
  return unexpected(*next_, "an operator");
}

parser::result parser::read_each(expression left, std::size_t at, int least) {
  return then(read_projected(least), [&](expression right) {
    return with(std::move(left), at, op::each{std::move(right)});
  });
}

parser::result parser::read_each_value(expression left, std::size_t at, int least) {
  return then(read_projected(least), [&](expression right) {
    return with(std::move(left), at, op::each_value{std::move(right)});
  });
}

parser::result parser::read_filter(expression left, std::size_t at) {
  auto condition = read(power::none);
  if (!condition)
    return condition;
  if (auto wrong = expect(token_kind::right_bracket, "]"))
    return *std::move(wrong);
  return then(read_projected(power::filter), [&](expression right) {
    return with(std::move(left), at, op::filter{*std::move(condition), std::move(right)});
  });
}

parser::result parser::read_behind_dot(int least) {
  switch (next_->kind) {
    case token_kind::name:
    case token_kind::quoted_name:
    case token_kind::star:
      return read(least);
    case token_kind::left_bracket:
      return read_list(take().at);
    case token_kind::left_brace:
      return read_object(take().at);
    default:
      return unexpected(*next_, "a name, *, [ or { after the dot");
  }
}

expected<expression> parse(std::string_view text) {
  const auto tokens = read_tokens(text);
  if (!tokens)
    return tokens.error();
  return parser{*tokens}.run();
}

}  // namespace carillon::jmes
