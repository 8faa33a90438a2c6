#include "storage/match_words.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "model/json.hpp"

namespace carillon::storage {
namespace {

/// The value behind one part of a path.
std::optional<json::value> inside(const json::value& outer, std::string_view step) {
  if (outer.kind == json::kind::object) {
    for (const auto& each : json::members(outer))
      if (each.key == step)
        return each.value;
  } else if (outer.kind == json::kind::array) {
    std::size_t place = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), place);
    const auto elements = json::elements(outer);
    if (error == std::errc{} && end == step.data() + step.size() && place < elements.size())
      return elements[place];
  }
  return std::nullopt;
}

/// Texts by what they say, all else by how it is written: no digit of a number counts for nothing.
bool is_same(const json::value& found, const json::value& wanted) {
  if (found.kind != wanted.kind)
    return false;
  return found.kind == json::kind::string ? json::as_string(found) == json::as_string(wanted)
                                          : found.raw == wanted.raw;
}

bool holds_value(const json::value& payload, const payload_match& wanted) {
  auto found = std::optional{payload};
  std::string_view rest = wanted.path;
  while (found) {
    const auto end = std::min(rest.find('.'), rest.size());
    found = inside(*found, rest.substr(0, end));
    if (end == rest.size())
      break;
    rest.remove_prefix(end + 1);
  }
  return found && std::ranges::any_of(wanted.values, [&](const std::string& text) {
           const auto value = json::read(text);
           return value && is_same(*found, *value);
         });
}

}  // namespace

bool payload_matches(const std::vector<payload_match>& wanted, std::string_view payload) {
  if (wanted.empty())
    return true;
  const auto root = json::read(payload);
  return root
         && std::ranges::all_of(wanted, [&](const auto& each) { return holds_value(*root, each); });
}

bool contains(std::string_view where, std::string_view text) {
  const auto lower = [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  };
  return !std::ranges::search(where, text, {}, lower, lower).empty();
}

}  // namespace carillon::storage
