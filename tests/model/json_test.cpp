#include "model/json.hpp"
#include "tests/model/json_reading.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

namespace carillon::json {

using namespace std::string_literals;
using namespace test;

// -- reading ------------------------------------------------------------------

TEST_CASE("the root is the value without the white space around it", "[json]") {
  const auto [text, what, raw] = GENERATE(table<std::string, kind, std::string>({
      {"null", kind::null, "null"},
      {" true\n", kind::boolean, "true"},
      {"\tfalse", kind::boolean, "false"},
      {"\r\n-0 ", kind::number, "-0"},
      {" \"a b\" ", kind::string, "\"a b\""},
      {" [ 1 , 2 ] ", kind::array, "[ 1 , 2 ]"},
      {"\n{ \"a\" : 1 }\n", kind::object, "{ \"a\" : 1 }"},
  }));
  const auto root = checked(text);
  CHECK(root.kind == what);
  CHECK(root.raw == raw);
  CHECK(root.raw.data() >= text.data());
  CHECK(root.raw.data() + root.raw.size() <= text.data() + text.size());
}

TEST_CASE("members come in their order, as the bytes that were sent", "[json]") {
  const std::string text = R"( { "id" : 9007199254740993 ,"price":1.10,
    "nested" : { "a" : [ 1 , { "]" : "}" } ] } , "text":"a \"quoted\\" , "none":null,"" : [ ],"e":{}} )";
  const auto found = members(checked(text));

  REQUIRE(found.size() == 7);
  CHECK(found[0].key == "id");
  CHECK(found[0].value.raw == "9007199254740993");
  CHECK(found[1].value.raw == "1.10");
  CHECK(found[2].value.kind == kind::object);
  CHECK(found[2].value.raw == R"({ "a" : [ 1 , { "]" : "}" } ] })");
  CHECK(found[3].value.raw == R"("a \"quoted\\")");
  CHECK(found[4].value.kind == kind::null);
  CHECK(found[5].key.empty());
  CHECK(found[5].value.raw == "[ ]");
  CHECK(found[6].value.raw == "{}");
  CHECK(found[6].value.raw.data() == text.data() + text.rfind("{}"));
}

TEST_CASE("elements come in their order, as the bytes that were sent", "[json]") {
  const auto root = checked(R"([1, "a,]\\" ,[ [],{"x":"["}],  true,null , -1e5])");
  std::vector<std::string> raws;
  for (const auto& element : elements(root))
    raws.emplace_back(element.raw);
  CHECK(
      raws
      == std::vector<std::string>{"1", R"("a,]\\")", R"([ [],{"x":"["}])", "true", "null", "-1e5"});
}

TEST_CASE("empty containers, and other kinds, hold nothing", "[json]") {
  CHECK(members(checked("{ }")).empty());
  CHECK(elements(checked("[\n]")).empty());
  CHECK(members(checked("[1]")).empty());
  CHECK(elements(checked(R"({"a":1})")).empty());
  CHECK(members(checked("1")).empty());
  CHECK(elements(checked("\"[1]\"")).empty());
}

TEST_CASE("keys are decoded", "[json]") {
  const auto found = members(checked(R"({"a\"b":1,"\u0061":2,"\ud83d\udd14\n":3,"\\":4})"));
  REQUIRE(found.size() == 4);
  CHECK(found[0].key == "a\"b");
  CHECK(found[1].key == "a");
  CHECK(found[2].key == "\xF0\x9F\x94\x94\n");
  CHECK(found[3].key == "\\");
}

TEST_CASE("a text that is not JSON is refused", "[json]") {
  const auto text = GENERATE(
      as<std::string>(), "tru", "True", "nul", "nulll", "true1", "truefalse", "NaN", "Infinity",
      "-Infinity", "undefined", "'a'", "a", "\"", "\"\\\"", "{", "}", "[", "]", ":", ",", "[1",
      "1]", "[1}", "{\"a\":1]", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[\"a\":1]",
      "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:2}",
      "{null:1}", "{a:1}", "{'a':1}", "{\"a\"::1}", "{\"a\":1:2}", "{[]:1}", "[[1]", "[[1]]]",
      "[[[]]", "{\"a\":{}", "{\"a\":[}", "{\"a\":[1}}", "[{\"a\":]", "[{]", "[}", "{]", "[1]//",
      "/**/1", "[1/**/]", "[1]#", "\"a\" \"b\"", "\"a\":1", "1 2", "{} {}", "[] []", "{}}", "[]]",
      "null null", "[1]x", "1x", "\"a\"x", "[\"a\"x]", "[\"a\"\"b\"]", "[1\"a\"]", "[true\"a\"]",
      "[\"a\"1]", "[\"a\"[]]", "[1[]]", "[1\f]", "[1,\v2]", "\f1", "[\xC2\xA0]", "[1\xE2\x80\xA8]");
  CHECK_THAT(refusal(text), Catch::StartsWith("not valid JSON: "));
}

TEST_CASE("a text cut short anywhere is refused", "[json]") {
  const std::string text = R"({"a":[1,{"b":"c\u00e9\n"},null],"d":{"e":{}},"f":[[],[true]]})";
  checked(text);
  for (std::size_t size = 0; size < text.size(); ++size)
    refusal(std::string_view{text}.substr(0, size));
}

TEST_CASE("a text that lost any one of its bytes of structure is refused", "[json]") {
  const std::string text = R"({"a":[1,{"b":"c"},[]],"d":{"e":{}}})";
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ("{}[],:\""s.find(text[at]) == std::string::npos)
      continue;
    auto broken = text;
    broken.erase(at, 1);
    refusal(broken);
  }
}

