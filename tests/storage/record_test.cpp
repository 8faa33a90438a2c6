#include "storage/record.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace carillon;
using namespace carillon::storage;

TEST_CASE("numbers come back, whatever their size and sign", "[record]") {
  using limits = std::numeric_limits<std::int64_t>;
  const auto number = GENERATE(std::int64_t{0}, 1, -1, 63, 64, -64, -65, 127, 128, 300, 1 << 20,
                               limits::max(), limits::min(), limits::min() + 1);
  record_writer out{1};
  out.number(7, number);
  record_reader in{out.data()};
  REQUIRE(in.next());
  CHECK(in.version() == 1);
  CHECK(in.field() == 7);
  CHECK(in.number() == number);
  CHECK_FALSE(in.next());
  CHECK(in.ok());
}

TEST_CASE("bytes come back, whatever they hold", "[record]") {
  const auto size = GENERATE(0U, 1U, 127U, 128U, 70'000U);
  const std::string bytes(size, '\0');
  record_writer out{1};
  out.bytes(1, bytes);
  out.number(2, 5);
  record_reader in{out.data()};
  REQUIRE(in.next());
  CHECK(in.bytes() == bytes);
  REQUIRE(in.next());
  CHECK(in.number() == 5);
}

TEST_CASE("reals and moments come back to the bit", "[record]") {
  const auto real = GENERATE(0.0, -0.0, 0.1, 99.999, 1e300, -1e-300);
  record_writer out{1};
  out.real(1, real);
  out.moment(2, instant_min);
  out.moment(3, std::optional<instant>{});
  out.text(4, "");
  record_reader in{out.data()};
  REQUIRE(in.next());
  CHECK(in.real() == real);
  CHECK(std::signbit(in.real()) == std::signbit(real));
  REQUIRE(in.next());
  CHECK(in.moment() == instant_min);
  CHECK_FALSE(in.next());  // what is absent takes no room
}

TEST_CASE("a record looks the same for ever", "[record]") {
  record_writer out{1};
  out.number(1, 0);
  out.number(1, -1);
  out.number(100, 150);
  out.bytes(2, "ab");
  CHECK(out.data()
        == std::string{"\x01\x02\x00\x02\x01\xC8\x01\xAC\x02\x05\x02"
                       "ab",
                       13});
}

TEST_CASE("an empty record is broken, one without fields is not", "[record]") {
  CHECK_FALSE(record_reader{""}.ok());
  record_reader bare{"\x01"};
  CHECK_FALSE(bare.next());
  CHECK(bare.ok());
}

TEST_CASE("bytes that are cut or broken are noticed", "[record]") {
  const std::string_view broken = GENERATE(as<std::string_view>{}, "\x01\x02",  // no value
                                           "\x01\x80",                          // half a tag
                                           "\x01\x02\x80",                      // half a number
                                           "\x01\x05\x02"
                                           "a",  // one byte of two
                                           "\x01\x02\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
                                           "\x01\x05\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
  record_reader in{broken};
  while (in.next()) {
  }
  CHECK_FALSE(in.ok());
  CHECK_FALSE(in.next());
}

TEST_CASE("no bytes lead a reader astray", "[record][random]") {
  std::mt19937_64 random{4711};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(random());
    record_reader in{bytes};
    std::size_t fields = 0;
    while (in.next())
      ++fields;
    REQUIRE(fields <= bytes.size());
  }
}
