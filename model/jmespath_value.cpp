#include "model/jmespath_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "model/json_text.hpp"

namespace carillon {

namespace {

/// Objects with more members find them by a sorted index.
constexpr std::size_t compared_members_max = 16;

/// Whole doubles below this are exact.
constexpr double whole_max = 9007199254740992.0;

double to_double(const std::string& digits) {
  double number = 0;
  const auto* const last = digits.data() + digits.size();
  if (std::from_chars(digits.data(), last, number).ec == std::errc::result_out_of_range)
    return std::strtod(digits.c_str(), nullptr);  // infinite, or 0
  return number;
}

std::optional<std::int64_t> to_integer(const std::string& digits) {
  return json::as_integer({json::kind::number, digits});
}

using object_type = jmespath_value::object_type;

/// The places of the members, by their keys and then by their order.
std::vector<std::size_t> sorted_by_key(const object_type& members) {
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return members[left].key < members[right].key;
  });
  return order;
}

bool has_repeated_key(const object_type& members) {
  for (auto member = members.begin(); member != members.end(); ++member)
    if (std::any_of(members.begin(), member,
                    [&](const auto& earlier) { return earlier.key == member->key; }))
      return true;
  return false;
}

}  // namespace

struct jmespath_value::written_number {
  std::string digits;
  double number;
};

struct jmespath_value::array_data {
  array_type elements;
  std::size_t bytes = 2;
  int depth = 1;
};

struct jmespath_value::object_data {
  object_type members;
  std::vector<std::size_t> by_key;  ///< Of a large object: the places of its members, sorted.
  std::size_t bytes = 2;
  int depth = 1;
};

// -- making -------------------------------------------------------------------

jmespath_value jmespath_value::boolean(bool flag) {
  return jmespath_value{flag};
}

jmespath_value jmespath_value::number(double number) {
  return jmespath_value{number};
}

jmespath_value jmespath_value::number_as_written(std::string_view digits) {
  std::string kept{digits};
  const auto number = to_double(kept);
  return jmespath_value{
      std::make_shared<const written_number>(written_number{std::move(kept), number})};
}

jmespath_value jmespath_value::string(std::string text) {
  return jmespath_value{std::make_shared<const std::string>(std::move(text))};
}

jmespath_value jmespath_value::array(array_type elements) {
  auto data = std::make_shared<array_data>();
  for (const auto& element : elements) {
    data->bytes += element.bytes() + 1;
    data->depth = std::max(data->depth, element.depth() + 1);
  }
  data->elements = std::move(elements);
  return jmespath_value{std::shared_ptr<const array_data>{std::move(data)}};
}

jmespath_value jmespath_value::unique_members(object_type members) {
  auto data = std::make_shared<object_data>();
  for (const auto& [key, value] : members) {
    data->bytes += key.size() + value.bytes() + 4;
    data->depth = std::max(data->depth, value.depth() + 1);
  }
  if (members.size() > compared_members_max)
    data->by_key = sorted_by_key(members);
  data->members = std::move(members);
  return jmespath_value{std::shared_ptr<const object_data>{std::move(data)}};
}

jmespath_value jmespath_value::object(object_type members) {
  if (members.size() <= compared_members_max && !has_repeated_key(members))
    return unique_members(std::move(members));
  const auto order = sorted_by_key(members);
  std::vector<bool> replaced(members.size());
  std::size_t first = 0;  // in `order`, of those with one key
  for (std::size_t at = 1; at < order.size(); ++at) {
    if (members[order[at]].key != members[order[first]].key) {
      first = at;
      continue;
    }
    members[order[first]].value = members[order[at]].value;
    replaced[order[at]] = true;
  }
  std::size_t at = 0;
  std::erase_if(members, [&](const member&) { return replaced[at++]; });
  return unique_members(std::move(members));
}

// -- looking ------------------------------------------------------------------

json::kind jmespath_value::kind() const {
  constexpr json::kind kinds[] = {json::kind::null,   json::kind::boolean, json::kind::number,
                                  json::kind::number, json::kind::string,  json::kind::array,
                                  json::kind::object};
  return kinds[content_.index()];
}

bool jmespath_value::as_boolean() const {
  const auto* const flag = std::get_if<bool>(&content_);
  return flag != nullptr && *flag;
}

double jmespath_value::as_number() const {
  if (const auto* const number = std::get_if<double>(&content_))
    return *number;
  const auto* const written = std::get_if<std::shared_ptr<const written_number>>(&content_);
  return written == nullptr ? 0 : (*written)->number;
}

