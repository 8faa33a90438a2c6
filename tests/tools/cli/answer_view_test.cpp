#include "tools/cli/answer_view.hpp"

#include <catch2/catch.hpp>

#include "tools/cli/exit_code.hpp"
#include "tools/cli/failure.hpp"

namespace carillon::cli {
namespace {

constexpr column columns[] = {{"ID", "id"},
                              {"STATUS", "status"},
                              {"WHO", "by[-1].name"},
                              {"COUNT", "by[#]"},
                              {"TARGET", "target.url"}};
constexpr view list{"items", columns};
constexpr auto body =
    R"({"total":9,"has_more":true,"next_cursor":"c1","items":[)"
    R"({"id":"a","status":"failed","by":[{"name":"x"},{"name":"y"}],"target":"http://t"},)"
    R"({"id":"b","status":null,"by":[],"target":{"url":"http://u"}}]})";

std::string shown(const view& how, std::string_view text, common_options options = {}) {
  return show(how, text, options, {});
}

server_place asked_with(const std::string& token) {
  return {"http://a", token, "", "", "data/admin.token"};
}

}  // namespace

TEST_CASE("rows have a cell for each column, a dash where there is nothing", "[cli]") {
  CHECK(shown(list, body) == "a\tfailed\ty\t2\thttp://t\nb\t-\t-\t0\thttp://u\n");
}

TEST_CASE("on a terminal it is told how the list goes on", "[cli]") {
  const auto text = show(list, body, {}, {true, 80, 24, false});
  CHECK(text.ends_with("2 of 9; more: --cursor c1\n"));
}

TEST_CASE("lists in the elements of a list are rows that know what they are a part of", "[cli]") {
  static constexpr column of_points[] = {{"AT", "at"}, {"GROUP", "^group"}, {"N", "n|m"}};
  constexpr view points{"series.points", of_points, "at"};
  constexpr auto text =
      R"({"series":[{"group":"a","points":[{"at":1,"n":2},{"at":2}]},{"group":null,"points":[{"at":3,"n":null,"m":4}]}]})";
  CHECK(shown(points, text) == "1\ta\t2\n2\ta\t-\n3\t-\t4\n");
}

TEST_CASE("rows without a certain member are left out when the view says so", "[cli]") {
  auto only = list;
  only.only_with = "status";
  CHECK(shown(only, body) == "a\tfailed\ty\t2\thttp://t\n");
}

TEST_CASE("JSON is what the server answered; ndjson a row a line; quiet the keys", "[cli]") {
  common_options options;
  options.as = output_form::json;
  CHECK(shown(list, body, options) == std::string{body} + "\n");
  options.as = output_form::ndjson;
  CHECK(shown(list, "{\"items\":[{\"id\": 1.50},\n {}]}", options) == "{\"id\":1.50}\n{}\n");
  options = {};
  options.is_quiet = true;
  CHECK(shown(list, body, options) == "a\nb\n");
  CHECK(shown({}, R"({"id":"z","n":1})", options) == "z\n");
}

TEST_CASE("one thing is a line for each member; lists are tables below on a terminal", "[cli]") {
  constexpr auto one = R"({"id":"a","tags":["x","y"],"o":{"k": 1},"parts":[{"n":1},{"m":2}]})";
  CHECK(shown({}, one) == "id\ta\ntags\tx,y\no\t{\"k\":1}\nparts\t[{\"n\":1},{\"m\":2}]\n");
  CHECK(show({}, one, {}, {true, 80, 24, false})
        == "id    a\ntags  x,y\no     {\"k\":1}\n\nparts\nn  m\n1  -\n-  2\n");
}

TEST_CASE("what a server sends cannot write on the terminal", "[cli]") {
  CHECK(shown({}, R"({"id":"a\u001b[31m\n"})") == "id\ta\\x1b[31m\\n\n");
}

TEST_CASE("an answer without a body is no text, and a text stays one", "[cli]") {
  CHECK(shown({}, "").empty());
  CHECK(shown({}, "carillon_up 1\n") == "carillon_up 1\n");
}

TEST_CASE("a refusal tells every fault and exits by its status", "[cli]") {
  const auto two = failure_of(
      {422,
       R"({"detail":"2 things are wrong","errors":[{"location":"body.a","message":"m","value":"v"},)"
       R"({"location":"body.b","message":"n"}]})"},
      asked_with("t"), output_form::text);
  CHECK(two.exit_code == exit_code::usage);
  CHECK(two.text == "carillon: 2 things are wrong (422)\n  body.a: m, found v\n  body.b: n\n");
  const std::pair<int, int> codes[] = {{401, 5}, {403, 5}, {404, 3}, {409, 1}, {503, 4}, {500, 1}};
  for (const auto& [status, code] : codes)
    CHECK(failure_of({status, "{}"}, asked_with("t"), output_form::text).exit_code == code);
}

TEST_CASE("without a good token it is told where tokens come from", "[cli]") {
  const auto none = failure_of({401, "{}"}, asked_with(""), output_form::text);
  CHECK(none.text.find("--token-file") != std::string::npos);
  const auto wrong = failure_of({401, "{}"}, asked_with("t"), output_form::text);
  CHECK(wrong.text.find("The token came from data/admin.token") != std::string::npos);
}

TEST_CASE("to a program a refusal is the server's document", "[cli]") {
  CHECK(failure_of({404, R"({"status":404})"}, asked_with("t"), output_form::json).text
        == "{\"status\":404}\n");
}

}  // namespace carillon::cli
