#include "tests/model/jmespath_search.hpp"

// What JMESPath refuses, and how it says so; and that nothing takes long, whatever it is.

namespace carillon {

using namespace test;

TEST_CASE("a fault of syntax names its place and what is expected there", "[jmespath]") {
  const auto [expression, rest] = GENERATE(table<std::string, std::string>({
      {"", "1: expected an expression, found the end"},
      {"  ", "3: expected an expression, found the end"},
      {"a.", "3: expected a name, *, [ or { after the dot, found the end"},
      {".a", "1: expected an expression, found \".\""},
      {"a..b", "3: expected a name, *, [ or { after the dot, found \".\""},
      {"a.1", "3: expected a name, *, [ or { after the dot, found \"1\""},
      {"a.'b'", "3: expected a name, *, [ or { after the dot, found \"'b'\""},
      {"a.(b)", "3: expected a name, *, [ or { after the dot, found \"(\""},
      {"a.[]", "3: expected a name, *, [ or { after the dot, found \"[]\""},
      {"a b", "3: expected the end of the expression or an operator, found \"b\""},
      {"a]", "2: expected the end of the expression or an operator, found \"]\""},
      {"a{b: c}", "2: expected the end of the expression or an operator, found \"{\""},
      {"a[*]b", "5: expected the end of the expression or an operator, found \"b\""},
      {"*b", "2: expected the end of the expression or an operator, found \"b\""},
      {"a ||", "5: expected an expression, found the end"},
      {"|| a", "1: expected an expression, found \"||\""},
      {"a == == b", "6: expected an expression, found \"==\""},
  }));
  CHECK(refused(expression) == "at character " + rest);
}

TEST_CASE("a fault inside brackets names its place and what is expected there", "[jmespath]") {
  const auto [expression, rest] = GENERATE(table<std::string, std::string>({
      {"(a", "3: expected ), found the end"},
      {"()", "2: expected an expression, found \")\""},
      {"!", "2: expected an expression, found the end"},
      {"a[", "3: expected an index, a slice or *, found the end"},
      {"a[b]", "3: expected an index, a slice or *, found \"b\""},
      {"a[0", "4: expected ], found the end"},
      {"a[0, 1]", "4: expected ], found \",\""},
      {"a[*", "4: expected ], found the end"},
      {"[0, 1]", "3: expected ], found \",\""},
      {"a[1:b]", "5: expected a number, a colon or ], found \"b\""},
      {"a[1:2:3:4]", "8: expected a number, a colon or ], found \":\""},
      {"a[:::]", "5: expected a number, a colon or ], found \":\""},
      {"a[-]", "3: expected digits after -"},
      {"[a, ]", "5: expected an expression, found \"]\""},
      {"[a b]", "4: expected a comma or ], found \"b\""},
      {"a.[a,, b]", "6: expected an expression, found \",\""},
      {"a[?b", "5: expected ], found the end"},
      {"a[?]", "4: expected an expression, found \"]\""},
      {"a[ ?b]", "4: expected an expression, found \"?\""},
      {"{}", "2: expected a name, found \"}\""},
      {"{a}", "3: expected a colon, found \"}\""},
      {"{a: }", "5: expected an expression, found \"}\""},
      {"{a: b, }", "8: expected a name, found \"}\""},
      {"{a: b", "6: expected a comma or }, found the end"},
      {"{'a': b}", "2: expected a name, found \"'a'\""},
      {"a = b", "3: expected ==, found a single ="},
      {"a ^ b", "3: expected an expression, found \"^\""},
      {"a # b", "3: expected an expression, found \"#\""},
      {"'a", "1: expected a closing '"},
      {"'a\\'", "1: expected a closing '"},
      {"`a", "1: expected a closing `"},
      {"\"a", "1: expected a closing \""},
      {"&a",
       "1: expected an expression, found &, which only an argument of a function begins with"},
      {"a & b", "3: expected the end of the expression or an operator, found \"&\""},
      {"sum(a", "6: expected a comma or ), found the end"},
      {"sum(a b)", "7: expected a comma or ), found \"b\""},
      {"max_by(a, )", "11: expected an argument, found \")\""},
      {"\"sum\"(a)", "1: expected the name of a function without quotes"},
      {"@(a)", "2: expected an operator, found (, which only the name of a function stands before"},
  }));
  CHECK(refused(expression) == "at character " + rest);
}

TEST_CASE("places are counted in characters, not in bytes", "[jmespath]") {
  CHECK(refused("'é𝄞' == ^") == "at character 9: expected an expression, found \"^\"");
  CHECK(refused("'é' | é") == "at character 7: expected an expression, found \"é\"");
}

TEST_CASE("a literal or a quoted name that is no JSON says what is wrong", "[jmespath]") {
  CHECK(refused("a == `[1`").starts_with("at character 6: the literal is not valid JSON: "));
  CHECK(refused("`\"a`").starts_with("at character 1: the literal is not valid JSON: "));
  CHECK(refused("`a\"b`").starts_with("at character 1: the literal is not valid JSON: "));
  CHECK(refused("`{\"a\": 1, \"a\": 2}`").starts_with("at character 1: the literal is the key"));
  CHECK(refused("a.\"\\x\"").starts_with("at character 3: the quoted name is not valid JSON: "));
  CHECK(refused("\"\\ud800\"").starts_with("at character 1: the quoted name is not valid JSON: "));
}

TEST_CASE("what cannot succeed on any value is found before there is one", "[jmespath]") {
  const auto [expression, rest] = GENERATE(table<std::string, std::string>({
      {"a || nosuch(b)", "6: unknown function: nosuch"},
      {"ABS(a)", "1: unknown function: ABS"},
      {"abs()", "1: wrong arity: abs takes 1 argument, not 0"},
      {"a.abs(b, c)", "3: wrong arity: abs takes 1 argument, not 2"},
      {"join(a)", "1: wrong arity: join takes 2 arguments, not 1"},
      {"sort_by(a)", "1: wrong arity: sort_by takes 2 arguments, not 1"},
      {"sort_by(a, &b, &c)", "1: wrong arity: sort_by takes 2 arguments, not 3"},
      {"not_null()", "1: wrong arity: not_null takes at least 1 argument, not 0"},
      {"sort_by(a, b)",
       "12: wrong type: argument 2 of sort_by must be an expression with &, not a value"},
      {"map(a, b)", "5: wrong type: argument 1 of map must be an expression with &, not a value"},
      {"abs(&a)", "5: wrong type: argument 1 of abs must be a number, not an expression with &"},
      {"a[1:2:0]", "7: not a value: the step of a slice cannot be 0"},
      {"[::00]", "4: not a value: the step of a slice cannot be 0"},
  }));
  const auto made = jmespath::compile(expression);
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().kind == problem_kind::invalid);
  CHECK(made.error().detail == "at character " + rest);
}

