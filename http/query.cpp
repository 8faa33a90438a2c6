#include "http/query.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "http/text.hpp"
#include "model/duration.hpp"

namespace carillon::http {

namespace {

constexpr std::size_t values_max = 50;  ///< Of one parameter.

}  // namespace

const std::string* query_reader::find(std::string_view name) {
  known_.push_back(name);
  const auto found = std::ranges::find(
      asked_->query, name, [](const auto& each) { return std::string_view{each.first}; });
  return found == asked_->query.end() ? nullptr : &found->second;
}

void query_reader::add_fault(std::string_view name, std::string message, std::string_view value) {
  faults_.add("query." + std::string{name}, std::move(message), value);
}

void query_reader::refuse(std::string_view name, std::string message) {
  const auto* value = find(name);
  add_fault(name, std::move(message), value ? std::string_view{*value} : std::string_view{});
}

std::int64_t query_reader::integer(std::string_view name, range allowed, std::int64_t fallback) {
  const auto* value = find(name);
  if (!value)
    return fallback;
  std::int64_t number = 0;
  const auto* end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, number);
  if (error == std::errc{} && stop == end && number >= allowed.min && number <= allowed.max)
    return number;
  auto wanted = "an integer from " + std::to_string(allowed.min);
  if (allowed.max != std::numeric_limits<std::int64_t>::max())
    wanted += " to " + std::to_string(allowed.max);
  add_fault(name, std::move(wanted), *value);
  return fallback;
}

std::int64_t query_reader::limit(std::int64_t fallback, std::int64_t max) {
  return integer("limit", {1, max}, fallback);
}

std::int64_t query_reader::offset() {
  return integer("offset", {0, std::numeric_limits<std::int64_t>::max()}, 0);
}

std::optional<std::string> query_reader::text(std::string_view name, std::size_t bytes_max) {
  const auto* value = find(name);
  if (!value)
    return {};
  if (!value->empty() && value->size() <= bytes_max)
    return *value;
  add_fault(name, "1 to " + std::to_string(bytes_max) + " bytes", *value);
  return {};
}

std::vector<std::string> query_reader::texts(std::string_view name, std::size_t bytes_max) {
  known_.push_back(name);
  repeatable_.push_back(name);
  std::vector<std::string> found;
  for (const auto& [each, value] : asked_->query) {
    if (each != name || std::ranges::find(found, value) != found.end())
      continue;
    if (value.empty() || value.size() > bytes_max)
      add_fault(name, "1 to " + std::to_string(bytes_max) + " bytes", value);
    else
      found.push_back(value);
  }
  if (found.size() > values_max)
    add_fault(name, "at most " + std::to_string(values_max) + " values", found.back());
  return found;
}

std::vector<std::pair<std::string, std::vector<std::string>>> query_reader::beginning_with(
    std::string_view prefix) {
  std::vector<std::pair<std::string, std::vector<std::string>>> found;
  for (const auto& [each, value] : asked_->query) {
    const auto is_same = [&](const auto& known) {
      return each.substr(prefix.size()) == known.first;
    };
    if (each.starts_with(prefix) && std::ranges::none_of(found, is_same))
      found.emplace_back(each.substr(prefix.size()), texts(each));
  }
  return found;
}

std::optional<instant> query_reader::moment(std::string_view name) {
  const auto* value = find(name);
  if (!value)
    return {};
  const auto parsed = parse_instant(*value);
  if (parsed)
    return *parsed;
  add_fault(name, parsed.error().detail, *value);
  return {};
}

std::optional<duration> query_reader::length(std::string_view name, duration min, duration max) {
  const auto* value = find(name);
  if (!value)
    return {};
  const auto parsed = parse_duration(*value);
  if (parsed && *parsed >= min && *parsed <= max)
    return *parsed;
  add_fault(name,
            parsed ? "must be from " + format_duration(min) + " to " + format_duration(max)
                   : parsed.error().detail,
            *value);
  return {};
}

bool query_reader::flag(std::string_view name, bool fallback) {
  constexpr std::string_view words[] = {"false", "true"};
  const auto found = one_of(name, words);
  return found ? *found == 1 : fallback;
}

std::optional<std::size_t> query_reader::one_of(std::string_view name,
                                                std::span<const std::string_view> words) {
  const auto* value = find(name);
  if (!value)
    return {};
  for (std::size_t at = 0; at < words.size(); ++at)
    if (equals_ignoring_case(words[at], *value))
      return at;
  std::string wanted = "one of ";
  for (std::size_t at = 0; at < words.size(); ++at)
    wanted += (at == 0 ? "" : ", ") + std::string{words[at]};
  add_fault(name, std::move(wanted), *value);
  return {};
}

expected<void> query_reader::finish() && {
  const auto& query = asked_->query;
  for (auto each = query.begin(); each != query.end(); ++each) {
    const auto same = [each](const auto& other) { return other.first == each->first; };
    if (std::ranges::find(known_, std::string_view{each->first}) == known_.end())
      add_fault(each->first, "no such parameter", each->second);
    else if (std::ranges::find(repeatable_, each->first) == repeatable_.end()
             && std::any_of(query.begin(), each, same))
      add_fault(each->first, "given more than once", each->second);
  }
  if (faults_.empty())
    return {};
  return std::move(faults_).to_problem();
}

std::string link_to_next(const request& asked, std::string_view cursor) {
  std::string link = "<" + encode_path(asked.path) + "?cursor=" + encode_component(cursor);
  for (const auto& [name, value] : asked.query)
    if (name != "cursor" && name != "offset")
      link += "&" + encode_component(name) + "=" + encode_component(value);
  return link + ">; rel=\"next\"";
}

}  // namespace carillon::http
