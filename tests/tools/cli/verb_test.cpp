#include "tools/cli/verb.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "http/tables.hpp"

// The table of commands against itself, and against the routes of the server.

namespace carillon::cli {
namespace {

/// "/v1/tasks/{id}/cancel" as "/v1/tasks/{}/cancel", without a query.
std::string shape_of(std::string_view path) {
  std::string out;
  bool is_inside = false;
  for (const char each : path.substr(0, path.find('?'))) {
    if (each == '}')
      is_inside = false;
    if (!is_inside)
      out += each;
    if (each == '{')
      is_inside = true;
  }
  return out;
}

std::set<std::string> routes_of_server() {
  std::set<std::string> all;
  for (const auto& table : http::all_surfaces())
    for (const auto& row : table)
      all.insert(std::string{row.method} + " " + shape_of(row.pattern));
  return all;
}

/// Routes that need no command: for programs, for other surfaces of the same things, or reached in
/// another way.
constexpr std::string_view without_command[] = {
    "GET /healthz",
    "POST /v1/preview",       // computed here
    "POST /v1/backup",        // carillon backup
    "POST /v1/events/in/{}",  // from outside, signed
    "POST /v1/callbacks/{}/{}/{}",
    "POST /events",
    "GET /schemas/{}",
    "POST /tasks/{}/trigger",
    "POST /tasks/{}/events",
    "GET /runs/{}",
    "GET /runs/task/{}/latest",
    "GET /runs/stats/summary",
    "GET /openapi.json",  // descriptions of the interface
    "GET /docs",
    "GET /docs/{}",
    "GET /api/runs/{}/log/raw",
    "GET /api/runs/{}/log/stream",  // runs log --follow
};

}  // namespace

TEST_CASE("every command asks for a route of the server", "[cli]") {
  const auto routes = routes_of_server();
  for (const auto& one : all_verbs())
    if (one.asks_server()) {
      CAPTURE(one.words());
      CHECK(routes.contains(std::string{one.method} + " " + shape_of(one.path)));
    }
}

TEST_CASE("every route of the server has a command, or a reason to have none", "[cli]") {
  std::set<std::string> known{std::begin(without_command), std::end(without_command)};
  for (const auto& one : all_verbs())
    known.insert(std::string{one.method} + " " + shape_of(one.path));
  for (const auto& route : routes_of_server()) {
    const bool is_of_job = route.find(" /api/tasks/{}/runs") != std::string::npos;  // as /api/runs
    CAPTURE(route);
    CHECK((is_of_job || known.contains(route)));
  }
}

TEST_CASE("what a path needs is a parameter, and required", "[cli]") {
  for (const auto& one : all_verbs()) {
    CAPTURE(one.words());
    for (const auto& each : one.parameters) {
      const auto hole = "{" + std::string{each.field} + "}";
      if (each.in == place::path)
        CHECK((one.path.find(hole) != std::string_view::npos && each.is_required));
    }
    const auto holes = std::ranges::count(one.path, '{');
    CHECK(holes == std::ranges::count(one.parameters, place::path, &parameter::in));
  }
}

TEST_CASE("no command and no option is there twice, and each has its help", "[cli]") {
  std::set<std::string> commands;
  for (const auto& one : all_verbs()) {
    CAPTURE(one.words());
    CHECK(commands.insert(one.words()).second);
    CHECK(one.summary.ends_with('.'));
    CHECK(find_noun(one.noun) != nullptr);
    std::set<std::string_view> names;
    for (const auto& each : one.parameters) {
      CAPTURE(each.name);
      CHECK(names.insert(each.name).second);
      CHECK(each.help.ends_with('.'));
    }
  }
  for (const auto& one : all_nouns())
    CHECK_FALSE(verbs_of(one.name).empty());
}

}  // namespace carillon::cli
