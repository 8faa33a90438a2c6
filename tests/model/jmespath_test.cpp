#include "tests/model/jmespath_search.hpp"

#include <thread>

// What expressions find, kind by kind in the order of the specification.

namespace carillon {

using namespace test;

namespace {

const std::string order = R"({
  "id": 9007199254740993, "paid": true, "note": null, "price": 1.50, "code": "",
  "customer": {"name": "Zoë", "address": {"city": "Kyiv"}, "tags": []},
  "items": [
    {"sku": "a", "count": 2, "parts": [{"n": 1}, {"n": 2}]},
    {"sku": "b", "count": 0, "parts": []},
    {"sku": "c", "count": 5, "gift": true, "parts": [{"n": 3}]}
  ],
  "grid": [[1, 2], [3, [4, 5]], 6],
  "shops": {"north": {"open": true, "rank": 2}, "south": {"open": false, "rank": 1}, "east": 3},
  "with space": {"quote\"d": 1, "back\\slash": 2, "\u2713": 3}
})";

}  // namespace

TEST_CASE("names walk into objects, and what is not there is null", "[jmespath]") {
  check_all(order, {{"paid", "true"},
                    {"customer.name", R"("Zoë")"},
                    {"customer.address.city", R"("Kyiv")"},
                    {"customer . address\n.\tcity", R"("Kyiv")"},
                    {"nosuch", "null"},
                    {"nosuch.deeper.still", "null"},
                    {"paid.x", "null"},
                    {"items.sku", "null"},
                    {"note", "null"},
                    {"@.paid", "true"},
                    {"_x1", "null"}});
}

TEST_CASE("quoted names hold any character, with the escapes of JSON", "[jmespath]") {
  check_all(order, {{R"("paid")", "true"},
                    {R"("with space"."quote\"d")", "1"},
                    {R"("with space"."back\\slash")", "2"},
                    {R"("with space"."\u2713")", "3"},
                    {"\"with space\".\"\xE2\x9C\x93\"", "3"},
                    {R"("\u0070aid")", "true"},
                    {R"("")", "null"}});
  CHECK(found(R"("\ud834\udd1e")", R"({"𝄞": 1})") == "1");
}

TEST_CASE("an index counts from the start, or from the end when it is negative", "[jmespath]") {
  check_all(order, {{"items[0].sku", R"("a")"},
                    {"items[-1].sku", R"("c")"},
                    {"items[3]", "null"},
                    {"items[-4]", "null"},
                    {"items[99999999999999999999]", "null"},
                    {"items[-99999999999999999999]", "null"},
                    {"grid[1][1][0]", "4"},
                    {"customer[0]", "null"},
                    {"items[00].sku", R"("a")"}});
  CHECK(found("[1]", "[1, 2]") == "2");
}

TEST_CASE("a slice takes a part, in either direction", "[jmespath]") {
  check_all("[0, 1, 2, 3, 4]", {{"[1:3]", "[1,2]"},
                                {"[:2]", "[0,1]"},
                                {"[3:]", "[3,4]"},
                                {"[:]", "[0,1,2,3,4]"},
                                {"[::2]", "[0,2,4]"},
                                {"[::-1]", "[4,3,2,1,0]"},
                                {"[3:0:-2]", "[3,1]"},
                                {"[-2:]", "[3,4]"},
                                {"[:-2]", "[0,1,2]"},
                                {"[-100:100]", "[0,1,2,3,4]"},
                                {"[100:-100:-1]", "[4,3,2,1,0]"},
                                {"[100:]", "[]"},
                                {"[4:1]", "[]"},
                                {"[1:4:99999999999999999999]", "[1]"},
                                {"[ 1 : 4 : 2 ]", "[1,3]"}});
  check_all(order, {{"items[:2].sku", R"(["a","b"])"},
                    {"items[::-1].sku", R"(["c","b","a"])"},
                    {"customer[1:]", "null"},
                    {"grid[:2][0]", "[1,3]"}});
}

