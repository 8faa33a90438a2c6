#include "model/jmespath_power.hpp"

namespace carillon::jmes {

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

}  // namespace carillon::jmes
