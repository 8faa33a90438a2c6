#include "model/jmespath_value.hpp"

#include <optional>
#include <utility>

namespace carillon {

namespace {

/// The depth of recursion is bounded by json::depth_max.
class reader {
public:
  std::optional<jmespath_value> value(const json::value& source) {
    if (++count_ > jmespath_value::values_max)
      return std::nullopt;
    switch (source.kind) {
      case json::kind::boolean:
        return jmespath_value::boolean(source.raw == "true");
      case json::kind::number:
        return jmespath_value::number_as_written(source.raw);
      case json::kind::string:
        return jmespath_value::string(*json::as_string(source));
      case json::kind::array:
        return array(json::elements(source));
      case json::kind::object:
        return object(json::members(source));
      default:
        return jmespath_value{};
    }
  }

private:
  std::optional<jmespath_value> array(const std::vector<json::value>& sources) {
    jmespath_value::array_type elements;
    elements.reserve(sources.size());
    for (const auto& source : sources) {
      auto element = value(source);
      if (!element)
        return std::nullopt;
      elements.push_back(*std::move(element));
    }
    return jmespath_value::array(std::move(elements));
  }

  std::optional<jmespath_value> object(std::vector<json::member> sources) {
    jmespath_value::object_type members;
    members.reserve(sources.size());
    for (auto& source : sources) {
      auto held = value(source.value);
      if (!held)
        return std::nullopt;
      members.push_back({std::move(source.key), *std::move(held)});
    }
    return jmespath_value::object(std::move(members));
  }

  std::size_t count_ = 0;
};

void write(const jmespath_value& value, json::writer& out) {
  switch (value.kind()) {
    case json::kind::null:
      out.null();
      break;
    case json::kind::boolean:
      out.boolean(value.as_boolean());
      break;
    case json::kind::number:
      out.raw(value.number_text());
      break;
    case json::kind::string:
      out.string(value.as_string());
      break;
    case json::kind::array:
      out.begin_array();
      for (const auto& element : value.elements())
        write(element, out);
      out.end_array();
      break;
    case json::kind::object:
      out.begin_object();
      for (const auto& [key, held] : value.members()) {
        out.key(key);
        write(held, out);
      }
      out.end_object();
      break;
  }
}

}  // namespace

expected<jmespath_value> jmespath_value::read(std::string_view text) {
  const auto root = json::read(text);
  if (!root)
    return root.error();
  auto value = reader{}.value(*root);
  if (!value)
    return problem{problem_kind::invalid,
                   "the JSON has more than " + std::to_string(values_max) + " values"};
  return *std::move(value);
}

std::string jmespath_value::to_json() const {
  json::writer out;
  write(*this, out);
  return out.take();
}

}  // namespace carillon
