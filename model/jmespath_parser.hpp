#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "model/jmespath_lexer.hpp"
#include "model/jmespath_syntax.hpp"

namespace carillon::jmes {

/// Reads an expression. All that can be wrong with it before there is a value to search is found
/// here: syntax, unknown functions, numbers of arguments, and references where a value is expected
/// or the other way round.
expected<expression> parse(std::string_view text);

/// Top down operator precedence, with the table of jmespath_power.hpp. Each function that reads
/// takes the tokens of what it reads, and none behind them.
class parser {
public:
  /// The tokens end with an end, and outlive the parser.
  explicit parser(const std::vector<token>& tokens) : next_{tokens.data()} {}

  expected<expression> run();

private:
  using result = expected<expression>;

  [[nodiscard]] bool sees(token_kind kind) const { return next_->kind == kind; }
  const token& take() { return sees(token_kind::end) ? *next_ : *next_++; }
  std::optional<problem> expect(token_kind kind, std::string_view wanted);

  /// An expression up to the first operator that does not bind tighter than `least`.
  result read(int least);
  /// What can begin an expression.
  result read_first(const token& first);
  /// What can follow an expression, from its sign on.
  result read_next(expression left, const token& sign);

  static result read_value(const token& source);
  result read_field(const token& source);
  result read_in_parentheses();

  /// What is projected: all that follows and binds tighter than what ends a projection.
  result read_projected(int least);
  result read_each(expression left, std::size_t at, int least);
  result read_each_value(expression left, std::size_t at, int least);
  result read_filter(expression left, std::size_t at);
  result read_behind_dot(int least);

  /// Behind a [ that begins an expression: neither an index, nor a slice, nor [*].
  [[nodiscard]] bool sees_list() const;
  /// An index, a slice or [*].
  result read_brackets(expression left, std::size_t at);
  result read_slice(expression left, std::size_t at);
  result read_list(std::size_t at);
  result read_object(std::size_t at);

  result read_call(const token& name);
  result read_argument(const token& name, const function& callee, std::size_t index);

  const token* next_;
  int depth_ = 0;
};

/// "expected ..., found ..."
problem unexpected(const token& found, std::string_view wanted);

/// The row of nodes with one more.
template <class What>
expression with(expression left, std::size_t at, What what) {
  left.push_back({at, std::move(what)});
  return left;
}

/// What `make` makes of an expression, if there is one.
template <class Make>
expected<expression> then(expected<expression> read, Make make) {
  if (!read)
    return read;
  return make(*std::move(read));
}

}  // namespace carillon::jmes
