#include "http/entity_tag.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/problem_response.hpp"
#include "http/text.hpp"

namespace carillon::http {
namespace {

constexpr std::string_view header = "ETag";
constexpr std::string_view gzip_mark = "-gzip\"";
constexpr std::size_t hex_digits = 16;

std::string hex(std::uint64_t number) {
  std::array<char, hex_digits> digits{};
  const auto [end, unused] = std::to_chars(digits.begin(), digits.end(), number, 16);
  const std::string text(digits.begin(), end);
  return std::string(hex_digits - text.size(), '0') + text;
}

std::uint64_t digest(std::string_view body) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char each : body)
    hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001B3ULL;
  return hash;
}

std::string* find_tag(response& what) {
  const auto found = std::ranges::find(
      what.headers, header, [](const auto& each) { return std::string_view{each.first}; });
  return found == what.headers.end() ? nullptr : &found->second;
}

/// Calls visit(tag) for each of a list, as it came; true when one of them is "*".
template <class Visitor>
bool for_each_tag(std::string_view list, Visitor visit) {
  while (!list.empty()) {
    const auto begin = list.find('"');
    const auto word = trim(list.substr(0, std::min(begin, list.size())));
    if (word == "*" || word.ends_with("*"))
      return true;
    const auto end = begin == list.npos ? list.npos : list.find('"', begin + 1);
    if (end == list.npos)
      return false;
    visit(list.substr(begin, end + 1 - begin), word.ends_with("W/"));
    list.remove_prefix(end + 1);
  }
  return false;
}

std::string plain(std::string_view tag) {
  if (tag.ends_with(gzip_mark))
    return std::string{tag.substr(0, tag.size() - gzip_mark.size())} + '"';
  return std::string{tag};
}

}  // namespace

bool has_tag(std::string_view pattern) {
  constexpr std::array<std::string_view, 9> tagged = {
      "/v1/tasks/{id}",   "/tasks/{id}",           "/v1/schedules/{id}",
      "/agents/{id}",     "/v1/url-groups/{name}", "/v1/queues/{queue}",
      "/v1/batches/{id}", "/api/tasks/{name}",     "/v1/hosts/{host}"};
  return std::ranges::find(tagged, pattern) != tagged.end();
}

void add_version(response& what, std::uint64_t version) {
  what.headers.emplace_back(header, hex(version));
}

bool has_version(const response& what) {
  return std::ranges::count(what.headers, header,
                            [](const auto& each) { return std::string_view{each.first}; })
         > 0;
}

void set_tag(response& what) {
  auto* tag = find_tag(what);
  if (tag == nullptr)
    tag = &what.headers.emplace_back(header, "").second;
  const auto version = tag->empty() ? "" : *tag + '-';
  *tag = '"' + version + hex(digest(what.body)) + '"';
}

bool is_known(const response& what, std::string_view if_none_match) {
  const auto copy = std::ranges::find(
      what.headers, header, [](const auto& each) { return std::string_view{each.first}; });
  if (copy == what.headers.end() || if_none_match.empty())
    return false;
  bool found = false;
  const bool any = for_each_tag(if_none_match, [&](std::string_view tag, bool) {
    found = found || plain(tag) == copy->second;
  });
  return found || any;
}

void set_gzip_tag(response& what) {
  if (auto* tag = find_tag(what); tag != nullptr && tag->ends_with('"'))
    *tag = tag->substr(0, tag->size() - 1) + std::string{gzip_mark};
}

std::optional<std::vector<std::uint64_t>> wanted_versions(const request& asked) {
  std::vector<std::uint64_t> versions;
  bool is_asked = false;
  bool any = false;
  for (const auto& [name, list] : asked.headers) {
    if (name != "if-match")
      continue;
    is_asked = true;
    any |= for_each_tag(list, [&](std::string_view tag, bool is_weak) {
      std::uint64_t version = 0;
      const auto text = tag.substr(1, std::min(hex_digits, tag.size() - 1));
      const auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), version, 16);
      if (!is_weak && error == std::errc{} && end == text.data() + hex_digits)
        versions.push_back(version);
    });
  }
  if (!is_asked || any)
    return std::nullopt;
  return versions;
}

response stale_response(std::string_view path, std::string_view request_id) {
  request named;
  named.path = path;
  named.id = request_id;
  return refuse(412, "it was changed since: read it again, and decide by what it is now", named);
}

}  // namespace carillon::http
