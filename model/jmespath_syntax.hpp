#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/jmespath_value.hpp"

/// An expression as a tree.
namespace carillon::jmes {

struct function;
struct node;

/// Nodes that work one after the other: the first on the current value, each further one on what
/// the one before made of it. So `a.b[0] || c` is: field a, field b, index 0, either c. No node is
/// `@`. What stands inside a node is nested at most as deep as the parser allows; this row can be
/// long, and nothing recurs along it.
using expression = std::vector<node>;

enum class comparator { equal, not_equal, less, less_equal, greater, greater_equal };

namespace op {

struct field {
  std::string name;
};
struct index {
  std::int64_t position;  ///< Negative: from the end.
};
struct slice {
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
  std::int64_t step;  ///< Never 0.
};
struct flatten {};
/// Projects `right` on the elements of an array.
struct each {
  expression right;
};
/// Projects `right` on the values of an object.
struct each_value {
  expression right;
};
struct filter {
  expression condition;
  expression right;
};
struct literal {
  jmespath_value value;
};
struct list {
  std::vector<expression> elements;
};
struct object {
  std::vector<std::pair<std::string, expression>> members;
};
struct call {
  const function* callee;  ///< Never null; of a table that lives as long as the program.
  std::vector<expression> arguments;
};
struct negation {
  expression negated;
};

// The right side of these works on the current value, as their left side did; that of a pipe works
// on what the left side made.
struct either {
  expression right;
};
struct both {
  expression right;
};
struct compare {
  comparator how;
  expression right;
};
struct pipe {
  expression right;
};

}  // namespace op

struct node {
  std::size_t at;  ///< Its character in the expression.
  std::variant<op::field, op::index, op::slice, op::flatten, op::each, op::each_value, op::filter,
               op::literal, op::list, op::object, op::call, op::negation, op::either, op::both,
               op::compare, op::pipe>
      what;
};

}  // namespace carillon::jmes