TEST_CASE("[*] projects the rest on each element and leaves null out", "[jmespath]") {
  check_all(order, {{"items[*].sku", R"(["a","b","c"])"},
                    {"items[*].gift", "[true]"},
                    {"items[*].parts[*].n", "[[1,2],[],[3]]"},
                    {"items[*].parts[0].n", "[1,3]"},
                    {"items[*].nosuch", "[]"},
                    {"customer[*]", "null"},
                    {"customer[*].name", "null"},
                    {"items[*][0]", "[]"},
                    {"grid[*][0]", "[1,3]"},
                    {"grid[*]", "[[1,2],[3,[4,5]],6]"}});
  CHECK(found("[*].a", R"([{"a": 1}, {"b": 2}, null])") == "[1]");
}

TEST_CASE("* projects the rest on the values of an object, in their order", "[jmespath]") {
  check_all(order, {{"shops.*.rank", "[2,1]"},
                    {"shops.*", R"([{"open":true,"rank":2},{"open":false,"rank":1},3])"},
                    {"shops.*.*", "[[true,2],[false,1]]"},
                    {"items.*", "null"},
                    {"*.city", "[]"},
                    {"*.address.city", R"(["Kyiv"])"},
                    {"*[0].sku", R"(["a"])"}});
}

TEST_CASE("[] flattens one level and projects the rest", "[jmespath]") {
  check_all(order, {{"grid[]", "[1,2,3,[4,5],6]"},
                    {"grid[][]", "[1,2,3,4,5,6]"},
                    {"items[].parts[].n", "[1,2,3]"},
                    {"items[*].parts[].n", "[1,2,3]"},
                    {"items[].parts[0].n", "[1,3]"},
                    {"customer[]", "null"},
                    {"nosuch[]", "null"},
                    {"shops.*.open[]", "[true,false]"}});
  CHECK(found("[]", "[[0], 1, [[2]]]") == "[0,1,[2]]");
}

TEST_CASE("a filter keeps the elements whose condition is true", "[jmespath]") {
  check_all(order, {{"items[?count > `1`].sku", R"(["a","c"])"},
                    {"items[?count >= `2`].sku", R"(["a","c"])"},
                    {"items[?count < `2`].sku", R"(["b"])"},
                    {"items[?count <= `2`].sku", R"(["a","b"])"},
                    {"items[?sku == 'b'].count", "[0]"},
                    {"items[?sku != 'b'].count", "[2,5]"},
                    {"items[?gift].sku", R"(["c"])"},
                    {"items[?!gift].sku", R"(["a","b"])"},
                    {"items[?count].sku", R"(["a","b","c"])"},
                    {"items[?parts].sku", R"(["a","c"])"},
                    {"items[?count > `1` && !gift].sku", R"(["a"])"},
                    {"items[?gift || count == `0`].sku", R"(["b","c"])"},
                    {"items[?sku == 'a' || sku == 'b' && count == `5`].sku", R"(["a"])"},
                    {"items[?(sku == 'a' || sku == 'b') && count == `5`].sku", "[]"},
                    {"items[?parts[?n == `3`]].sku", R"(["c"])"},
                    {"items[*].parts[?n > `1`].n", "[[2],[],[3]]"},
                    {"items[?count == `2`][0]", "[]"},
                    {"items[?count == `2`] | [0].sku", R"("a")"},
                    {"customer[?name]", "null"},
                    {"grid[][?@ == `4`][]", "[4]"}});
}

TEST_CASE("equality is by value, and only numbers have an order", "[jmespath]") {
  check_all("null", {{"`1` == `1.0`", "true"},
                     {"`100` == `1e2`", "true"},
                     {"`9007199254740993` == `9007199254740992`", "false"},
                     {"`9007199254740993` > `9007199254740992`", "true"},
                     {"`1e400` == `1e400`", "true"},
                     {"`1e400` == `1e401`", "false"},
                     {"`-1e400` < `0`", "true"},
                     {"`1` == '1'", "false"},
                     {"`0` == `false`", "false"},
                     {"`null` == nosuch", "true"},
                     {"`[1, {\"a\": 2}]` == `[1, {\"a\": 2}]`", "true"},
                     {"`[1, 2]` == `[2, 1]`", "false"},
                     {"`{\"a\": 1, \"b\": 2}` == `{\"b\": 2, \"a\": 1}`", "true"},
                     {"`{\"a\": 1}` == `{\"a\": 1, \"b\": 2}`", "false"},
                     {"`{\"a\": 1}` != `{\"b\": 1}`", "true"},
                     {"'a' < 'b'", "null"},
                     {"`1` < 'b'", "null"},
                     {"`true` >= `true`", "null"},
                     {"nosuch <= nosuch", "null"},
                     {"`1` < `2` == `true`", "true"}});
}

