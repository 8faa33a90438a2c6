#include "model/json.hpp"
#include "tests/model/json_reading.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

namespace carillon::json {

using namespace test;

namespace {

std::string string_of(std::size_t bytes) {
  std::string text = "\"";
  return text.append(bytes - 2, 'x').append("\"");
}

std::string array_of(std::size_t bytes) {
  std::string text = "[";
  return text.append(repeated("0,", bytes / 2)).append("0]");
}

std::string nested(std::size_t levels, std::string_view inside = "") {
  return std::string(levels, '[').append(inside) + std::string(levels, ']');
}

}  // namespace

// -- keys that are twice there ------------------------------------------------

TEST_CASE("a key that stands twice is refused with its name", "[json]") {
  CHECK(refusal(R"({"a":1,"b":2,"a":1})")
        == "the key \"a\" stands twice in one object, near byte 14");
  CHECK(refusal(R"([{"x":{"deep":[{"a":1,"a":2}]}}])")
        == "the key \"a\" stands twice in one object, near byte 23");
  CHECK_THAT(refusal(R"({"":1,"":2})"), Catch::StartsWith("the key \"\" stands twice"));
}

TEST_CASE("keys are compared as they are decoded", "[json]") {
  CHECK_THAT(refusal(R"({"a":1,"\u0061":2})"), Catch::StartsWith("the key \"a\" stands twice"));
  refusal(R"({"\u0061b":1,"a\u0062":2})");
  refusal("{\"\xC3\xA9\":1,\"\\u00E9\":2}");
  refusal(R"({"\/":1,"/":2})");
  checked(R"({"a":1,"A":2,"\\u0061":3,"a ":4,"a\u0000":5})");
}

TEST_CASE("the same key may stand in different objects", "[json]") {
  checked(R"({"a":{"a":{"a":1},"b":{"a":1}},"b":[{"a":1},{"a":1}],"c":{}})");
}

TEST_CASE("a key that stands twice is found among any number", "[json]") {
  for (const std::size_t count : {2U, 16U, 17U, 31U, 32U, 33U, 100U, 10'000U}) {
    CAPTURE(count);
    std::string text = "{";
    for (std::size_t index = 0; index < count; ++index)
      text += "\"key" + std::to_string(index) + "\":{\"key0\":" + std::to_string(index) + "},";
    checked(text + "\"last\":1}");
    refusal(text + "\"key0\":1}");
    CHECK_THAT(refusal(text + "\"key" + std::to_string(count / 2) + "\":1,\"last\":1}"),
               Catch::StartsWith("the key \"key" + std::to_string(count / 2) + "\" stands twice"));
  }
}

TEST_CASE("an object of a million keys is read", "[json]") {
  std::string text = "{";
  for (int index = 0; index < 1'000'000; ++index)
    text.append("\"").append(std::to_string(index)).append("\":0,");
  CHECK(members(checked(text + "\"last\":1}")).size() == 1'000'001);
  refusal(text + "\"999999\":1}");
}

TEST_CASE("a key is escaped in the refusal, which stays one line", "[json]") {
  CHECK_THAT(refusal(R"({"a\r\n\"b":1,"a\r\n\"b":2})"),
             Catch::StartsWith(R"(the key "a\r\n\"b" stands twice)"));
}

TEST_CASE("a long key is cut short in the refusal", "[json]") {
  const std::string key(10'000, 'k');
  CHECK(refusal("{\"" + key + "\":1,\"" + key + "\":2}").size() < 400);
}

// -- limits -------------------------------------------------------------------

TEST_CASE("sixty-four levels are read and one more is not", "[json]") {
  CHECK(checked(nested(64)).kind == kind::array);
  CHECK(checked(nested(64, "1, \"a\"")).kind == kind::array);
  checked(repeated("{\"a\":", 64) + "1" + repeated("}", 64));
  CHECK(refusal(nested(65)) == "more than 64 levels of JSON, near byte 64");
  refusal(repeated("{\"a\":", 65) + "1" + repeated("}", 65));
  refusal(repeated("[{\"a\":", 32) + "[]" + repeated("}]", 32));
  checked(repeated("[{\"a\":", 32) + "1" + repeated("}]", 32));
}

TEST_CASE("very deep texts are refused without being followed", "[json]") {
  CHECK_THAT(refusal(nested(100'000)), Catch::StartsWith("more than 64 levels"));
  refusal(std::string(100'000, '['));
  refusal(std::string(100'000, '{'));
  refusal(repeated("{\"a\":", 100'000));
  refusal(std::string(100'000, ']'));
}

TEST_CASE("what an earlier text left behind does not complete a later one", "[json]") {
  for (const auto* left : {"[[[[1]]]]]]]]]]]]]]]]]]", "[\"]]]]]]]]]]]]]]]]]]]]]]\"]",
                           "{\"}}}}}}}}}}}}}}}}}}}}}}}}}\":1}"}) {
    static_cast<void>(read(left));
    refusal("[[1]");
    static_cast<void>(read(left));
    refusal("{\"a\":{}");
    static_cast<void>(read(left));
    refusal("[1");
    static_cast<void>(read(left));
    checked("[[1]]");
  }
}

TEST_CASE("texts around the sizes at which memory grows are read", "[json]") {
  for (const std::size_t size : {61U, 62U, 63U, 64U, 65U, 127U, 128U, 4032U, 4033U, 262'142U,
                                 262'144U, 262'145U, 3'000'000U}) {
    CAPTURE(size);
    const auto text = string_of(size);
    CHECK(checked(text).raw == text);
    CHECK(as_string(checked(text))->size() == size - 2);
    refusal(text.substr(0, size - 1));
    checked(array_of(size));
  }
}

TEST_CASE("threads read without disturbing each other", "[json]") {
  std::vector<int> wrong(4);
  std::vector<std::thread> readers;
  for (std::size_t index = 0; index < wrong.size(); ++index)
    readers.emplace_back([&wrong, index] {
      const auto text = "{\"" + std::string(index * 7 + 1, 'k') + "\\n\":[" + std::to_string(index)
                        + ",\"\\u0041\"]}";
      for (int round = 0; round < 2000; ++round) {
        const auto root = read(text);
        wrong[index] += !root || members(*root).at(0).key.size() != index * 7 + 2 ? 1 : 0;
      }
    });
  for (auto& reader : readers)
    reader.join();
  CHECK(wrong == std::vector<int>(4));
}

}  // namespace carillon::json