const std::string& jmespath_value::as_string() const {
  static const std::string none;
  const auto* const text = std::get_if<std::shared_ptr<const std::string>>(&content_);
  return text == nullptr ? none : **text;
}

const jmespath_value::array_type& jmespath_value::elements() const {
  static const array_type none;
  const auto* const data = std::get_if<std::shared_ptr<const array_data>>(&content_);
  return data == nullptr ? none : (*data)->elements;
}

const jmespath_value::object_type& jmespath_value::members() const {
  static const object_type none;
  const auto* const data = std::get_if<std::shared_ptr<const object_data>>(&content_);
  return data == nullptr ? none : (*data)->members;
}

const jmespath_value* jmespath_value::find(std::string_view key) const {
  const auto* const data = std::get_if<std::shared_ptr<const object_data>>(&content_);
  if (data == nullptr)
    return nullptr;
  const auto& members = (*data)->members;
  if (const auto& index = (*data)->by_key; !index.empty()) {
    const auto found = std::lower_bound(
        index.begin(), index.end(), key,
        [&](std::size_t at, std::string_view wanted) { return members[at].key < wanted; });
    const bool is_there = found != index.end() && members[*found].key == key;
    return is_there ? &members[*found].value : nullptr;
  }
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const member& known) { return known.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

std::size_t jmespath_value::bytes() const {
  constexpr std::size_t of_scalar = 5;
  switch (kind()) {
    case json::kind::string:
      return as_string().size() + 2;
    case json::kind::array:
      return std::get<std::shared_ptr<const array_data>>(content_)->bytes;
    case json::kind::object:
      return std::get<std::shared_ptr<const object_data>>(content_)->bytes;
    default: {
      const auto* const written = std::get_if<std::shared_ptr<const written_number>>(&content_);
      return written == nullptr ? of_scalar : (*written)->digits.size();
    }
  }
}

int jmespath_value::depth() const {
  if (const auto* const array = std::get_if<std::shared_ptr<const array_data>>(&content_))
    return (*array)->depth;
  const auto* const object = std::get_if<std::shared_ptr<const object_data>>(&content_);
  return object == nullptr ? 0 : (*object)->depth;
}

std::string jmespath_value::number_text() const {
  if (const auto* const written = std::get_if<std::shared_ptr<const written_number>>(&content_))
    return (*written)->digits;
  const auto number = as_number();
  if (std::abs(number) < whole_max && std::trunc(number) == number)
    return std::to_string(static_cast<std::int64_t>(number));
  return json::writer{}.number(number).take();
}

// -- comparing ----------------------------------------------------------------

int compare_numbers(const jmespath_value& left, const jmespath_value& right) {
  const auto first = left.as_number();
  const auto second = right.as_number();
  if (first != second)
    return first < second ? -1 : 1;
  if (std::abs(first) < whole_max)
    return 0;
  const auto left_text = left.number_text();
  const auto right_text = right.number_text();
  const auto left_whole = to_integer(left_text);
  const auto right_whole = to_integer(right_text);
  if (left_whole && right_whole)
    return *left_whole < *right_whole ? -1 : *left_whole > *right_whole ? 1 : 0;
  return std::isfinite(first) ? 0 : left_text.compare(right_text);  // 1e400 is not 1e401
}

bool jmespath_value::operator==(const jmespath_value& other) const {
  if (kind() != other.kind())
    return false;
  switch (kind()) {
    case json::kind::null:
      return true;
    case json::kind::boolean:
      return as_boolean() == other.as_boolean();
    case json::kind::number:
      return compare_numbers(*this, other) == 0;
    case json::kind::string:
      return as_string() == other.as_string();
    case json::kind::array:
      return elements() == other.elements();
    case json::kind::object:
      return members().size() == other.members().size()
             && std::all_of(members().begin(), members().end(), [&](const member& held) {
                  const auto* const found = other.find(held.key);
                  return found != nullptr && *found == held.value;
                });
  }
  return false;
}

bool is_true(const jmespath_value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return false;
    case json::kind::boolean:
      return value.as_boolean();
    case json::kind::number:
      return true;
    case json::kind::string:
      return !value.as_string().empty();
    case json::kind::array:
      return !value.elements().empty();
    case json::kind::object:
      return !value.members().empty();
  }
  return false;
}

}  // namespace carillon
