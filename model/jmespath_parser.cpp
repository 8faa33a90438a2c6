#include "model/jmespath_parser.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "model/jmespath_functions.hpp"
#include "model/jmespath_lexer.hpp"

namespace carillon::jmes {

namespace {

constexpr int depth_max = 64;

/// Beyond any array; sums of two do not overflow.
constexpr std::int64_t position_max = std::int64_t{1} << 40;

// -- how tightly tokens bind --------------------------------------------------

namespace power {
constexpr int none = 0;
constexpr int pipe = 1;
constexpr int either = 2;
constexpr int both = 3;
constexpr int compare = 5;
constexpr int flatten = 9;
constexpr int projection_stop = 10;  ///< What binds less ends a projection.
constexpr int star = 20;
constexpr int filter = 21;
constexpr int dot = 40;
constexpr int negation = 45;
constexpr int bracket = 55;
constexpr int paren = 60;
}  // namespace power

/// Of a token behind an expression.
int power_of(token_kind kind) {
  switch (kind) {
    case token_kind::pipe:
      return power::pipe;
    case token_kind::either:
      return power::either;
    case token_kind::both:
      return power::both;
    case token_kind::equal:
    case token_kind::not_equal:
    case token_kind::less:
    case token_kind::less_equal:
    case token_kind::greater:
    case token_kind::greater_equal:
      return power::compare;
    case token_kind::flatten:
      return power::flatten;
    case token_kind::filter:
      return power::filter;
    case token_kind::dot:
      return power::dot;
    case token_kind::left_bracket:
      return power::bracket;
    case token_kind::left_paren:
      return power::paren;
    default:
      return power::none;
  }
}

comparator comparator_of(token_kind kind) {
  switch (kind) {
    case token_kind::equal:
      return comparator::equal;
    case token_kind::not_equal:
      return comparator::not_equal;
    case token_kind::less:
      return comparator::less;
    case token_kind::less_equal:
      return comparator::less_equal;
    case token_kind::greater:
      return comparator::greater;
    default:
      return comparator::greater_equal;
  }
}

// -- messages -----------------------------------------------------------------

problem unexpected(const token& found, std::string_view wanted) {
  const auto what =
      found.kind == token_kind::end ? std::string{"the end"} : '"' + excerpt(found.text) + '"';
  return fault_at(found.at, "expected " + std::string{wanted} + ", found " + what);
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

// -- rows of nodes ------------------------------------------------------------

template <class What>
expression with(expression left, std::size_t at, What what) {
  left.push_back({at, std::move(what)});
  return left;
}

/// What makes an expression of the one that follows it.
template <class Make>
expected<expression> then(expected<expression> read, Make make) {
  if (!read)
    return read;
  return make(*std::move(read));
}

std::int64_t position_of(const token& number) {
  std::int64_t position = number.text.front() == '-' ? -position_max : position_max;
  std::from_chars(number.text.data(), number.text.data() + number.text.size(), position);
  return std::clamp(position, -position_max, position_max);
}

/// Top down operator precedence, with the table above. Each function that reads takes the tokens of
/// what it reads, and none behind them.
class parser {
public:
  explicit parser(const std::vector<token>& tokens) : next_{tokens.data()} {}

  expected<expression> run() {
    auto all = read(power::none);
    if (all && next_->kind != token_kind::end)
      return unexpected(*next_, "the end of the expression or an operator");
    return all;
  }

private:
  using result = expected<expression>;

  [[nodiscard]] bool sees(token_kind kind) const { return next_->kind == kind; }

  const token& take() { return sees(token_kind::end) ? *next_ : *next_++; }

  std::optional<problem> expect(token_kind kind, std::string_view wanted) {
    if (!sees(kind))
      return unexpected(*next_, wanted);
    take();
    return std::nullopt;
  }

  /// An expression up to the first operator that does not bind tighter than `least`.
  result read(int least) {
    if (depth_ == depth_max)
      return fault_at(next_->at,
                      "nested more than " + std::to_string(depth_max) + " levels deep");
    ++depth_;
    auto left = read_first(take());
    while (left && least < power_of(next_->kind)) {
      const auto& sign = take();
      left = read_next(*std::move(left), sign);
    }
    --depth_;
    return left;
  }

  /// What can begin an expression.
  result read_first(const token& first) {
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
        return fault_at(first.at, "expected an expression, found &, which only an argument of a "
                                  "function begins with");
      default:
        return unexpected(first, "an expression");
    }
  }

  /// What can follow an expression, from its sign on.
  result read_next(expression left, const token& sign) {
    const auto make = [&](auto what) {
      return then(read(power_of(sign.kind)), [&](expression right) {
        what.right = std::move(right);
        return with(std::move(left), sign.at, std::move(what));
      });
    };
    switch (sign.kind) {
      case token_kind::dot:
        if (!sees(token_kind::star))
          return then(read_behind_dot(power::dot), [&](expression right) {
            return joined(std::move(left), std::move(right));
          });
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
        return fault_at(sign.at, "expected an operator, found (, which only the name of a function "
                                 "stands before");
      default:
        return make(op::compare{comparator_of(sign.kind), {}});
    }
  }

  static expression joined(expression left, expression right) {
    std::move(right.begin(), right.end(), std::back_inserter(left));
    return left;
  }

  // -- single things ----------------------------------------------------------

  static result read_value(const token& source) {
    auto value = jmes::read_literal(source);
    if (!value)
      return value.error();
    return with({}, source.at, op::literal{*std::move(value)});
  }

  result read_field(const token& source) {
    auto name = read_name(source);
    if (!name)
      return name.error();
    if (sees(token_kind::left_paren))
      return fault_at(source.at, "expected the name of a function without quotes");
    return with({}, source.at, op::field{*std::move(name)});
  }

  result read_in_parentheses() {
    auto inner = read(power::none);
    if (!inner)
      return inner;
    if (auto wrong = expect(token_kind::right_paren, ")"))
      return *std::move(wrong);
    return inner;
  }

  // -- projections ------------------------------------------------------------

  /// What is projected: all that follows and binds tighter than what ends a projection.
  result read_projected(int least) {
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

  result read_each(expression left, std::size_t at, int least) {
    return then(read_projected(least), [&](expression right) {
      return with(std::move(left), at, op::each{std::move(right)});
    });
  }

  result read_each_value(expression left, std::size_t at, int least) {
    return then(read_projected(least), [&](expression right) {
      return with(std::move(left), at, op::each_value{std::move(right)});
    });
  }

  result read_filter(expression left, std::size_t at) {
    auto condition = read(power::none);
    if (!condition)
      return condition;
    if (auto wrong = expect(token_kind::right_bracket, "]"))
      return *std::move(wrong);
    return then(read_projected(power::filter), [&](expression right) {
      return with(std::move(left), at, op::filter{*std::move(condition), std::move(right)});
    });
  }

  result read_behind_dot(int least) {
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

  // -- brackets ---------------------------------------------------------------

  /// Behind a [ that begins an expression: neither an index, nor a slice, nor [*].
  [[nodiscard]] bool sees_list() const {
    const bool is_star = sees(token_kind::star) && next_[1].kind == token_kind::right_bracket;
    return !is_star && !sees(token_kind::number) && !sees(token_kind::colon);
  }

  /// An index, a slice or [*].
  result read_brackets(expression left, std::size_t at) {
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

  result read_slice(expression left, std::size_t at) {
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

  result read_list(std::size_t at) {
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

  result read_object(std::size_t at) {
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

  // -- calls ------------------------------------------------------------------

  result read_call(const token& name) {
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

  result read_argument(const token& name, const function& callee, std::size_t index) {
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

  const token* next_;  ///< In the tokens given, which end with an end.
  int depth_ = 0;
};

}  // namespace

expected<expression> parse(std::string_view text) {
  const auto tokens = read_tokens(text);
  if (!tokens)
    return tokens.error();
  return parser{*tokens}.run();
}

}  // namespace carillon::jmes
