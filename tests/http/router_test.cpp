#include "http/router.hpp"

#include <catch2/catch.hpp>

namespace carillon::http {

namespace {

void nothing(const api&, const request&, responder) {}
void nothing_streamed(const api&, request, std::shared_ptr<stream>) {}

constexpr route first_table[] = {
    {"GET", "/", nothing, access::anyone},
    {"GET", "/tasks", nothing, access::any_token},
    {"POST", "/tasks", nothing, access::any_token, nothing_streamed},
    {"GET", "/tasks/{id}", nothing, access::any_token},
    {"DELETE", "/tasks/{id}", nothing, access::any_token},
    {"GET", "/tasks/stats", nothing, access::any_token},
    {"POST", "/tasks/{id}/cancel", nothing, access::any_token},
};
constexpr route second_table[] = {
    {"GET", "/runs/task/{id}/{part}", nothing, access::any_token},
};
constexpr std::span<const route> tables[] = {first_table, second_table};

struct found {
  std::string pattern;
  std::vector<std::string> parameters;
  std::string allow;

  bool operator==(const found&) const = default;
};

found look_up(std::string_view method, std::vector<std::string> segments) {
  const router routes{tables};
  found out;
  const auto match = routes.find(method, segments, out.parameters);
  out.pattern = match.found ? match.found->pattern : "";
  out.allow = match.allow;
  return out;
}

}  // namespace

TEST_CASE("a route is found by method and segments", "[http][router]") {
  CHECK(look_up("GET", {}).pattern == "/");
  CHECK(look_up("GET", {"tasks"}).pattern == "/tasks");
  CHECK(look_up("GET", {"tasks", "7"})
        == found{"/tasks/{id}", {"7"}, "GET, HEAD, DELETE, OPTIONS"});
  CHECK(look_up("GET", {"runs", "task", "7", "latest"}).parameters
        == std::vector<std::string>{"7", "latest"});
}

TEST_CASE("a literal segment is preferred to a parameter", "[http][router]") {
  CHECK(look_up("GET", {"tasks", "stats"}).pattern == "/tasks/stats");
  CHECK(look_up("GET", {"tasks", "stats"}).parameters.empty());
}

TEST_CASE("a literal that leads nowhere is left for the parameter", "[http][router]") {
  CHECK(look_up("POST", {"tasks", "stats", "cancel"})
        == found{"/tasks/{id}/cancel", {"stats"}, "POST, OPTIONS"});
  CHECK(look_up("DELETE", {"tasks", "stats"}).pattern == "/tasks/{id}");
}

TEST_CASE("a known path with another method tells its methods", "[http][router]") {
  CHECK(look_up("PUT", {"tasks"}) == found{"", {}, "GET, HEAD, POST, OPTIONS"});
  CHECK(look_up("get", {"tasks"}).pattern.empty());
}

TEST_CASE("HEAD finds the route of GET", "[http][router]") {
  CHECK(look_up("HEAD", {"tasks"}).pattern == "/tasks");
  CHECK(look_up("HEAD", {"tasks", "7", "cancel"}).pattern.empty());
}

TEST_CASE("what is near a path is not the path", "[http][router]") {
  const std::vector<std::string> wrong =
      GENERATE(values<std::vector<std::string>>({{"TASKS"},
                                                 {"tasks;x"},
                                                 {"", "tasks"},
                                                 {"tasks", ""},
                                                 {"tasks", ".."},
                                                 {"tasks", "."},
                                                 {"tasks", "..", "tasks"},
                                                 {"tasks", "7", "nothing"},
                                                 {"tasks", "7", "cancel", "x"},
                                                 {"{id}"}}));
  CHECK(look_up("GET", wrong) == found{});
}

TEST_CASE("an encoded slash stays inside its segment", "[http][router]") {
  CHECK(look_up("GET", {"tasks", "a/b"}).parameters == std::vector<std::string>{"a/b"});
  CHECK(look_up("GET", {"tasks", "7/cancel"}).pattern == "/tasks/{id}");
}

}  // namespace carillon::http
