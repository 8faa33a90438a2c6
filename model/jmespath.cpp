#include "model/jmespath.hpp"

#include <utility>

#include "model/jmespath_evaluator.hpp"
#include "model/jmespath_lexer.hpp"
#include "model/jmespath_parser.hpp"

namespace carillon {

expected<jmespath> jmespath::compile(std::string_view text) {
  if (text.size() > text_bytes_max)
    return jmes::fault_at(text_bytes_max + 1, "expected the end: an expression has at most "
                                                  + std::to_string(text_bytes_max) + " bytes");
  auto compiled = jmes::parse(text);
  if (!compiled)
    return compiled.error();
  return jmespath{std::make_shared<const row>(*std::move(compiled))};
}

expected<jmespath_value> jmespath::search(const jmespath_value& root) const {
  std::size_t steps = 0;
  return search(root, steps);
}

expected<jmespath_value> jmespath::search(const jmespath_value& root, std::size_t& steps) const {
  jmes::evaluator once;
  auto found = once.run(*row_, root);
  steps += once.steps();
  return found;
}

expected<std::string> jmespath::evaluate(std::string_view json) const {
  const auto root = jmespath_value::read(json);
  if (!root)
    return root.error();
  const auto found = search(*root);
  if (!found)
    return found.error();
  auto text = found->to_json();
  if (text.size() > jmes::evaluator::bytes_max)
    return problem{
        problem_kind::invalid,
        "the result has more than " + std::to_string(jmes::evaluator::bytes_max) + " bytes"};
  return text;
}

}  // namespace carillon
