#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/jmespath_value.hpp"

/// The inside of JMESPath: text, tokens, tree, evaluation.
namespace carillon::jmes {

enum class token_kind {
  end,
  name,
  quoted_name,
  number,
  literal,
  raw_string,
  current,
  dot,
  star,
  comma,
  colon,
  left_bracket,
  right_bracket,
  filter,   ///< [?
  flatten,  ///< []
  left_brace,
  right_brace,
  left_paren,
  right_paren,
  negation,
  either,
  both,
  pipe,
  reference,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
};

struct token {
  token_kind kind = token_kind::end;
  std::string_view text;  ///< As it stands in the expression, which must outlive it.
  std::size_t at = 1;     ///< Its first character, counted from 1 in code points.
};

/// The tokens of an expression; the last is the end.
expected<std::vector<token>> read_tokens(std::string_view expression);

/// Where the brace stands that closes a pair of which an expression and more text follow the first
/// one; npos: nowhere. Takes time in proportion to what is before it.
expected<std::size_t> find_closing_brace(std::string_view text);

/// What a name, quoted or not, says.
expected<std::string> read_name(const token& source);
/// What a literal or a raw string says.
expected<jmespath_value> read_literal(const token& source);

/// "at character 12: ...", of kind invalid.
problem fault_at(std::size_t character, std::string_view what);

std::size_t count_code_points(std::string_view text);

}  // namespace carillon::jmes
