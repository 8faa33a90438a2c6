#include <cmath>
#include <optional>

#include "model/jmespath_evaluator.hpp"
#include "model/jmespath_lexer.hpp"
#include "model/json_text.hpp"

// Functions of numbers and strings.
namespace carillon::jmes::body {

namespace {

result computed(const call_site& call, double number) {
  if (!std::isfinite(number))
    return fault_at(call.at, "not a value: the number is out of range");
  return jmespath_value::number(number == 0 ? 0 : number);  // -0 is 0
}

/// Numbers that are whole as they stand keep all their digits.
bool is_written_whole(const jmespath_value& number) {
  return number.number_text().find_first_of(".eE") == std::string::npos;
}

/// Empty when one is not a whole number, or the sum is out of range.
std::optional<std::int64_t> exact_sum(const jmespath_value::array_type& numbers) {
  std::int64_t sum = 0;
  for (const auto& number : numbers) {
    const auto text = number.number_text();
    const auto whole = json::as_integer({json::kind::number, text});
    if (!whole || __builtin_add_overflow(sum, *whole, &sum))
      return std::nullopt;
  }
  return sum;
}

double sum_of(const jmespath_value::array_type& numbers) {
  double sum = 0;
  for (const auto& number : numbers)
    sum += number.as_number();
  return sum;
}

}  // namespace

// -- numbers ------------------------------------------------------------------

result abs(const call_site& call) {
  const auto& number = call.arguments[0];
  const auto digits = number.number_text();
  return digits.front() == '-' ? jmespath_value::number_as_written(digits.substr(1)) : number;
}

result avg(const call_site& call) {
  const auto& numbers = call.arguments[0].elements();
  if (numbers.empty())
    return jmespath_value{};
  return computed(call, sum_of(numbers) / static_cast<double>(numbers.size()));
}

result ceil(const call_site& call) {
  const auto& number = call.arguments[0];
  return is_written_whole(number) ? number : computed(call, std::ceil(number.as_number()));
}

result floor(const call_site& call) {
  const auto& number = call.arguments[0];
  return is_written_whole(number) ? number : computed(call, std::floor(number.as_number()));
}

result sum(const call_site& call) {
  const auto& numbers = call.arguments[0].elements();
  if (const auto exact = exact_sum(numbers))
    return jmespath_value::number_as_written(std::to_string(*exact));
  return computed(call, sum_of(numbers));
}

result to_number(const call_site& call) {
  const auto& value = call.arguments[0];
  if (value.kind() == json::kind::number)
    return value;
  const auto& text = value.as_string();
  return json::is_number(text) ? jmespath_value::number_as_written(text) : jmespath_value{};
}

// -- strings ------------------------------------------------------------------

result starts_with(const call_site& call) {
  return jmespath_value::boolean(
      call.arguments[0].as_string().starts_with(call.arguments[1].as_string()));
}

result ends_with(const call_site& call) {
  return jmespath_value::boolean(
      call.arguments[0].as_string().ends_with(call.arguments[1].as_string()));
}

result join(const call_site& call) {
  const auto& glue = call.arguments[0].as_string();
  const auto& parts = call.arguments[1].elements();
  std::string joined;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (at != 0)
      joined += glue;
    joined += parts[at].as_string();
    if (joined.size() > evaluator::bytes_max)
      break;  // the evaluator refuses it
  }
  if (auto wrong = call.run.spend(call.at, evaluator::steps_for(joined.size())))
    return *std::move(wrong);
  return jmespath_value::string(std::move(joined));
}

result to_string(const call_site& call) {
  const auto& value = call.arguments[0];
  return value.kind() == json::kind::string ? value : jmespath_value::string(value.to_json());
}

}  // namespace carillon::jmes::body
