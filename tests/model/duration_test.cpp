#include "model/duration.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

namespace carillon {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::weeks;

const std::string expectation = "must be a duration such as 30s, 1h30m or PT30S";

duration read(std::string_view text) {
  CAPTURE(text);
  const auto length = parse_duration(text);
  if (!length)
    FAIL(length.error().detail);
  return *length;
}

std::string refusal(std::string_view text) {
  CAPTURE(text);
  const auto length = parse_duration(text);
  REQUIRE_FALSE(length.has_value());
  CHECK(length.error().kind == problem_kind::invalid);
  return length.error().detail;
}

}  // namespace

TEST_CASE("a duration is read as ISO 8601", "[duration]") {
  const auto [text, length] = GENERATE(table<std::string, duration>({
      {"PT0S", 0ms},
      {"PT30S", 30s},
      {"pt30s", 30s},
      {"PT1H30M", 90min},
      {"P1DT2H", 26h},
      {"P7D", 7 * 24h},
      {"P2W", weeks{2}},
      {"P1DT2H3M4S", 26h + 3min + 4s},
      {"PT90M", 90min},
      {"PT36H", 36h},
      {"P0D", 0ms},
      {"PT007S", 7s},
      {"P1DT1S", 24h + 1s},
      {"PT1H1S", 1h + 1s},
  }));
  CAPTURE(text);
  CHECK(read(text) == length);
}

TEST_CASE("the last component of ISO 8601 may have decimals, rounded up", "[duration]") {
  CHECK(read("PT0.5S") == 500ms);
  CHECK(read("PT0,5S") == 500ms);
  CHECK(read("PT1.25S") == 1250ms);
  CHECK(read("PT0.0001S") == 1ms);
  CHECK(read("PT0.0010S") == 1ms);
  CHECK(read("PT0.00100000000000000000000000000000001S") == 2ms);
  CHECK(read("PT0.1H") == 6min);
  CHECK(read("PT1H0.5M") == 1h + 30s);
  CHECK(read("P0.5D") == 12h);
  CHECK(read("P1.5W") == days{10} + 12h);
  // A third of a day is 28800000 ms exactly; what is written is a little less, then a little more.
  CHECK(read("P0.333333333333333333333333333333D") == 8h);
  CHECK(read("P0.333333333333333333333333333334D") == 8h + 1ms);
  CHECK(read("PT0." + std::string(100'000, '0') + "1S") == 1ms);
}

TEST_CASE("a duration is read as words", "[duration]") {
  const auto [text, length] = GENERATE(table<std::string, duration>({
      {"0s", 0ms},
      {"30s", 30s},
      {"250ms", 250ms},
      {"1h30m", 90min},
      {"1h 30m", 90min},
      {"1h   30m", 90min},
      {"7d", days{7}},
      {"2w", weeks{2}},
      {"36h", 36h},
      {"1w2d3h4m5s6ms", days{9} + 3h + 4min + 5s + 6ms},
      {"1m500ms", 1min + 500ms},
  }));
  CAPTURE(text);
  CHECK(read(text) == length);
}

TEST_CASE("what is not a duration is refused with examples", "[duration]") {
  const auto text = GENERATE(
      as<std::string>(), "", " ", "soon", "s", "P", "p", "PT", "P1DT", "P1", "PT1", "PTS", "P1W2D",
      "P1WT1H", "P2D1W", "PT1S1M", "PT1M1H", "PT1S1S", "P1H", "P1S", "PT1D", "PT1W", "PT1HT1M",
      "PT0.5H1M", "P0.5DT1H", "PT1.S", "PT.5S", "PT1.5.5S", "PT1 S", " PT1S", "PT1S ", "P T1S",
      "PT-1S", "P-1D", "PT+1S", "PT1X", "P1T1H", "+PT1S", "PT1\xC2\xB2S", "s30", ".5s");
  CHECK(refusal(text) == expectation);
}

TEST_CASE("a refusal of a duration says why", "[duration]") {
  const std::string units = ": the units are w, d, h, m, s and ms, in this order, in whole numbers";
  const auto [text, reason] = GENERATE_COPY(table<std::string, std::string>({
      {"30", ": a number needs a unit"},
      {"0", ": a number needs a unit"},
      {"1h30", ": a number needs a unit"},
      {"30 s", ": a number needs a unit"},
      {"1h 30 m", ": a number needs a unit"},
      {"1.5h", units},
      {"1,5h", units},
      {"30S", units},
      {"30sec", units},
      {"1y", units},
      {"1us", units},
      {"30m1h", units},
      {"1s1s", units},
      {"1ms1s", units},
      {"P1Y", ": years and months have no fixed length"},
      {"P1M", ": years and months have no fixed length"},
      {"P1Y2M3DT4H", ": years and months have no fixed length"},
      {"-PT5S", ": it must not be negative"},
      {"-30s", ": it must not be negative"},
  }));
  CAPTURE(text);
  CHECK(refusal(text) == expectation + reason);
}

TEST_CASE("a hundred years is the longest duration", "[duration]") {
  CHECK(read("P36525D") == duration_max);
  CHECK(read("36525d") == duration_max);
  CHECK(read("PT3155760000.000S") == duration_max);
  CHECK(read("36524d24h") == duration_max);

  const auto text =
      GENERATE(as<std::string>(), "P36526D", "P36525DT0.0001S", "PT3155760000.001S", "P36525.1D",
               "36525d1ms", "5218w", "P99999999999999999999D", "99999999999999999999999999999w",
               "PT18446744073709551616S", "PT9223372036854775807S", "9223372036854775807ms",
               "18446744073709551646s");
  CHECK(refusal(text) == expectation + ": at most 100 years");
  CHECK(refusal("P" + std::string(100'000, '9') + "D") == expectation + ": at most 100 years");
}

TEST_CASE("a duration is written in its largest units", "[duration]") {
  const auto [length, iso, words] = GENERATE(table<duration, std::string, std::string>({
      {0ms, "PT0S", "0s"},
      {1ms, "PT0.001S", "1ms"},
      {250ms, "PT0.25S", "250ms"},
      {1250ms, "PT1.25S", "1s250ms"},
      {30s, "PT30S", "30s"},
      {60s, "PT1M", "1m"},
      {90min, "PT1H30M", "1h30m"},
      {1h + 5ms, "PT1H0.005S", "1h5ms"},
      {24h, "P1D", "1d"},
      {days{7}, "P7D", "7d"},
      {26h, "P1DT2H", "1d2h"},
      {days{400} + 1s, "P400DT1S", "400d1s"},
      {duration_max, "P36525D", "36525d"},
      {-90s, "-PT1M30S", "-1m30s"},
      {duration::min(), "-P106751991167DT7H12M55.808S", "-106751991167d7h12m55s808ms"},
      {duration::max(), "P106751991167DT7H12M55.807S", "106751991167d7h12m55s807ms"},
  }));
  CHECK(format_duration(length) == iso);
  CHECK(format_duration_words(length) == words);
}

TEST_CASE("a written duration is read back as the same", "[duration]") {
  for (duration length{0}; length <= duration_max; length = length * 17 / 11 + 13ms) {
    REQUIRE(read(format_duration(length)) == length);
    REQUIRE(read(format_duration_words(length)) == length);
  }
}

}  // namespace carillon
