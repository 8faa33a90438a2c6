#include "http/line_splitter.hpp"

#include <catch2/catch.hpp>

using carillon::http::line_splitter;
using lines = std::vector<std::string>;

TEST_CASE("lines come whole, however the body is cut", "[lines]") {
  const std::string body = "one\r\n\n  \ntwo\nthree";
  for (std::size_t size = 1; size <= body.size(); ++size) {
    line_splitter splitter{100};
    lines found;
    for (std::size_t at = 0; at < body.size(); at += size)
      for (auto& line : splitter.add(body.substr(at, size)))
        found.push_back(line);
    for (auto& line : splitter.finish())
      found.push_back(line);
    CHECK(found == lines{"one\r", "two", "three"});
  }
}

TEST_CASE("a line that is too long is one line, and told as too long", "[lines]") {
  line_splitter splitter{4};
  CHECK(splitter.add("1234\n12345").size() == 1);
  CHECK(splitter.add(std::string(100, 'x')).empty());
  CHECK(splitter.add("y\nnext\n") == lines{"12345", "next"});
  CHECK(splitter.finish().empty());
}
