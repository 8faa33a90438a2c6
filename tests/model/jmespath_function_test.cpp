#include "tests/model/jmespath_search.hpp"

// What the functions make, in the order of the alphabet, and which types they take.

namespace carillon {

using namespace test;

namespace {

const std::string people = R"([
  {"name": "c", "age": 30, "city": {"id": 2}}, {"name": "a", "age": 30}, {"name": "é", "age": 4},
  {"name": "b", "age": 100, "city": null}
])";

}  // namespace

TEST_CASE("functions of numbers round, add and compare", "[jmespath]") {
  check_all("null", {{"abs(`-24`)", "24"},
                     {"abs(`1.50`)", "1.50"},
                     {"abs(`-9007199254740993`)", "9007199254740993"},
                     {"abs(sum(`[-0.5]`))", "0.5"},
                     {"avg(`[1, 2, 4.5]`)", "2.5"},
                     {"avg(`[]`)", "null"},
                     {"ceil(`1.001`)", "2"},
                     {"ceil(`-0.5`)", "0"},
                     {"ceil(`9007199254740993`)", "9007199254740993"},
                     {"floor(`1.9`)", "1"},
                     {"floor(`-1.1`)", "-2"},
                     {"floor(`1e3`)", "1000"},
                     {"sum(`[]`)", "0"},
                     {"sum(`[1, 2, 3]`)", "6"},
                     {"sum(`[0.1, 0.2]`)", "0.30000000000000004"},
                     {"sum(`[9007199254740992, 1]`)", "9007199254740993"},
                     {"sum(`[9223372036854775807, 1]`)", "9223372036854775808"},
                     {"sum(`[100000.5, -0.5]`)", "100000"}});
}

TEST_CASE("contains looks for a part of a string or for an equal element", "[jmespath]") {
  check_all("null", {{"contains('foobar', 'oba')", "true"},
                     {"contains('foobar', '')", "true"},
                     {"contains('foobar', 'x')", "false"},
                     {"contains('foo', 'foobar')", "false"},
                     {"contains('1', `1`)", "false"},
                     {"contains(`[1, \"a\"]`, 'a')", "true"},
                     {"contains(`[1.0]`, `1`)", "true"},
                     {"contains(`[[1], {\"a\": 1}]`, `{\"a\": 1}`)", "true"},
                     {"contains(`[\"ab\"]`, 'a')", "false"},
                     {"contains(`[null]`, nosuch)", "true"}});
}

TEST_CASE("functions of strings count code points", "[jmespath]") {
  check_all("null", {{"ends_with('foobar', 'bar')", "true"},
                     {"ends_with('bar', 'foobar')", "false"},
                     {"starts_with('aba', 'a')", "true"},
                     {"starts_with('aba', 'b')", "false"},
                     {"join(', ', `[\"a\", \"b\"]`)", R"("a, b")"},
                     {"join(', ', `[]`)", R"("")"},
                     {"join('', `[\"a\"]`)", R"("a")"},
                     {"length('')", "0"},
                     {"length('é𝄞x')", "3"},
                     {"reverse('aé𝄞')", R"("𝄞éa")"},
                     {"reverse('')", R"("")"}});
}

TEST_CASE("functions of objects and arrays count, turn and gather", "[jmespath]") {
  check_all(R"({"a": {"y": 1, "x": [2]}, "b": [3, null, "c"], "none": {}})",
            {{"keys(a)", R"(["y","x"])"},
             {"keys(none)", "[]"},
             {"values(a)", "[1,[2]]"},
             {"length(a)", "2"},
             {"length(b)", "3"},
             {"reverse(b)", R"(["c",null,3])"},
             {"merge(a, `{\"x\": 5, \"z\": 6}`)", R"({"y":1,"x":5,"z":6})"},
             {"merge(none)", "{}"},
             {"merge()", "{}"},
             {"not_null(nosuch, b[1], none, a)", "{}"},
             {"not_null(nosuch)", "null"},
             {"map(&@, b)", R"([3,null,"c"])"},
             {"map(&x[0], [a, none])", "[2,null]"},
             {"map(&[], `[[1, [2]], [[3]]]`)", "[[1,2],[3]]"},
             {"map(&map(&@, @), `[[1], [2]]`)", "[[1],[2]]"}});
}

TEST_CASE("the greatest and the least are of numbers or of strings", "[jmespath]") {
  check_all("null", {{"max(`[1, 10, 9]`)", "10"},
                     {"min(`[1, -10, 9]`)", "-10"},
                     {"max(`[\"a\", \"Z\"]`)", R"("a")"},
                     {"min(`[\"a\", \"Z\"]`)", R"("Z")"},
                     {"max(`[]`)", "null"},
                     {"min(`[]`)", "null"}});
  check_all(people, {{"max_by(@, &age).name", R"("b")"},
                     {"min_by(@, &age).name", R"("é")"},
                     {"max_by(@, &name).name", R"("é")"},
                     {"min_by(@, &name).name", R"("a")"},
                     {"max_by([:2], &age).name", R"("c")"},
                     {"min_by([:2], &age).name", R"("c")"},
                     {"max_by(`[]`, &age)", "null"},
                     {"min_by(`[]`, &nosuch)", "null"}});
}

