#include "model/template_text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "model/jmespath_lexer.hpp"

namespace carillon {
namespace {

constexpr std::string_view opening = "${";
constexpr std::string_view escaped = "$${";

problem bad_template(std::string_view text, std::string_view why) {
  return {problem_kind::invalid,
          "the template " + excerpt(text) + " cannot be read: " + std::string{why}};
}

struct found_template {
  jmespath expression;
  std::size_t length;  ///< Of the whole, from ${ to }.
};

/// The template at the beginning of `text`. An expression may hold braces itself, in pairs.
expected<found_template> read_template(std::string_view text) {
  const auto inside = text.substr(opening.size(), jmespath::text_bytes_max + 1);
  const auto end = jmes::find_closing_brace(inside);
  if (!end)
    return bad_template(text.substr(0, std::min(text.find('}'), text.size() - 1) + 1),
                        end.error().detail);
  if (*end == std::string_view::npos)
    return bad_template(text, "} is missing");
  auto read = jmespath::compile(inside.substr(0, *end));
  const auto length = opening.size() + *end + 1;
  if (!read)
    return bad_template(text.substr(0, length), read.error().detail);
  return found_template{*std::move(read), length};
}

std::string as_text(const jmespath_value& value) {
  if (value.kind() == json::kind::null)
    return {};
  return value.kind() == json::kind::string ? value.as_string() : value.to_json();
}

/// Walks the parts of a string. `on_template` gets each one and says whether to go on.
template <class OnText, class OnTemplate>
std::optional<problem> for_each_part(std::string_view text, OnText on_text,
                                     OnTemplate on_template) {
  while (!text.empty()) {
    if (text.starts_with(escaped)) {
      on_text(opening);
      text.remove_prefix(escaped.size());
      continue;
    }
    if (!text.starts_with(opening)) {
      const auto length = std::max<std::size_t>(1, std::min(text.find('$'), text.size()));
      on_text(text.substr(0, length));
      text.remove_prefix(length);
      continue;
    }
    const auto found = read_template(text);
    if (!found)
      return found.error();
    if (auto wrong = on_template(*found, text.substr(0, found->length)))
      return wrong;
    text.remove_prefix(found->length);
  }
  return std::nullopt;
}

/// What templates are filled in from, and what that has taken.
struct filling {
  const jmespath_value& names;
  std::size_t steps = 0;
};

constexpr std::size_t steps_max = 1'000'000;
constexpr std::size_t bytes_of_step = 4;  ///< Of an expression that is read.

expected<std::string> fill_string(const std::string& text, filling& from) {
  std::string filled;
  std::optional<std::string> whole;
  auto wrong = for_each_part(
      text, [&](std::string_view plain) { filled += plain; },
      [&](const found_template& found, std::string_view written) -> std::optional<problem> {
        const auto value = found.expression.search(from.names, from.steps);
        if (!value)
          return bad_template(written, value.error().detail);
        from.steps += written.size() / bytes_of_step;
        if (from.steps > steps_max)
          return bad_template(written, "with those before it, it takes more than "
                                           + std::to_string(steps_max) + " steps");
        if (written.size() == text.size())
          whole = value->to_json();
        else
          filled += as_text(*value);
        return std::nullopt;
      });
  if (wrong)
    return *std::move(wrong);
  if (whole)
    return *std::move(whole);
  json::writer out;
  out.string(filled);
  return out.take();
}

/// The depth of recursion is bounded by json::depth_max.
std::optional<problem> fill(const json::value& source, filling& from, json::writer& out) {
  switch (source.kind) {
    case json::kind::object:
      out.begin_object();
      for (const auto& member : json::members(source)) {
        out.key(member.key);
        if (auto wrong = fill(member.value, from, out))
          return wrong;
      }
      out.end_object();
      return std::nullopt;
    case json::kind::array:
      out.begin_array();
      for (const auto& element : json::elements(source))
        if (auto wrong = fill(element, from, out))
          return wrong;
      out.end_array();
      return std::nullopt;
    case json::kind::string: {
      const auto filled = fill_string(json::as_string(source).value_or(""), from);
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

bool has_templates(std::string_view json_text) {
  // A JSON string may write either sign as an escape.
  return json_text.find(opening) != std::string_view::npos
         || json_text.find("\\u") != std::string_view::npos;
}

bool is_templated(std::string_view text) {
  return text.find(opening) != std::string_view::npos;
}

expected<std::string> fill_templates(const json::value& source, const jmespath_value& names,
                                     std::size_t& steps) {
  json::writer out;
  filling from{names};
  auto wrong = fill(source, from, out);
  steps += from.steps;
  if (wrong)
    return *std::move(wrong);
  return out.take();
}

void check_templates(const json::value& source, const std::string& location, fault_list& faults) {
  if (!has_templates(source.raw))
    return;
  if (source.kind == json::kind::object) {
    for (const auto& member : json::members(source))
      check_templates(member.value, location + "." + member.key, faults);
  } else if (source.kind == json::kind::array) {
    std::size_t at = 0;
    for (const auto& element : json::elements(source))
      check_templates(element, location + "[" + std::to_string(at++) + "]", faults);
  } else if (source.kind == json::kind::string) {
    const auto text = json::as_string(source).value_or("");
    const auto wrong = for_each_part(
        text, [](std::string_view) {},
        [](const found_template&, std::string_view) { return std::optional<problem>{}; });
    if (wrong)
      faults.add(location, wrong->detail, text);
  }
}

}  // namespace carillon
