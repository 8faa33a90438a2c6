#include "http/problem_response.hpp"

#include <catch2/catch.hpp>

#include "http/response_text.hpp"

namespace carillon::http {

namespace {

request asked() {
  request made;
  made.path = "/tasks";
  made.id = "id-1";
  return made;
}

}  // namespace

TEST_CASE("a problem is written with all its faults", "[http][problem]") {
  const problem wrong{
      problem_kind::invalid,
      "2 things in the request are wrong",
      {{"body.title", "1 to 200 characters", ""}, {"query.limit", "a number", "x\"y"}}};
  const auto made = to_response(wrong, asked());
  CHECK(made.status == 422);
  CHECK(made.content_type == "application/problem+json");
  CHECK(made.body
        == R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
           R"("detail":"2 things in the request are wrong","instance":"/tasks",)"
           R"("request_id":"id-1","errors":[)"
           R"({"location":"body.title","message":"1 to 200 characters","value":""},)"
           R"({"location":"query.limit","message":"a number","value":"x\"y"}]})");
}

TEST_CASE("a problem on the runner surface names its schema at the host that was asked",
          "[http][problem]") {
  auto from = asked();
  from.path = "/api/tasks/x";
  const problem none{problem_kind::not_found, "no such task"};
  CHECK(to_response(none, from).body.starts_with(R"({"$schema":"/schemas/ErrorModel.json",)"));
  from.headers = {{"host", "carillon:8080"}};
  CHECK(to_response(none, from)
            .body.starts_with(R"({"$schema":"http://carillon:8080/schemas/ErrorModel.json",)"));
  from.headers.emplace_back("x-forwarded-proto", "https");
  CHECK(refuse(405, "no", from)
            .body.starts_with(R"({"$schema":"https://carillon:8080/schemas/ErrorModel.json",)"));
}

TEST_CASE("every kind of problem has its status", "[http][problem]") {
  CHECK(status_of(problem_kind::malformed) == 400);
  CHECK(status_of(problem_kind::invalid) == 422);
  CHECK(status_of(problem_kind::not_found) == 404);
  CHECK(status_of(problem_kind::conflict) == 409);
  CHECK(status_of(problem_kind::unavailable) == 503);
  CHECK(status_of(problem_kind::corrupt) == 500);
}

TEST_CASE("whoever is told to come later is told when", "[http][problem]") {
  const auto made = to_response(not_answered(), asked());
  CHECK(made.headers == header_list{{"Retry-After", "1"}});
}

TEST_CASE("a responder without a connection answers once, also when it is dropped",
          "[http][problem]") {
  std::vector<int> answers;
  const auto collect = [&](response what) { answers.push_back(what.status); };
  {
    const responder reply{collect, "/tasks", "id-1"};
    reply({201, "{}"});
    reply({200, "{}"});
  }
  CHECK(answers == std::vector{201});
  { const responder dropped{collect}; }
  CHECK(answers == std::vector{201, 503});
  responder{collect}(problem{problem_kind::not_found, "no such task"});
  CHECK(answers == std::vector{201, 503, 404});
}

TEST_CASE("no value of an answer begins a header of its own", "[http][problem]") {
  std::string head;
  append_head(head, {201, "", {{"Location", "/tasks/a\r\nSet-Cookie: x"}}}, {.request_id = "i"});
  CHECK(head.find("\r\nSet-Cookie") == std::string::npos);
  CHECK(head.starts_with("HTTP/1.1 201 Created\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("an answer without a body has no length", "[http][problem]") {
  std::string head;
  append_head(head, {204, "ignored"}, {.request_id = "i", .keep_alive = false});
  CHECK(head == "HTTP/1.1 204 No Content\r\nX-Request-Id: i\r\nConnection: close\r\n\r\n");
}

}  // namespace carillon::http
