#include "http/content_coding.hpp"

#include <catch2/catch.hpp>

namespace carillon::http {
namespace {

std::string header_of(const response& what, std::string_view name) {
  for (const auto& [each, value] : what.headers)
    if (each == name)
      return value;
  return {};
}

response encoded(response what, bool takes = true) {
  encode_body(what, takes);
  return what;
}

}  // namespace

TEST_CASE("gzip is taken by who wants it no less than the plain body", "[http][gzip]") {
  for (const auto* yes : {"gzip", "GZIP", "x-gzip", "br, gzip;q=0.1", "*", "gzip;q=1, *;q=0",
                          "identity;q=0.5, gzip;q=0.5", "deflate , gzip ; q=0.3"}) {
    CAPTURE(yes);
    CHECK(takes_gzip(yes));
  }
  for (const auto* no : {"", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *",
                         "identity, gzip;q=0.9", "gzip;q=x"}) {
    CAPTURE(no);
    CHECK_FALSE(takes_gzip(no));
  }
}

TEST_CASE("only large text without secrets is compressed", "[http][gzip]") {
  const std::string large(4'000, 'x');
  const auto small = encoded({200, large, {{"ETag", "\"1\""}}});
  CHECK(small.body.size() < 100);
  CHECK(header_of(small, "Content-Encoding") == "gzip");
  CHECK(header_of(small, "Vary") == "Accept-Encoding");
  CHECK(header_of(small, "ETag") == "\"1-gzip\"");

  const auto plain = encoded({200, large}, false);
  CHECK(plain.body == large);
  CHECK(header_of(plain, "Vary") == "Accept-Encoding");

  CHECK(encoded({200, std::string(1'023, 'x')}).headers.empty());
  CHECK(encoded({200, large, {{"Cache-Control", "no-store"}}}).body == large);
  CHECK(encoded({200, large, {}, "image/png"}).body == large);
  CHECK(encoded({200, std::string((1 << 20) + 1, 'x')}).headers.empty());
}

}  // namespace carillon::http