TEST_CASE("sorting is by value and by code point, and keeps the order of equals", "[jmespath]") {
  check_all("null", {{"sort(`[10, 9, -1, 1.5]`)", "[-1,1.5,9,10]"},
                     {"sort(`[\"b\", \"a\", \"B\", \"é\", \"10\", \"9\"]`)",
                      R"(["10","9","B","a","b","é"])"},
                     {"sort(`[\"𝄞\", \"\\uff5e\"]`)", R"(["～","𝄞"])"},
                     {"sort(`[]`)", "[]"},
                     {"sort_by(`[]`, &nosuch)", "[]"}});
  check_all(people, {{"sort_by(@, &age)[].name", R"(["é","c","a","b"])"},
                     {"sort_by(@, &name)[].name", R"(["a","b","c","é"])"},
                     {"sort_by(@, &age || name)[0].name", R"("é")"},
                     {"sort_by(@, &age) | [-1].name", R"("b")"},
                     {"sort_by(@, &to_string(age))[].age", "[100,30,30,4]"}});
  std::string rows;
  std::string wanted;
  for (int parity = 0; parity < 2; ++parity)
    for (int count = parity; count < 200; count += 2)
      wanted += std::to_string(count) + ",";
  for (int count = 0; count < 200; ++count)
    rows += (count == 0 ? "" : ",") + ("{\"k\":" + std::to_string(count % 2))
            + ",\"v\":" + std::to_string(count) + "}";
  wanted.pop_back();
  CHECK(found("sort_by(@, &k)[].v", "[" + rows + "]") == "[" + wanted + "]");
}

TEST_CASE("values become arrays, numbers and strings only when asked", "[jmespath]") {
  check_all("null", {{"to_array('a')", R"(["a"])"},
                     {"to_array(`[1]`)", "[1]"},
                     {"to_array(@)", "[null]"},
                     {"to_number('1.50')", "1.50"},
                     {"to_number('-1e3')", "-1e3"},
                     {"to_number(`7`)", "7"},
                     {"to_number('007')", "null"},
                     {"to_number(' 1')", "null"},
                     {"to_number('')", "null"},
                     {"to_number('0x10')", "null"},
                     {"to_number(`true`)", "null"},
                     {"to_number(`[1]`)", "null"},
                     {"to_string('a')", R"("a")"},
                     {"to_string(`1.50`)", R"("1.50")"},
                     {"to_string(`null`)", R"("null")"},
                     {"to_string(`{\"a\": [1, \"é\"]}`)", R"("{\"a\":[1,\"é\"]}")"},
                     {"type(@)", R"("null")"},
                     {"type(`true`)", R"("boolean")"},
                     {"type(`1`)", R"("number")"},
                     {"type('')", R"("string")"},
                     {"type(`[]`)", R"("array")"},
                     {"type(`{}`)", R"("object")"}});
}

TEST_CASE("functions work inside paths, projections and filters", "[jmespath]") {
  check_all(people, {{"[*].length(name)", "[1,1,1,1]"},
                     {"[].to_string(age)", R"(["30","30","4","100"])"},
                     {"[?contains(`[\"a\", \"b\"]`, name)].age", "[30,100]"},
                     {"[?type(city) == 'object'].city.id", "[2]"},
                     {"[*].not_null(city.id, age)", "[2,30,4,100]"},
                     {"@ | length(@)", "4"}});
}

TEST_CASE("a function refuses arguments of other types", "[jmespath]") {
  const std::string wrong = "at character 1: wrong type: argument ";
  const auto [expression, rest] = GENERATE(table<std::string, std::string>({
      {"abs('a')", "1 of abs must be a number, not a string"},
      {"avg(`[1, \"a\"]`)", "1 of avg must be an array of numbers, not an array"},
      {"avg(nosuch)", "1 of avg must be an array of numbers, not null"},
      {"ceil(`true`)", "1 of ceil must be a number, not a boolean"},
      {"contains(`1`, `1`)", "1 of contains must be a string or an array, not a number"},
      {"ends_with('a', `1`)", "2 of ends_with must be a string, not a number"},
      {"floor(`{}`)", "1 of floor must be a number, not an object"},
      {"join(`1`, `[]`)", "1 of join must be a string, not a number"},
      {"join('', `[1]`)", "2 of join must be an array of strings, not an array"},
      {"keys(`[]`)", "1 of keys must be an object, not an array"},
      {"length(`1`)", "1 of length must be a string or an array or an object, not a number"},
      {"map(&@, 'a')", "2 of map must be an array, not a string"},
      {"max(`[1, \"a\"]`)",
       "1 of max must be an array of numbers or an array of strings, not an array"},
      {"max_by('a', &@)", "1 of max_by must be an array, not a string"},
      {"merge(`{}`, `{}`, `1`)", "3 of merge must be an object, not a number"},
      {"min('a')", "1 of min must be an array of numbers or an array of strings, not a string"},
      {"min_by(`{}`, &@)", "1 of min_by must be an array, not an object"},
      {"reverse(`1`)", "1 of reverse must be a string or an array, not a number"},
      {"sort(`[null]`)",
       "1 of sort must be an array of numbers or an array of strings, not an array"},
      {"sort_by(`1`, &@)", "1 of sort_by must be an array, not a number"},
      {"starts_with(@, 'a')", "1 of starts_with must be a string, not null"},
      {"sum(`[true]`)", "1 of sum must be an array of numbers, not an array"},
      {"values('a')", "1 of values must be an object, not a string"},
  }));
  CHECK(refused(expression) == wrong + rest);
}

TEST_CASE("the keys of an order are numbers only or strings only", "[jmespath]") {
  const auto* const callee = GENERATE("sort_by", "max_by", "min_by");
  const std::string rest = std::string{" must make numbers only or strings only, not "};
  const auto wrong = std::string{"at character 1: wrong type: the expression of "} + callee + rest;
  const auto with_key = [&](const std::string& key) { return callee + ("(@, &" + key + ")"); };
  CHECK(refused(with_key("city"), people) == wrong + "an object");
  CHECK(refused(with_key("nosuch"), people) == wrong + "null");
  CHECK(refused(with_key("@"), R"([1, "a"])") == wrong + "a string");
  CHECK(refused(with_key("@"), "[true]") == wrong + "a boolean");
}

}  // namespace carillon
