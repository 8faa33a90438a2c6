#include "config/printable.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

TEST_CASE("text that a terminal can show stays as it is") {
  const std::string text = GENERATE("", "plain text", "größe €", "\xF0\x9F\x94\x94 bell",
                                    "\xC2\xA0", "back\\slash \"quote\"");
  CHECK(printable(text) == text);
}

TEST_CASE("what a terminal would obey is shown as an escape") {
  CHECK(printable("a\nb\rc\td") == "a\\nb\\rc\\td");
  CHECK(printable("\x1B[31mred") == "\\x1b[31mred");
  CHECK(printable("\x7F") == "\\x7f");
  CHECK(printable(std::string_view{"\0", 1}) == "\\x00");
  CHECK(printable("\xC2\x9B"
                  "31m")
        == "\\xc2\\x9b31m");
}

TEST_CASE("bytes that are not UTF-8 are shown as escapes") {
  CHECK(printable("\x9B"
                  "31m")
        == "\\x9b31m");
  CHECK(printable("\xC3") == "\\xc3");
  CHECK(printable("\xC0\x8A") == "\\xc0\\x8a");
  CHECK(printable("\xE2\x82(") == "\\xe2\\x82(");
  CHECK(printable("\xFF ok") == "\\xff ok");
}
