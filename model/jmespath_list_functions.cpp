#include <algorithm>
#include <cstring>
#include <utility>

#include "model/jmespath_evaluator.hpp"
#include "model/jmespath_lexer.hpp"

// Functions of arrays, objects and of values of any type.
namespace carillon::jmes::body {

namespace {

jmespath_value whole_number(std::size_t number) {
  return jmespath_value::number(static_cast<double>(number));
}

/// The code points from the last to the first.
std::string reversed(std::string_view text) {
  std::string turned;
  turned.reserve(text.size());
  auto end = text.size();
  while (end > 0) {
    auto first = end - 1;
    while (first > 0 && (static_cast<unsigned char>(text[first]) & 0xC0U) == 0x80U)
      --first;
    turned += text.substr(first, end - first);
    end = first;
  }
  return turned;
}

/// Of two numbers or of two strings; the bytes of UTF-8 are in the order of code points.
int compare(const jmespath_value& left, const jmespath_value& right) {
  return left.kind() == json::kind::number ? compare_numbers(left, right)
                                           : left.as_string().compare(right.as_string());
}

// -- keys ---------------------------------------------------------------------

struct keyed {
  jmespath_value key;
  const jmespath_value* element;
};

/// What the reference makes of each element: numbers only, or strings only.
expected<std::vector<keyed>> keys_of(const call_site& call, const expression& reference) {
  std::vector<keyed> found;
  for (const auto& element : call.arguments[0].elements()) {
    auto key = call.run.run(reference, element);
    if (!key)
      return key.error();
    const bool can_be_key = key->kind() == json::kind::number || key->kind() == json::kind::string;
    if (!can_be_key || (!found.empty() && key->kind() != found.front().key.kind()))
      return fault_at(call.at, "wrong type: the expression of "
                                   + std::string{call.source.callee->name}
                                   + " must make numbers only or strings only, not "
                                   + std::string{json::describe(key->kind())});
    if (auto wrong = call.run.spend(call.at, evaluator::steps_for(key->bytes())))
      return *std::move(wrong);
    found.push_back({*std::move(key), &element});
  }
  return found;
}

/// The first element that no other one is before, as `is_before` sees their order.
result first_by(const call_site& call, bool (*is_before)(int order)) {
  const auto found = keys_of(call, call.source.arguments[1]);
  if (!found)
    return found.error();
  if (found->empty())
    return jmespath_value{};
  const auto best = std::min_element(
      found->begin(), found->end(),
      [&](const auto& left, const auto& right) { return is_before(compare(left.key, right.key)); });
  return *best->element;
}

result first_of(const call_site& call, bool (*is_before)(int order)) {
  const auto& elements = call.arguments[0].elements();
  if (elements.empty())
    return jmespath_value{};
  return *std::min_element(
      elements.begin(), elements.end(),
      [&](const auto& left, const auto& right) { return is_before(compare(left, right)); });
}

bool is_below(int order) {
  return order < 0;
}

bool is_above(int order) {
  return order > 0;
}

}  // namespace

// -- any of several types -----------------------------------------------------

result contains(const call_site& call) {
  const auto& subject = call.arguments[0];
  const auto& wanted = call.arguments[1];
  if (subject.kind() == json::kind::array) {
    const auto& elements = subject.elements();
    return jmespath_value::boolean(std::find(elements.begin(), elements.end(), wanted)
                                   != elements.end());
  }
  if (wanted.kind() != json::kind::string)
    return jmespath_value::boolean(false);
  // Not find(): that takes the product of the two lengths at worst, memmem takes their sum.
  const auto& text = subject.as_string();
  const auto& part = wanted.as_string();
  const auto* const found = memmem(text.data(), text.size(), part.data(), part.size());
  return jmespath_value::boolean(found != nullptr);
}

result length(const call_site& call) {
  const auto& subject = call.arguments[0];
  switch (subject.kind()) {
    case json::kind::string:
      return whole_number(count_code_points(subject.as_string()));
    case json::kind::array:
      return whole_number(subject.elements().size());
    default:
      return whole_number(subject.members().size());
  }
}

result not_null(const call_site& call) {
  for (const auto& argument : call.arguments)
    if (argument.kind() != json::kind::null)
      return argument;
  return jmespath_value{};
}

result reverse(const call_site& call) {
  const auto& subject = call.arguments[0];
  if (subject.kind() == json::kind::string)
    return jmespath_value::string(reversed(subject.as_string()));
  auto elements = subject.elements();
  std::reverse(elements.begin(), elements.end());
  return jmespath_value::array(std::move(elements));
}

result to_array(const call_site& call) {
  const auto& value = call.arguments[0];
  return value.kind() == json::kind::array ? value : jmespath_value::array({value});
}

result type(const call_site& call) {
  constexpr std::string_view names[] = {"null", "boolean", "number", "string", "array", "object"};
  return jmespath_value::string(
      std::string{names[static_cast<std::size_t>(call.arguments[0].kind())]});
}

// -- objects ------------------------------------------------------------------

result keys(const call_site& call) {
  jmespath_value::array_type found;
  for (const auto& member : call.arguments[0].members())
    found.push_back(jmespath_value::string(member.key));
  return jmespath_value::array(std::move(found));
}

result merge(const call_site& call) {
  jmespath_value::object_type members;
  for (const auto& object : call.arguments)
    members.insert(members.end(), object.members().begin(), object.members().end());
  return jmespath_value::object(std::move(members));
}

result values(const call_site& call) {
  jmespath_value::array_type found;
  for (const auto& member : call.arguments[0].members())
    found.push_back(member.value);
  return jmespath_value::array(std::move(found));
}

// -- arrays -------------------------------------------------------------------

result map(const call_site& call) {
  jmespath_value::array_type made;
  for (const auto& element : call.arguments[1].elements()) {
    if (auto wrong = call.run.spend(call.at, 1))
      return *std::move(wrong);
    auto next = call.run.run(call.source.arguments[0], element);
    if (!next)
      return next;
    made.push_back(*std::move(next));
  }
  return jmespath_value::array(std::move(made));
}

result max(const call_site& call) {
  return first_of(call, is_above);
}

result max_by(const call_site& call) {
  return first_by(call, is_above);
}

result min(const call_site& call) {
  return first_of(call, is_below);
}

result min_by(const call_site& call) {
  return first_by(call, is_below);
}

result sort(const call_site& call) {
  auto elements = call.arguments[0].elements();
  if (auto wrong = call.run.spend(call.at, elements.size()))
    return *std::move(wrong);
  std::stable_sort(elements.begin(), elements.end(),
                   [](const auto& left, const auto& right) { return compare(left, right) < 0; });
  return jmespath_value::array(std::move(elements));
}

result sort_by(const call_site& call) {
  auto found = keys_of(call, call.source.arguments[1]);
  if (!found)
    return found.error();
  std::stable_sort(found->begin(), found->end(), [](const auto& left, const auto& right) {
    return compare(left.key, right.key) < 0;
  });
  jmespath_value::array_type sorted;
  for (const auto& [key, element] : *found)
    sorted.push_back(*element);
  return jmespath_value::array(std::move(sorted));
}

}  // namespace carillon::jmes::body