TEST_CASE("a fault while searching names the place in the expression", "[jmespath]") {
  CHECK(refused("a | [*].abs(b)", R"({"a": [{"b": "x"}]})")
        == "at character 9: wrong type: argument 1 of abs must be a number, not a string");
  CHECK(refused("sum(@)", "[1e308, 1e308]")
        == "at character 1: not a value: the number is out of range");
  CHECK(refused("ceil(@)", "1.5e400") == "at character 1: not a value: the number is out of range");
}

TEST_CASE("a document that is no JSON is malformed", "[jmespath]") {
  const auto result = compiled("a").evaluate("{");
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == problem_kind::malformed);
}

// -- bounds -------------------------------------------------------------------

TEST_CASE("an expression has at most 8 KiB", "[jmespath]") {
  const auto longest = "'" + std::string(jmespath::text_bytes_max - 2, 'a') + "'";
  CHECK(jmespath::compile(longest).has_value());
  CHECK(refused(longest + " ")
        == "at character 8193: expected the end: an expression has at most 8192 bytes");
  CHECK(refused(repeated("(", 100'000)).starts_with("at character 8193: "));
}

TEST_CASE("an expression is nested at most 64 levels deep", "[jmespath]") {
  CHECK(found(repeated("(", 63) + "@" + repeated(")", 63), "1") == "1");
  CHECK(refused(repeated("(", 64) + "@" + repeated(")", 64))
        == "at character 65: nested more than 64 levels deep");
  const auto* const part =
      GENERATE("(", "!", "[", "[?", "{a:", "abs(", "map(&", "a[*].", "*.", "[1:]");
  CHECK_THAT(refused(repeated(part, 8000 / std::string{part}.size())),
             Catch::EndsWith("nested more than 64 levels deep"));
}

TEST_CASE("a long row is no depth", "[jmespath]") {
  CHECK(found("a" + repeated(".a", 4000), "{}") == "null");
  CHECK(found("a" + repeated("||a", 2000) + "|| `1`", "{}") == "1");
  CHECK(found("@" + repeated("|@", 4000), "1") == "1");
  CHECK(found("@" + repeated("==@", 2000), "1") == "false");
  CHECK(found("@" + repeated("[]", 4000), "[[1]]") == "[1]");
  CHECK(found("@" + repeated("[0]", 2000), "[1]") == "null");
}

TEST_CASE("a result has at most the levels that JSON is read with", "[jmespath]") {
  const auto levels = [](std::size_t count) { return "`1`" + repeated("|[@]", count); };
  CHECK(found(levels(64), "1") == repeated("[", 64) + "1" + repeated("]", 64));
  CHECK_THAT(refused(levels(65)), Catch::EndsWith("not a value: more than 64 levels"));
  CHECK_THAT(refused("@" + repeated("|{a:@}", 1300), "1"),
             Catch::EndsWith("not a value: more than 64 levels"));
}

TEST_CASE("what doubles again and again ends when it has 16 MiB", "[jmespath]") {
  const std::string too_large = "not a value: more than 16777216 bytes";
  CHECK_THAT(refused("'ab'" + repeated("|join(@, [@, @])", 60)), Catch::EndsWith(too_large));
  CHECK_THAT(refused("'ab'" + repeated("|[@, @]", 60)), Catch::EndsWith(too_large));
  CHECK_THAT(refused("'ab'" + repeated("|{a: @, b: @}", 60)), Catch::EndsWith(too_large));
  CHECK_THAT(refused("'a'" + repeated("|to_string([@, @])", 60)), Catch::EndsWith(too_large));
  CHECK_THAT(refused("'a'" + repeated("|map(&[@, @, @], [@, @])", 60)), Catch::EndsWith(too_large));
}

TEST_CASE("a result that escapes make too large is refused", "[jmespath]") {
  const auto quotes = "\"" + repeated("\\\"", 8'400'000) + "\"";
  const auto result = compiled("@").evaluate(quotes);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == problem_kind::invalid);
  CHECK(result.error().detail == "the result has more than 16777216 bytes");
}

TEST_CASE("no search takes more than a million steps", "[jmespath]") {
  const auto array_of = [](const std::string& element, std::size_t count) {
    return "[" + repeated(element + ",", count - 1) + element + "]";
  };
  const auto few = array_of("1", 2'000);
  const auto many = array_of("1", 10'000);
  const auto check = [](const std::string& expression, const std::string& document) {
    CHECK_THAT(refused(expression, document),
               Catch::EndsWith("the search takes more than 1000000 steps"));
  };
  check("@" + repeated("|[*].to_string(@)", 300), few);
  check("@" + repeated("|sort(@)", 900), few);
  check("@" + repeated("|@[::-1]", 900), few);
  check("@" + repeated("[]", 4'000), few);
  check("@" + repeated("|[?@]", 900), few);
  const auto text = std::string(7'000, 'a');
  check("map(&contains('" + text + "', 'b'), @)", many);
  check("[?contains('" + text + "', 'b')]", many);
  check("sort_by(@, &length('" + text + "'))", many);
  const auto large = array_of("\"" + text + "\"", 100);
  check("@" + repeated("|[@==@, @]|[1]", 500), large);
  check("@" + repeated("|[type(@), @]|[1]", 400), large);
}

TEST_CASE("looking for a long string in a long string is quick", "[jmespath]") {
  const auto document = R"({"a": ")" + std::string(2'000'000, 'a') + R"(", "b": ")"
                        + std::string(500'000, 'a') + R"(b"})";
  CHECK(found("contains(a, b)", document) == "false");
}

TEST_CASE("a document has at most a million values", "[jmespath]") {
  const auto with = [](std::size_t count) { return "[" + repeated("0,", count - 2) + "0]"; };
  CHECK(found("length(@)", with(jmespath_value::values_max)) == "999999");
  CHECK(refused("@", with(jmespath_value::values_max + 1))
        == "the JSON has more than 1000000 values");
}

}  // namespace carillon