TEST_CASE("or and and give one of their sides; not gives a boolean", "[jmespath]") {
  check_all(order, {{"nosuch || customer.name", R"("Zoë")"},
                    {"code || 'none'", R"("none")"},
                    {"customer.tags || 'none'", R"("none")"},
                    {"`0` || 'none'", "0"},
                    {"nosuch || note", "null"},
                    {"paid && customer.name", R"("Zoë")"},
                    {"code && customer.name", R"("")"},
                    {"note || paid && code || `1`", "1"},
                    {"!paid", "false"},
                    {"!nosuch", "true"},
                    {"!!code", "false"},
                    {"!`{}`", "true"},
                    {"!`0`", "false"},
                    {"!paid || paid", "true"},
                    {"!(paid && note)", "true"},
                    {"!items[0]", "false"},
                    {"!code == paid", "true"}});
}

// The reference implementations bind ! tighter than the dot.
TEST_CASE("a not before a path needs parentheses", "[jmespath]") {
  check_all(R"({"a": {"b": false}})", {{"!a.b", "null"}, {"!(a.b)", "true"}});
}

TEST_CASE("a pipe ends a projection, and so do parentheses", "[jmespath]") {
  check_all(order, {{"items[*].sku | [0]", R"("a")"},
                    {"(items[*].sku)[0]", R"("a")"},
                    {"items[*].sku[0]", "[]"},
                    {"items | [-1].sku", R"("c")"},
                    {"items[*].parts | [0][*].n | [1]", "2"},
                    {"nosuch | @", "null"},
                    {"nosuch || items | [0].sku", R"("a")"},
                    {"nosuch | [0] || `1`", "1"},
                    {"shops.*.rank | sort(@) | [0]", "1"},
                    {"items[*].{n: count} | [?n > `0`] | [].n", "[2,5]"}});
}

TEST_CASE("lists and objects are made of what their parts find", "[jmespath]") {
  check_all(order, {{"[paid, note, customer.name]", R"([true,null,"Zoë"])"},
                    {"{a: paid, \"b c\": items[0].sku}", R"({"a":true,"b c":"a"})"},
                    {"items[*].[sku, count]", R"([["a",2],["b",0],["c",5]])"},
                    {"items[].{sku: sku, n: parts[].n}",
                     R"([{"sku":"a","n":[1,2]},{"sku":"b","n":[]},{"sku":"c","n":[3]}])"},
                    {"customer.[name, address.city]", R"(["Zoë","Kyiv"])"},
                    {"nosuch.[a, b]", "null"},
                    {"nosuch.{a: a}", "null"},
                    {"[[paid]]", "[[true]]"},
                    {"{a: {b: [paid]}}.a.b[0]", "true"},
                    {"{a: paid, a: note}", R"({"a":null})"},
                    {"[*]", "null"},
                    {"[*, paid][1]", "true"}});
}

TEST_CASE("literals are JSON in backticks", "[jmespath]") {
  check_all("null", {{"`\"a\"`", R"("a")"},
                     {"`1.50`", "1.50"},
                     {"` {\"a\": [true, null]} `", R"({"a":[true,null]})"},
                     {R"(`"back\`tick"`)", R"("back`tick")"},
                     {R"(`"a\\"`)", R"("a\\")"},
                     {R"(`"\u00e9"`)", R"("é")"},
                     {"`{\"a\": 1}`.a", "1"},
                     {"`[1, 2]`[1]", "2"},
                     {"`abc`", R"("abc")"},
                     {"`  abc d`", R"("abc d")"},
                     {"`2024-05-01`", R"("2024-05-01")"},
                     {R"(`a\`b\`c`)", R"("a`b`c")"},
                     {"``", R"("")"}});
}

