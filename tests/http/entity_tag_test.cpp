#include "http/entity_tag.hpp"

#include <catch2/catch.hpp>

namespace carillon::http {
namespace {

std::string tag_of(const std::string& body, std::optional<std::uint64_t> version = {}) {
  response what{200, body};
  if (version)
    add_version(what, *version);
  set_tag(what);
  REQUIRE(what.headers.size() == 1);
  return what.headers.front().second;
}

using versions = std::optional<std::vector<std::uint64_t>>;

versions wanted(std::vector<std::string> lines) {
  request asked;
  for (auto& line : lines)
    asked.headers.emplace_back("if-match", std::move(line));
  return wanted_versions(asked);
}

bool knows(const std::string& list) {
  response what{200, "body", {{"ETag", "\"0a\""}}};
  return is_known(what, list);
}

}  // namespace

TEST_CASE("a tag follows from the representation, and tells the version", "[http][etag]") {
  CHECK(tag_of("a") == tag_of("a"));
  CHECK(tag_of("a") != tag_of("b"));
  CHECK(tag_of("a").size() == 18);
  CHECK(tag_of("a", 5).starts_with("\"0000000000000005-"));
  CHECK(tag_of("a", 5) != tag_of("b", 5));
}

TEST_CASE("If-None-Match is a list, weak tags and any", "[http][etag]") {
  CHECK(knows("\"0a\""));
  CHECK(knows("\"x\", W/\"0a\""));
  CHECK(knows("\"0a-gzip\""));
  CHECK(knows("*"));
  for (const auto* list : {"", "\"0b\"", "0a", "\"0a", "W/", "\"\""}) {
    CAPTURE(list);
    CHECK_FALSE(knows(list));
  }
}

TEST_CASE("If-Match names versions by strong tags alone", "[http][etag]") {
  CHECK(wanted({}) == std::nullopt);
  CHECK(wanted({"*"}) == std::nullopt);
  CHECK(wanted({tag_of("a", 5)}) == versions{{5}});
  CHECK(wanted({"\"x\", " + tag_of("a", 5), tag_of("b", 6)}) == versions{{5, 6}});
  CHECK(wanted({"W/" + tag_of("a", 5)}) == versions{std::vector<std::uint64_t>{}});
  for (const auto* list : {"", "\"\"", "broken", "\"5\""}) {
    CAPTURE(list);
    CHECK(wanted({list}) == versions{std::vector<std::uint64_t>{}});
  }
  response gzipped{200, "a"};
  add_version(gzipped, 7);
  set_tag(gzipped);
  set_gzip_tag(gzipped);
  CHECK(wanted({gzipped.headers.front().second}) == versions{{7}});
}

}  // namespace carillon::http
