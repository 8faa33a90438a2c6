#include "model/json.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <tuple>

namespace carillon::json {

namespace {

using namespace std::string_literals;

std::string written(std::string_view text) {
  return writer{}.string(text).take();
}

}  // namespace

TEST_CASE("a writer sets commas and colons itself", "[json]") {
  writer out;
  out.begin_object();
  out.field("text", "a").field("view", std::string_view{"b"}).field("own", std::string{"c"});
  out.field("yes", true).field("no", false).field("int", 1).field("long", std::int64_t{-2});
  out.field("size", std::size_t{3}).field("real", 0.5);
  out.key("none").null();
  out.key("list").begin_array().integer(1).string("x").begin_array().end_array();
  out.begin_object().end_object().boolean(true).number(1.5).raw("[ 1.10 ]").end_array();
  out.key("object").begin_object().field("a", 1).end_object();
  out.field("last", 0).end_object();

  CHECK(out.text()
        == R"({"text":"a","view":"b","own":"c","yes":true,"no":false,"int":1,"long":-2,)"
           R"("size":3,"real":0.5,"none":null,"list":[1,"x",[],{},true,1.5,[ 1.10 ]],)"
           R"("object":{"a":1},"last":0})");
  CHECK(read(out.text()).has_value());
}

TEST_CASE("a value may stand alone", "[json]") {
  CHECK(writer{}.begin_array().end_array().take() == "[]");
  CHECK(writer{}.begin_object().end_object().take() == "{}");
  CHECK(writer{}.integer(7).take() == "7");
  CHECK(writer{}.null().take() == "null");
}

TEST_CASE("only what must be escaped is", "[json]") {
  CHECK(written("plain / 'text' \x7F") == "\"plain / 'text' \x7F\"");
  CHECK(written("\"\\\b\f\n\r\t") == R"("\"\\\b\f\n\r\t")");
  CHECK(written("\0\x01\x1F"s) == R"("\u0000\u0001\u001f")");
  CHECK(written("\xC3\xA9\xE2\x80\xA8\xF0\x9F\x94\x94")
        == "\"\xC3\xA9\xE2\x80\xA8\xF0\x9F\x94\x94\"");
  CHECK(writer{}.begin_object().field("a\"\n", 1).end_object().take() == R"({"a\"\n":1})");
}

TEST_CASE("broken UTF-8 becomes replacement characters", "[json]") {
  const std::string mark = "\xEF\xBF\xBD";
  const auto [broken, repaired] = GENERATE_COPY(table<std::string, std::string>({
      {"a\xFFz", "a" + mark + "z"},
      {"\x80\x80", mark + mark},
      {"\xC3", mark},
      {"\xC3(", mark + "("},
      {"\xE2\x82", mark},
      {"\xE2\x82z", mark + "z"},
      {"\xE2\"", mark + "\\\""},
      {"\xC0\xAF", mark + mark},
      {"\xE0\x80\xAF", mark + mark + mark},
      {"\xED\xA0\x80", mark + mark + mark},
      {"\xF0\x80\x80\xAF", mark + mark + mark + mark},
      {"\xF0\x9F\x94", mark},
      {"\xF0\x9F\x94\xF0\x9F\x94\x94", mark + "\xF0\x9F\x94\x94"},
      {"\xF4\x90\x80\x80", mark + mark + mark + mark},
      {"\xF5z", mark + "z"},
  }));
  CHECK(written(broken) == "\"" + repaired + "\"");
  CHECK(read(written(broken)).has_value());
}

TEST_CASE("any string reads back as it was", "[json]") {
  std::string every;
  for (int code = 0; code < 0x80; ++code)
    every += static_cast<char>(code);
  every +=
      "\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4"
      "\x8F\xBF\xBF";
  const auto text = writer{}.begin_object().field(every, every).end_object().take();
  const auto root = read(text);
  REQUIRE(root.has_value());
  const auto found = members(*root);
  CHECK(found.at(0).key == every);
  CHECK(as_string(found.at(0).value) == every);
}

TEST_CASE("a double is written in the shortest form that reads back equal", "[json]") {
  CHECK(writer{}.number(0.1).take() == "0.1");
  CHECK(writer{}.number(1.0).take() == "1");
  CHECK(writer{}.number(-0.0).take() == "-0");
  CHECK(writer{}.number(1e300).take() == "1e+300");

  using limits = std::numeric_limits<double>;
  for (const double number : {0.1 + 0.2, 1.0 / 3, limits::max(), limits::lowest(), limits::min(),
                              limits::denorm_min(), -limits::epsilon(), 9007199254740993.0}) {
    const auto text = writer{}.number(number).take();
    CAPTURE(text);
    const auto root = read(text);
    REQUIRE(root.has_value());
    CHECK(as_double(*root) == number);
  }
}

TEST_CASE("numbers that JSON does not have are null", "[json]") {
  CHECK(writer{}.number(std::nan("")).take() == "null");
  CHECK(writer{}.begin_array().number(HUGE_VAL).number(-HUGE_VAL).end_array().take()
        == "[null,null]");
}

TEST_CASE("integers are written whole", "[json]") {
  CHECK(writer{}.integer(INT64_MIN).take() == "-9223372036854775808");
  CHECK(writer{}.integer(INT64_MAX).take() == "9223372036854775807");
  CHECK(writer{}.integer(9007199254740993).take() == "9007199254740993");
}

}  // namespace carillon::json
