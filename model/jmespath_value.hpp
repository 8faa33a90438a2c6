#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/json.hpp"

namespace carillon {

/// A JSON value that JMESPath expressions work on. Never changes, so that copies share what they
/// hold and threads may share copies. A number that came as text keeps its digits.
class jmespath_value {
public:
  struct member;
  using array_type = std::vector<jmespath_value>;
  using object_type = std::vector<member>;  ///< In the order in which the members came.

  /// JSON text with more values than this is refused.
  static constexpr std::size_t values_max = 1'000'000;

  jmespath_value() = default;  ///< null
  static jmespath_value boolean(bool flag);
  static jmespath_value number(double number);  ///< Must be finite.
  static jmespath_value string(std::string text);
  static jmespath_value array(array_type elements);
  /// Of several members with one key the last counts, in the place of the first.
  static jmespath_value object(object_type members);
  /// A number of the JSON grammar.
  static jmespath_value number_as_written(std::string_view digits);

  /// JSON text. The problem is that of json::read, or of kind invalid for too many values.
  static expected<jmespath_value> read(std::string_view text);

  [[nodiscard]] json::kind kind() const;

  // The content; of another kind: false, 0 or empty.
  [[nodiscard]] bool as_boolean() const;
  [[nodiscard]] double as_number() const;  ///< Infinite when it is out of range.
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const array_type& elements() const;
  [[nodiscard]] const object_type& members() const;

  /// The member's value, or null: not an object, or no such member.
  [[nodiscard]] const jmespath_value* find(std::string_view key) const;

  /// The size of the JSON text, roughly: escapes are not counted.
  [[nodiscard]] std::size_t bytes() const;
  /// Levels of brackets; 0 for a scalar.
  [[nodiscard]] int depth() const;

  [[nodiscard]] std::string number_text() const;  ///< As it was written, or the shortest form.
  [[nodiscard]] std::string to_json() const;

  /// By value: 1 equals 1.0, and the order of members does not count.
  bool operator==(const jmespath_value& other) const;

private:
  struct written_number;
  struct array_data;
  struct object_data;
  using content =
      std::variant<std::monostate, bool, double, std::shared_ptr<const written_number>,
                   std::shared_ptr<const std::string>, std::shared_ptr<const array_data>,
                   std::shared_ptr<const object_data>>;

  explicit jmespath_value(content held) : content_{std::move(held)} {}
  static jmespath_value unique_members(object_type members);

  content content_;
};

struct jmespath_value::member {
  std::string key;
  jmespath_value value;
};

/// JMESPath's truth: null, false, "", [] and {} are false, all others are true, 0 too.
bool is_true(const jmespath_value& value);

/// Below 0, 0 or above 0, by value; integers of 64 bits are told apart to the last digit.
int compare_numbers(const jmespath_value& left, const jmespath_value& right);

}  // namespace carillon
