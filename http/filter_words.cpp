#include "http/filter_words.hpp"

#include "http/agent_lookup.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t values_max = 50;
constexpr std::string_view payload_wanted =
    "must be a text, a number, true, false or null at each path, or a list of these";

bool is_scalar(const json::value& value) {
  return value.kind != json::kind::array && value.kind != json::kind::object;
}

std::string json_text(std::string_view text) {
  json::writer out;
  out.string(text);
  return out.take();
}

/// The JSON that is meant; empty when it is a list or an object.
std::optional<std::string> read_value(const std::string& text) {
  const auto value = json::read(text);
  if (!value)
    return json_text(text);
  return is_scalar(*value) ? std::optional{std::string{value->raw}} : std::nullopt;
}

}  // namespace

storage::time_range read_range(query_reader& query, const char* from, const char* to) {
  storage::time_range found;
  found.from = query.moment(from);
  found.to = query.moment(to);
  return found;
}

storage::time_range read_range(body_reader& in, const char* from, const char* to) {
  storage::time_range found;
  found.from = in.moment(from);
  found.to = in.moment(to);
  return found;
}

std::vector<std::string> read_texts(body_reader& in, std::string_view name) {
  const auto given = in.any(name);
  if (!given || given->kind == json::kind::null)
    return {};
  if (given->kind == json::kind::array)
    return in.texts(name, {1, filter_text_bytes_max}, values_max);
  const auto text = in.text(name, {1, filter_text_bytes_max});
  return text ? std::vector{*text} : std::vector<std::string>{};
}

std::vector<std::string> read_creators(query_reader& query) {
  auto found = query.texts("created_by");
  for (auto& each : found)
    each = parse_agent_id(each).value_or(each);
  return found;
}

std::vector<storage::payload_match> read_payload(query_reader& query) {
  std::vector<storage::payload_match> found;
  for (const auto& [path, texts] : query.beginning_with("payload.")) {
    storage::payload_match match{path, {}};
    for (const auto& text : texts) {
      if (auto value = read_value(text))
        match.values.push_back(*std::move(value));
      else
        query.refuse("payload." + path, "must be a text, a number, true, false or null");
    }
    found.push_back(std::move(match));
  }
  return found;
}

std::vector<storage::payload_match> read_payload(body_reader& in) {
  std::vector<storage::payload_match> found;
  const auto given = in.object("payload");
  if (!given)
    return found;
  for (const auto& [path, value] : json::members(*given)) {
    storage::payload_match match{path, {}};
    const auto values =
        value.kind == json::kind::array ? json::elements(value) : std::vector{value};
    bool is_good = !path.empty() && !values.empty() && values.size() <= values_max;
    for (const auto& each : values) {
      is_good = is_good && is_scalar(each);
      match.values.emplace_back(each.raw);
    }
    if (!is_good)
      in.refuse("payload", std::string{payload_wanted}, value.raw);
    found.push_back(std::move(match));
  }
  return found;
}

}  // namespace carillon::http