TEST_CASE("raw strings stand as they are; only the quote is escaped", "[jmespath]") {
  check_all("null", {{"'a'", R"("a")"},
                     {"''", R"("")"},
                     {"' [x] '", R"(" [x] ")"},
                     {R"('it\'s \'it\'')", R"("it's 'it'")"},
                     {R"('\n')", R"("\\n")"},
                     {R"('\\')", R"("\\\\")"},
                     {R"('\u00e9')", R"("\\u00e9")"},
                     {"'line\nend'", R"("line\nend")"},
                     {"'𝄞'", R"("𝄞")"}});
}

TEST_CASE("@ is the value worked on", "[jmespath]") {
  check_all(order, {{"paid | @", "true"},
                    {"items[*].count | sum(@)", "7"},
                    {"items[?length(@) == `4`].sku", R"(["c"])"},
                    {"items[*].parts[?@.n == `2`][]", R"([{"n":2}])"},
                    {"length(@.items)", "3"}});
  CHECK(found("@", "[1]") == "[1]");
}

// -- values -------------------------------------------------------------------

TEST_CASE("a number that is passed through keeps its digits", "[jmespath]") {
  check_all(order, {{"id", "9007199254740993"},
                    {"[price, id]", "[1.50,9007199254740993]"},
                    {"not_null(note, id)", "9007199254740993"}});
  check_all("[1E+2, -0, 0.10, 123456789012345678901234567890]",
            {{"@", "[1E+2,-0,0.10,123456789012345678901234567890]"},
             {"max(@)", "123456789012345678901234567890"},
             {"sort(@) | [0]", "-0"}});
}

TEST_CASE("several roots are one object", "[jmespath]") {
  const auto event = jmespath_value::read(R"({"order": {"total": 120}})");
  REQUIRE(event.has_value());
  const auto root = jmespath_value::object(
      {{"event", *event},
       {"params", jmespath_value::object({{"limit", jmespath_value::number(100)}})},
       {"now", jmespath_value::string("2024-05-01T00:00:00Z")}});
  const auto condition = compiled("event.order.total > params.limit && starts_with(now, '2024')");
  const auto result = condition.search(root);
  REQUIRE(result.has_value());
  CHECK(is_true(*result));
}

TEST_CASE("null, false and what is empty are false; all else is true", "[jmespath]") {
  for (const auto* const text : {"null", "false", "\"\"", "[]", "{}"})
    CHECK_FALSE(is_true(*jmespath_value::read(text)));
  for (const auto* const text : {"true", "0", "\"0\"", "[null]", "{\"a\":null}"})
    CHECK(is_true(*jmespath_value::read(text)));
}

TEST_CASE("of members with one key the last counts, in the place of the first", "[jmespath]") {
  const auto number = [](double value) { return jmespath_value::number(value); };
  const auto few = jmespath_value::object({{"b", number(1)}, {"a", number(2)}, {"b", number(3)}});
  CHECK(few.to_json() == R"({"b":3,"a":2})");
  jmespath_value::object_type many;
  for (int count = 0; count < 100; ++count)
    many.push_back({"k" + std::to_string(count % 50), number(count)});
  const auto large = jmespath_value::object(many);
  CHECK(large.members().size() == 50);
  CHECK(large.members().front().key == "k0");
  for (int count = 0; count < 50; ++count) {
    const auto* const held = large.find("k" + std::to_string(count));
    REQUIRE(held != nullptr);
    CHECK(held->as_number() == count + 50);
  }
  CHECK(large.find("k50") == nullptr);
}

TEST_CASE("threads may share one expression and one value", "[jmespath]") {
  const auto expression = compiled("items[?count > `1`].sku | sort(@)");
  const auto root = jmespath_value::read(order);
  REQUIRE(root.has_value());
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results)
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round)
        result = expression.search(*root)->to_json();
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(results == std::vector<std::string>(4, R"(["a","c"])"));
}

}  // namespace carillon
