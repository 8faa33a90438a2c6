#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "http/asset_response.hpp"
#include "http/assets.hpp"
#include "http/change_rules.hpp"
#include "http/entity_tag.hpp"
#include "http/tables.hpp"
#include "http/text.hpp"
#include "model/json.hpp"

namespace carillon::http {
namespace {

json::value find_member(json::value object, std::string_view name) {
  for (const auto& each : json::members(object))
    if (each.key == name)
      return each.value;
  return {};
}

std::string to_upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char each) { return static_cast<char>(std::toupper(each)); });
  return text;
}

/// "GET /v1/tasks" and what it needs, as the document has them.
std::map<std::string, std::string> documented(std::string_view text) {
  std::map<std::string, std::string> found;
  const auto root = json::read(text);
  REQUIRE(root.has_value());
  for (const auto& path : json::members(find_member(*root, "paths")))
    for (const auto& method : json::members(path.value))
      found[to_upper(method.key) + " " + path.key] =
          json::as_string(find_member(method.value, "x-required-scope")).value_or("");
  return found;
}

std::map<std::string, std::string> routed() {
  std::map<std::string, std::string> found;
  for (const auto& table : all_surfaces())
    for (const auto& row : table)
      found[std::string{row.method} + " " + std::string{row.pattern}] = row.needs.text();
  return found;
}

bool has_header(json::value operation, std::string_view name) {
  return std::ranges::any_of(
      json::elements(find_member(operation, "parameters")), [name](const auto& each) {
        return json::as_string(find_member(each, "name")) == std::string{name};
      });
}

request asking(std::string path, std::string accept_encoding = {}) {
  request asked;
  asked.method = "GET";
  asked.path = std::move(path);
  if (!accept_encoding.empty())
    asked.headers = {{"accept-encoding", std::move(accept_encoding)}};
  return asked;
}

}  // namespace

TEST_CASE("the document has every route with what it needs, and no other", "[http][openapi]") {
  const auto document = asset_response(asking("/openapi.json"));
  REQUIRE(document.has_value());
  CHECK(document->content_type == "application/json");
  CHECK(documented(document->body) == routed());
}

TEST_CASE("the document knows where keys and tags are looked at", "[http][openapi]") {
  const auto document = asset_response(asking("/openapi.json"));
  REQUIRE(document.has_value());
  const auto paths = find_member(*json::read(document->body), "paths");
  for (const auto& table : all_surfaces())
    for (const auto& row : table) {
      const auto operation =
          find_member(find_member(paths, row.pattern), row.method == "GET" ? "get" : "post");
      INFO(row.method << " " << row.pattern);
      if (row.method == "GET")
        CHECK(has_header(operation, "If-None-Match") == has_tag(row.pattern));
      if (row.method == "POST" && !row.pattern.ends_with("/events"))
        CHECK(has_header(operation, "Idempotency-Key") == rule_of(row).takes_key);
    }
}

TEST_CASE("every schema that is served is JSON and names itself", "[http][openapi]") {
  int count = 0;
  for (const auto& each : assets()) {
    if (!each.path.starts_with("/schemas/"))
      continue;
    ++count;
    const auto root = json::read(each.text);
    REQUIRE(root.has_value());
    CHECK("/schemas/" + json::as_string(find_member(*root, "title")).value_or("") + ".json"
          == each.path);
  }
  CHECK(count == 9);
}

TEST_CASE("an asset is packed for those that take it so", "[http][openapi]") {
  const auto plain = asset_response(asking("/docs"));
  const auto packed = asset_response(asking("/docs", "br, gzip"));
  REQUIRE(plain.has_value());
  REQUIRE(packed.has_value());
  CHECK(plain->body.starts_with("<!doctype html>"));
  CHECK(packed->body.starts_with("\x1f\x8b"));
  CHECK(packed->body.size() < plain->body.size());
  CHECK_FALSE(asset_response(asking("/docs/no-such-file")).has_value());
}

}  // namespace carillon::http