TEST_CASE("an empty text is refused", "[json]") {
  CHECK(refusal("") == "not valid JSON: the text is empty");
  CHECK(refusal(" \t\r\n") == "not valid JSON: the text is empty");
}

TEST_CASE("a refusal tells where", "[json]") {
  CHECK(refusal(R"({"a": tru})") == "not valid JSON: a value is expected, near byte 6");
  CHECK(refusal("[1] [2]") == "not valid JSON: there is more after the value, near byte 4");
  CHECK(refusal("1 2") == "not valid JSON: there is more after the value, near byte 0");
  CHECK(refusal(R"({"a":1 "b":2})")
        == "not valid JSON: a bracket, comma or colon is missing or misplaced, near byte 5");
  CHECK(refusal(R"(["a)") == "not valid JSON: a string is not closed");
}

// -- numbers ------------------------------------------------------------------

TEST_CASE("numbers of any size pass as they are", "[json]") {
  const auto text = GENERATE(as<std::string>(), "0", "-0", "0.0", "-0.0", "0e0", "1E+2", "1e-2",
                             "1.10", "12e00", "123456789012345678901234567890", "9007199254740993",
                             "1e400", "-1e400", "1e-400", "1e99999999999999999999",
                             "0.1000000000000000055511151231257827021181583404541015625");
  CHECK(checked(text).raw == text);
  CHECK(elements(checked("[ " + text + " ]")).at(0).raw == text);
  CHECK(members(checked("{\"n\":" + text + "}")).at(0).value.raw == text);
}

TEST_CASE("a number of a million digits passes as it is", "[json]") {
  const std::string digits(1'000'000, '7');
  CHECK(checked(digits).raw == digits);
  CHECK(checked("[" + digits + "." + digits + "e" + digits + "]").raw.size() == 3'000'004);
}

TEST_CASE("what only looks like a number is refused", "[json]") {
  const auto text = GENERATE(as<std::string>(), "-", "+1", "01", "-01", "00", "1.", ".5", "-.5",
                             "1.e5", "1e", "1e+", "1E-", "1e5.5", "1.2.3", "1-2", "--1", "0x10",
                             "1_000", "1,000", "1e5e5", "\xEF\xBC\x91", "1\xD9\xA1", "-a", "1a");
  refusal(text);
  refusal("[" + text + "]");
  refusal("{\"n\":" + text + "}");
}

// -- strings ------------------------------------------------------------------

TEST_CASE("strings are decoded", "[json]") {
  const auto [text, decoded] = GENERATE(table<std::string, std::string>({
      {R"("")", ""},
      {R"("plain")", "plain"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("\u0041\u00e9\u20AC")", "A\xC3\xA9\xE2\x82\xAC"},
      {R"("\u007f\u0080\u07ff\u0800\uffff")", "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"},
      {R"("\ud800\udc00\uDBFF\uDFFF")", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
      {R"("\ud7ff\ue000")", "\xED\x9F\xBF\xEE\x80\x80"},
      {R"("\\u0041")", "\\u0041"},
      {R"("a\\")", "a\\"},
      {R"("a\\\"b")", "a\\\"b"},
      {"\"\xC3\xA9\x7F\"", "\xC3\xA9\x7F"},
      {R"("a\u0000b")", "a\0b"s},
      {R"("\u0000")", "\0"s},
  }));
  CAPTURE(text);
  CHECK(as_string(checked(text)) == decoded);
}

TEST_CASE("escapes that stand for no character are refused", "[json]") {
  const auto escape = GENERATE(
      as<std::string>(), R"(\a)", R"(\x41)", R"(\')", R"(\0)", R"(\u)", R"(\u12)", R"(\u123)",
      R"(\u123g)", R"(\U0041)", R"(\u+123)", R"(\u 123)", "\\\n", "\\\xC3\xA9", R"(\ud800)",
      R"(\udc00)", R"(\ud800x)", R"(\ud800\n)", R"(\ud800\u0041)", R"(\ud800\ud800)",
      R"(\uD888\u1234)", R"(\udbff\ue000)", R"(\udc00\ud800)", R"(\udc00\udc00)", R"(\udfff\udfff)",
      R"(\ud800\\udc00)", R"(\ud800\u)", R"(\ud800\udc0)", R"(\ud83d\udd14\ud83d)");
  CAPTURE(escape);
  refusal("\"" + escape + "\"");
  refusal("[\"" + escape + "\"]");
  refusal("{\"key\":\"before " + escape + " after\"}");
  refusal("{\"" + escape + "\":1}");
  refusal("[[{\"a\":{\"" + escape + "\":1}}]]");
}

TEST_CASE("control characters are refused wherever they stand", "[json]") {
  for (char control = 0; control < 0x20; ++control) {
    CAPTURE(int{control});
    const std::string one(1, control);
    CHECK(refusal("\"a" + one + "b\"")
          == "not valid JSON: a control character in a string is not escaped");
    refusal("{\"a" + one + "\":1}");
    refusal("[\"" + repeated("long ", 100) + one + "\"]");
    if (" \t\n\r"s.find(control) == std::string::npos) {
      refusal("[1" + one + "]");
      refusal("[" + one + "1]");
      refusal(one + "1");
      refusal("1" + one);
      refusal("[]" + one);
    }
  }
}

TEST_CASE("a text that is not UTF-8 is refused", "[json]") {
  const auto bytes =
      GENERATE(as<std::string>(), "\x80", "\xBF", "\xC3", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF",
               "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\xAF",
               "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x94",
               "\xF8\x88\x80\x80\x80", "\xFE", "\xFF", "\xC3\xC3\xA9");
  // Behind different lengths, since text is checked in blocks.
  for (const std::size_t before : {0, 1, 30, 31, 32, 60, 61, 62, 63, 64, 1000}) {
    CAPTURE(before);
    const auto padding = std::string(before, 'x');
    CHECK(refusal("[\"" + padding + bytes + "\"]") == "not valid JSON: the text is not UTF-8");
    refusal("{\"" + padding + bytes + "\":1}");
    refusal("\"" + padding + bytes);
  }
  refusal("[" + bytes + "]");
  refusal("1" + bytes);
}

TEST_CASE("a byte order mark and other encodings are refused", "[json]") {
  CHECK(refusal("\xEF\xBB\xBF{}") == "not valid JSON: the text begins with a byte order mark");
  refusal("\xFF\xFE{\0}\0"s);
  refusal("\xFE\xFF\0{\0}"s);
  refusal("[\0001\0]\0"s);
  refusal("\0[\0001\0]"s);
  refusal("[]\0"s);
}

// -- conversions --------------------------------------------------------------

TEST_CASE("values convert to their own kind only", "[json]") {
  const auto all = elements(checked(R"([null,true,false,1,"1",[1],{"1":1}])"));
  CHECK(as_bool(all[1]) == true);
  CHECK(as_bool(all[2]) == false);
  CHECK(as_integer(all[3]) == 1);
  CHECK(as_double(all[3]) == 1.0);
  CHECK(as_string(all[4]) == "1");
  for (std::size_t index = 0; index < all.size(); ++index) {
    CAPTURE(index);
    CHECK(as_bool(all[index]).has_value() == (index == 1 || index == 2));
    CHECK(as_integer(all[index]).has_value() == (index == 3));
    CHECK(as_double(all[index]).has_value() == (index == 3));
    CHECK(as_string(all[index]).has_value() == (index == 4));
  }
}

TEST_CASE("an integer has no fraction, no exponent and 64 bits", "[json]") {
  CHECK(as_integer(checked("9223372036854775807")) == INT64_MAX);
  CHECK(as_integer(checked("-9223372036854775808")) == INT64_MIN);
  CHECK(as_integer(checked("9007199254740993")) == 9007199254740993);
  CHECK(as_integer(checked("-0")) == 0);
  for (const auto* text : {"9223372036854775808", "-9223372036854775809", "1.0", "1e2", "1E2",
                           "123456789012345678901234567890"})
    CHECK_FALSE(as_integer(checked(text)));
}

TEST_CASE("a double is the nearest, or none when out of range", "[json]") {
  CHECK(as_double(checked("0.1")) == 0.1);
  CHECK(as_double(checked("1.7976931348623157e308")) == 1.7976931348623157e308);
  CHECK(as_double(checked("-2.5E-3")) == -0.0025);
  CHECK(as_double(checked("123456789012345678901234567890")) == 1.2345678901234568e29);
  CHECK_FALSE(as_double(checked("1e400")));
  CHECK_FALSE(as_double(checked("-1e400")));
}

TEST_CASE("kinds have names for messages", "[json]") {
  CHECK(describe(kind::null) == "null");
  CHECK(describe(kind::boolean) == "a boolean");
  CHECK(describe(kind::number) == "a number");
  CHECK(describe(kind::string) == "a string");
  CHECK(describe(kind::array) == "an array");
  CHECK(describe(kind::object) == "an object");
}

}  // namespace carillon::json
