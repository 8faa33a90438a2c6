#include "tools/cli/event_reader.hpp"

#include <catch2/catch.hpp>

namespace carillon::cli {

TEST_CASE("events are read whole, however their bytes come", "[cli]") {
  const std::string text =
      ": hello\n\nid: 7\nevent: line\ndata: {\"a\":1}\n\ndata:x\r\ndata: y\r\n\r\nevent: none\n\n";
  for (const std::size_t step : {1UL, 3UL, 100UL}) {
    event_reader reader;
    std::vector<stream_event> found;
    for (std::size_t at = 0; at < text.size(); at += step)
      for (auto& each : reader.feed(std::string_view{text}.substr(at, step)))
        found.push_back(std::move(each));
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "line");
    CHECK(found[0].id == "7");
    CHECK(found[0].data == R"({"a":1})");
    CHECK(found[1].name.empty());
    CHECK(found[1].data == "x\ny");
  }
}

TEST_CASE("a line without its end waits for it", "[cli]") {
  line_reader reader;
  CHECK(reader.feed("a\nb") == std::vector<std::string>{"a"});
  CHECK(reader.feed("c\n\n") == std::vector<std::string>{"bc", ""});
}

}  // namespace carillon::cli
