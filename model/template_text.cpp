#include "model/template_text.hpp"

#include <charconv>
#include <utility>
#include <vector>

namespace carillon {
namespace {

constexpr std::string_view opening = "${";
constexpr std::string_view escaped = "$${";

problem bad_template(std::string_view text, std::string_view why) {
  return {problem_kind::invalid,
          "the template " + excerpt(text) + " cannot be read: " + std::string{why}};
}

/// The JSON text at one step of a path below `from`; empty when there is none.
std::optional<std::string> step_into(const std::string& from, std::string_view part) {
  const auto root = json::read(from);
  if (!root)
    return std::nullopt;
  if (root->kind == json::kind::object) {
    for (const auto& member : json::members(*root))
      if (member.key == part)
        return std::string{member.value.raw};
    return std::nullopt;
  }
  std::size_t index = 0;
  const auto [end, fault] = std::from_chars(part.data(), part.data() + part.size(), index);
  const auto elements = json::elements(*root);
  if (fault != std::errc{} || end != part.data() + part.size() || index >= elements.size())
    return std::nullopt;
  return std::string{elements[index].raw};
}

/// "a.b[0].c" as "a", "b", "0", "c"; empty when it is no path.
std::optional<std::vector<std::string_view>> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const bool is_index = path.front() == '[';
    if (is_index)
      path.remove_prefix(1);
    const auto length = path.find_first_of(is_index ? "]" : ".[");
    if (is_index && length == std::string_view::npos)
      return std::nullopt;
    const auto part = path.substr(0, length);
    if (part.empty() || part.find_first_of(" \t\"'{}") != std::string_view::npos)
      return std::nullopt;
    parts.push_back(part);
    path.remove_prefix(std::min(path.size(), part.size() + (is_index ? 1 : 0)));
    if (path.starts_with('.')) {
      path.remove_prefix(1);
      if (path.empty())
        return std::nullopt;
    }
  }
  if (parts.empty())
    return std::nullopt;
  return parts;
}

/// JSON text; "null" for a path that leads nowhere.
expected<std::string> look_up(std::string_view path, const template_names& names) {
  const auto parts = parts_of(path);
  if (!parts)
    return bad_template(path, "expected names joined by dots, such as event.order.id");
  auto found = names(parts->front());
  for (std::size_t at = 1; found && at < parts->size(); ++at)
    found = step_into(*found, (*parts)[at]);
  return found.value_or("null");
}

std::string as_text(const std::string& json_text) {
  const auto value = json::read(json_text);
  if (!value || value->kind == json::kind::null)
    return {};
  return json::as_string(*value).value_or(json_text);
}

expected<std::string> fill_string(const std::string& text, const template_names& names) {
  const bool is_whole = text.starts_with(opening) && text.find('}') == text.size() - 1;
  if (is_whole)
    return look_up(std::string_view{text}.substr(2, text.size() - 3), names);
  std::string filled;
  for (std::string_view rest = text; !rest.empty();) {
    if (rest.starts_with(escaped)) {
      filled += opening;
      rest.remove_prefix(escaped.size());
      continue;
    }
    if (!rest.starts_with(opening)) {
      filled += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    const auto end = rest.find('}');
    if (end == std::string_view::npos)
      return bad_template(rest, "} is missing");
    const auto value = look_up(rest.substr(2, end - 2), names);
    if (!value)
      return value;
    filled += as_text(*value);
    rest.remove_prefix(end + 1);
  }
  json::writer out;
  out.string(filled);
  return out.take();
}

/// The depth of recursion is bounded by json::depth_max.
std::optional<problem> fill(const json::value& source, const template_names& names,
                            json::writer& out) {
  switch (source.kind) {
    case json::kind::object:
      out.begin_object();
      for (const auto& member : json::members(source)) {
        out.key(member.key);
        if (auto wrong = fill(member.value, names, out))
          return wrong;
      }
      out.end_object();
      return std::nullopt;
    case json::kind::array:
      out.begin_array();
      for (const auto& element : json::elements(source))
        if (auto wrong = fill(element, names, out))
          return wrong;
      out.end_array();
      return std::nullopt;
    case json::kind::string: {
      const auto filled = fill_string(json::as_string(source).value_or(""), names);
      if (!filled)
        return filled.error();
      out.raw(*filled);
      return std::nullopt;
    }
    default:
      out.raw(source.raw);
      return std::nullopt;
  }
}

}  // namespace

expected<std::string> fill_templates(const json::value& source, const template_names& names) {
  json::writer out;
  if (auto wrong = fill(source, names, out))
    return *std::move(wrong);
  return out.take();
}

}  // namespace carillon
