#include "http/change_rules.hpp"

#include <catch2/catch.hpp>

#include "http/tables.hpp"

namespace carillon::http {
namespace {

/// The routes whose changes are recorded so, in the order of the tables.
std::string routes_with(recording how) {
  std::string found = "\n";
  for (const auto& table : all_surfaces())
    for (const auto& row : table)
      if (row.method != "GET" && rule_of(row).how == how)
        found.append(row.method).append(" ").append(row.pattern) += "\n";
  return found;
}

std::string resource(std::string_view method, std::string_view pattern, std::string path) {
  request asked;
  asked.path = std::move(path);
  return resource_of({method, pattern, nullptr, access::admin}, asked);
}

}  // namespace

TEST_CASE("what is not recorded, or with its own commit, is listed", "[http][audit]") {
  CHECK(routes_with(recording::none) == R"(
POST /tasks/{id}/events
POST /v1/tasks/{id}/events
POST /v1/queues/{queue}/lease
POST /v1/leases/heartbeat
POST /v1/leases/complete
POST /v1/leases/fail
POST /v1/leases/release
POST /v1/preview
POST /v1/callbacks/{task_id}/{token}/{signature}
)");
  CHECK(routes_with(recording::in_commit) == R"(
POST /tasks
POST /v1/tasks
POST /events
POST /v1/events
POST /v1/events/in/{source}
POST /v1/batches
)");
}

TEST_CASE("a change is of the resource that its path names", "[http][audit]") {
  CHECK(resource("PATCH", "/v1/schedules/{id}", "/v1/schedules/1") == "/v1/schedules/1");
  CHECK(resource("POST", "/v1/schedules/{id}/pause", "/v1/schedules/1/pause") == "/v1/schedules/1");
  CHECK(resource("POST", "/v1/schedules", "/v1/schedules").empty());
  CHECK(resource("POST", "/v1/events/in/{source}", "/v1/events/in/shop").empty());
  CHECK(resource("POST", "/v1/clock/advance", "/v1/clock/advance").empty());
}

TEST_CASE("what was made has the place that its Location names", "[http][audit]") {
  const auto id = *parse_task_id("01890a5d-ac96-774b-bcce-b302099a8057");
  const auto place = [&](std::string_view method, std::string_view pattern) {
    return place_of_made({method, pattern, nullptr, access::admin}, id);
  };
  CHECK(place("POST", "/v1/tasks") == "/v1/tasks/" + to_text(id));
  CHECK(place("POST", "/v1/schedules/{id}/run") == "/v1/tasks/" + to_text(id));
  CHECK(place("POST", "/v1/schedules") == "/v1/schedules/" + to_text(id));
  CHECK(place("POST", "/tasks") == "/tasks/" + to_uuid(id));
  CHECK(place("POST", "/agents") == "/agents/" + to_uuid(id));
  CHECK(place("POST", "/api/tasks/{name}/run") == "/api/runs/" + to_uuid(run_id(id, 1)));
  CHECK(place("POST", "/v1/schedules/{id}/pause").empty());
  CHECK(place("PATCH", "/v1/schedules").empty());
}

}  // namespace carillon::http
