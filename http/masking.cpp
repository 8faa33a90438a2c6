#include "http/masking.hpp"

#include <algorithm>
#include <array>

#include "http/text.hpp"
#include "model/json.hpp"
#include "model/problem.hpp"

namespace carillon::http {
namespace {

constexpr std::string_view mask = "***";
constexpr std::array<std::string_view, 8> secret_names = {
    "token", "secret", "password", "passwd", "authorization", "cookie", "credential", "api"};
constexpr std::array<std::string_view, 4> secret_beginnings = {"whsec_", "carillon_", "Bearer ",
                                                               "Basic "};

/// The name and password of an address go.
std::string without_login(const std::string& text) {
  const auto begin = text.find("://");
  if (begin == std::string::npos)
    return text;
  const auto end = text.find_first_of("/?#", begin + 3);
  const auto at = text.substr(0, end).rfind('@');
  if (at == std::string::npos || at < begin)
    return text;
  return text.substr(0, begin + 3) + std::string{mask} + text.substr(at);
}

void write(json::writer& out, json::value value, bool is_secret);

void write_object(json::writer& out, json::value value) {
  out.begin_object();
  for (const auto& each : json::members(value)) {
    out.key(each.key);
    write(out, each.value, is_secret_name(each.key));
  }
  out.end_object();
}

void write_string(json::writer& out, json::value value, bool is_secret) {
  const auto text = json::as_string(value).value_or("");
  const bool looks_secret =
      std::ranges::any_of(secret_beginnings, [&](auto each) { return text.starts_with(each); });
  if (!text.empty() && (is_secret || looks_secret))
    out.string(mask);
  else
    out.string(without_login(text));
}

void write(json::writer& out, json::value value, bool is_secret) {
  switch (value.kind) {
    case json::kind::object:
      return write_object(out, value);
    case json::kind::array:
      out.begin_array();
      for (const auto& each : json::elements(value))
        write(out, each, is_secret);
      out.end_array();
      return;
    case json::kind::string:
      return write_string(out, value, is_secret);
    default:
      out.raw(value.raw);
  }
}

}  // namespace

bool is_secret_name(std::string_view key) {
  const auto name = to_lower(key);
  return std::ranges::any_of(secret_names, [&](std::string_view word) {
    // "api_key", "X-Api-Key", "apikey", but not "api_trigger"
    return name.find(word) != std::string::npos
           && (word != "api" || name.find("key") != std::string::npos);
  });
}

std::string masked(std::string_view body, std::size_t bytes_max) {
  const auto root = json::read(body);
  if (!root)
    return {};
  json::writer out;
  write(out, *root, false);
  auto text = out.take();
  if (text.size() <= bytes_max)
    return text;
  json::writer cut;
  cut.begin_object().field("cut", true).field("bytes", text.size());
  cut.field("text", std::string_view{text}.substr(0, bytes_max)).end_object();
  return cut.take();
}

}  // namespace carillon::http
