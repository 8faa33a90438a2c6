#include "model/template_text.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

namespace {

constexpr std::string_view names = R"({
  "now": "2030-01-01T00:00:00Z",
  "params": {"n": 12345678901234567890, "f": 2.50, "t": "tea", "b": true, "list": [1, "2", null],
             "evil": "${params.t}", "quote": "\"\\\n"}
})";

std::string filled(std::string_view text) {
  const auto source = json::read(text);
  REQUIRE(source.has_value());
  std::size_t steps = 0;
  const auto made = fill_templates(*source, jmespath_value::read(names).value(), steps);
  return made ? *made : "problem: " + made.error().detail;
}

std::string fault_of(std::string_view text) {
  fault_list faults;
  check_templates(*json::read(text), "body.with", faults);
  if (faults.empty())
    return "";
  return std::move(faults).to_problem().faults.front().location;
}

}  // namespace

TEST_CASE("a string that is one whole template keeps the type of its value", "[template]") {
  const auto [text, value] = GENERATE(table<std::string, std::string>({
      {R"("${params.n}")", "12345678901234567890"},
      {R"("${params.f}")", "2.50"},
      {R"("${params.t}")", R"("tea")"},
      {R"("${params.b}")", "true"},
      {R"("${params.list}")", R"([1,"2",null])"},
      {R"("${params.nothing}")", "null"},
      {R"("${nobody.at.all}")", "null"},
      {R"("${ length(params.list) }")", "3"},
  }));
  CHECK(filled(text) == value);
}

TEST_CASE("a template among other text becomes text, and null becomes none", "[template]") {
  const auto [text, value] = GENERATE(table<std::string, std::string>({
      {R"("n=${params.n}")", R"("n=12345678901234567890")"},
      {R"("${params.t}${params.t}")", R"("teatea")"},
      {R"(" ${params.t}")", R"(" tea")"},
      {R"("<${params.nothing}>")", R"("<>")"},
      {R"("l=${params.list} b=${params.b}")", R"("l=[1,\"2\",null] b=true")"},
      {R"("q=${params.quote}")", R"("q=\"\\\n")"},
  }));
  CHECK(filled(text) == value);
}

TEST_CASE("a dollar is a dollar unless a brace follows, and two of them keep the template",
          "[template]") {
  const auto [text, value] = GENERATE(table<std::string, std::string>({
      {R"("$")", R"("$")"},
      {R"("$5 $ {a} $$")", R"("$5 $ {a} $$")"},
      {R"("$${params.t}")", R"("${params.t}")"},
      {R"("$$${params.t}")", R"("$${params.t}")"},
      {R"("a$${b")", R"("a${b")"},
      {R"("\u0024{params.t}")", R"("tea")"},
      {R"("\u00e9 ${params.t}")", "\"\u00e9 tea\""},
  }));
  CHECK(filled(text) == value);
}

TEST_CASE("an expression may hold braces", "[template]") {
  const auto [text, value] = GENERATE(table<std::string, std::string>({
      {R"("${ {a: params.t} }")", R"({"a":"tea"})"},
      {R"("${{a: {b: params.t}}}")", R"({"a":{"b":"tea"}})"},
      {R"("${'}'}")", R"("}")"},
      {R"("${`{\"a\":1}`}")", R"({"a":1})"},
      {R"("${params.t}}")", R"("tea}")"},
      {R"("${params.t} and }")", R"("tea and }")"},
  }));
  CHECK(filled(text) == value);
}

TEST_CASE("all strings of a value are filled, keys and other values stay", "[template]") {
  CHECK(filled(R"({"${params.t}": ["${params.t}", 1.50, {"a": null, "b": "x${params.t}"}]})")
        == R"({"${params.t}":["tea",1.50,{"a":null,"b":"xtea"}]})");
}

TEST_CASE("a value that looks like a template is not filled again", "[template]") {
  CHECK(filled(R"("${params.evil}")") == R"("${params.t}")");
  CHECK(filled(R"("x ${params.evil}")") == R"("x ${params.t}")");
}

TEST_CASE("an expression that cannot be evaluated is named", "[template]") {
  const auto told = filled(R"({"a": "${abs('x')}"})");
  CHECK_THAT(told, Catch::StartsWith("problem: the template ${abs('x')}"));
  CHECK_THAT(told, Catch::Contains("wrong type"));
}

TEST_CASE("a template that cannot be read is told with its place", "[template]") {
  const auto [text, place] = GENERATE(table<std::string, std::string>({
      {R"({"a": "${params.t}"})", ""},
      {R"({"a": "no template"})", ""},
      {R"({"a": "$${never closed"})", ""},
      {R"({"a": "${now+1h}"})", "body.with.a"},
      {R"({"a": {"b": ["", "${}"]}})", "body.with.a.b[1]"},
      {R"({"a": "x ${open"})", "body.with.a"},
      {R"({"a": "${'open}"})", "body.with.a"},
      {R"({"a": "\u0024{open"})", "body.with.a"},
  }));
  CHECK(fault_of(text) == place);
}

TEST_CASE("what holds no template is known without a walk", "[template]") {
  CHECK_FALSE(has_templates(R"({"a": "$5 and {b}"})"));
  CHECK(has_templates(R"({"a": "${b}"})"));
  CHECK(has_templates(R"({"a": "\u0024{b}"})"));
  CHECK_FALSE(is_templated("echo $HOME \u00e9"));
  CHECK(is_templated("echo ${HOME}"));
}

TEST_CASE("a text of many openings and closings is read in bounded time", "[template]") {
  std::string text{"\"${"};
  text += std::string(200'000, '}') + "\"";
  CHECK_THAT(filled(text), Catch::StartsWith("problem: the template"));
}

TEST_CASE("all templates of a value share a million steps", "[template]") {
  std::string dear = "${params.list";
  for (int count = 0; count < 1'500; ++count)
    dear += "|[*]";
  const auto one = "\"" + dear + "}\"";
  CHECK(filled(one) == R"([1,"2"])");
  std::string many = one;
  for (int count = 1; count < 200; ++count)
    many += "," + one;
  CHECK_THAT(filled("[" + many + "]"), Catch::EndsWith("more than 1000000 steps"));
}
