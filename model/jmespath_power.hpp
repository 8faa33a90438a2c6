#pragma once

#include "model/jmespath_lexer.hpp"
#include "model/jmespath_syntax.hpp"

/// How tightly operators bind; the numbers are those of the reference implementations.
namespace carillon::jmes {

namespace power {
inline constexpr int none = 0;
inline constexpr int pipe = 1;
inline constexpr int either = 2;
inline constexpr int both = 3;
inline constexpr int compare = 5;
inline constexpr int flatten = 9;
inline constexpr int projection_stop = 10;  ///< What binds less ends a projection.
inline constexpr int star = 20;
inline constexpr int filter = 21;
inline constexpr int dot = 40;
inline constexpr int negation = 45;
inline constexpr int bracket = 55;
inline constexpr int paren = 60;
}  // namespace power

/// Of a token behind an expression.
int power_of(token_kind kind);

comparator comparator_of(token_kind kind);

}  // namespace carillon::jmes
