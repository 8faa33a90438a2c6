#include "config/byte_size.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

TEST_CASE("every unit of a size is a power of 1024, in any case, with or without a space") {
  const auto [text, bytes] = GENERATE(table<std::string, std::size_t>({
      {"0", 0},
      {"4096", 4096},
      {"7b", 7},
      {"2kb", 2048},
      {"2KiB", 2048},
      {"64mb", 67'108'864},
      {"64MiB", 67'108'864},
      {"1 MiB", 1'048'576},
      {"3GB", 3'221'225'472},
      {"100mb", 104'857'600},
      {"18446744073709551615", 18'446'744'073'709'551'615U},
  }));
  CAPTURE(text);
  CHECK(parse_byte_size(text) == bytes);
}

TEST_CASE("a text that is no size is refused") {
  const std::string text =
      GENERATE("", " ", "MiB", "-1", "+1", "1.5MiB", "1  MiB", "1 ", " 1", "1tb", "1k", "1MiBs",
               "0x10", "18446744073709551616", "18014398509481984kb", "17179869184gb");
  CAPTURE(text);
  CHECK_FALSE(parse_byte_size(text));
}

TEST_CASE("a size is written in the largest unit that leaves a whole number") {
  CHECK(format_byte_size(0) == "0B");
  CHECK(format_byte_size(1500) == "1500B");
  CHECK(format_byte_size(2048) == "2KiB");
  CHECK(format_byte_size(64UL << 20U) == "64MiB");
  CHECK(format_byte_size(1024UL << 30U) == "1024GiB");
  CHECK(format_byte_size((1UL << 20U) + 1024) == "1025KiB");
}
