#include "http/policy.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <type_traits>

#include "http/tables.hpp"

namespace carillon::http {
namespace {

/// Every route of the server and whom it serves. A change here is a change of who may do what.
constexpr auto expected_policies = R"(
GET /healthz : anyone
GET /readyz : anyone
GET /v1/clock : any token
POST /v1/clock/advance : admin of the operator
POST /tasks : tasks:create or tss.admin
GET /tasks : tasks:read or tss.admin
GET /tasks/{id} : tasks:read or tss.admin
POST /tasks/{id}/trigger : tasks:run or tss.admin
POST /tasks/{id}/cancel : tasks:run or tss.admin
POST /tasks/{id}/events : tasks:update or tss.admin
POST /v1/tasks : tasks:create
GET /v1/tasks : tasks:read
GET /v1/tasks/{id} : tasks:read
DELETE /v1/tasks/{id} : tasks:delete
GET /v1/tasks/{id}/attempts : tasks:read
GET /v1/tasks/{id}/log : runs:read
POST /v1/tasks/{id}/cancel : tasks:run
POST /v1/tasks/{id}/trigger : tasks:run
POST /v1/tasks/{id}/retry : tasks:run
POST /v1/tasks/{id}/events : tasks:update
POST /v1/queues/{queue}/lease : worker:{queue}
POST /v1/leases/heartbeat : worker: the queue of each task
POST /v1/leases/complete : worker: the queue of each task
POST /v1/leases/fail : worker: the queue of each task
POST /v1/leases/release : worker: the queue of each task
POST /v1/schedules : tasks:create
GET /v1/schedules : tasks:read
GET /v1/schedules/{id} : tasks:read
PATCH /v1/schedules/{id} : tasks:update
DELETE /v1/schedules/{id} : tasks:delete
GET /v1/schedules/{id}/tasks : tasks:read
GET /v1/schedules/{id}/preview : tasks:read
GET /v1/schedules/{id}/explain : tasks:read
POST /v1/schedules/{id}/pause : tasks:update
POST /v1/schedules/{id}/resume : tasks:update
POST /v1/schedules/{id}/cancel : tasks:run
POST /v1/schedules/{id}/snooze : tasks:update
POST /v1/schedules/{id}/run : tasks:run
POST /v1/schedules/{id}/backfill : tasks:run
POST /v1/preview : any token
PUT /tasks/{id} : tasks:update or tss.admin
POST /tasks/{id}/run_now : tasks:run or tss.admin
POST /tasks/{id}/snooze : tasks:update or tss.admin
POST /tasks/{id}/pause : tasks:update or tss.admin
POST /tasks/{id}/resume : tasks:update or tss.admin
GET /runs : runs:read or tss.admin
GET /runs/{id} : runs:read or tss.admin
GET /runs/task/{id}/latest : runs:read or tss.admin
GET /runs/task/{id}/stats : runs:read or tss.admin
GET /runs/stats/summary : runs:read or tss.admin
POST /events : events:publish or tss.admin
POST /agents : admin
GET /agents : admin
GET /agents/{id} : admin
PUT /agents/{id} : admin
DELETE /agents/{id} : admin
GET /api/tasks : tasks:read
GET /api/tasks/{name} : tasks:read
POST /api/tasks/{name}/run : tasks:run
POST /api/tasks/{name}/restart : tasks:run
POST /api/tasks/{name}/stop : tasks:run
POST /api/tasks/{name}/start : tasks:run
GET /api/tasks/{name}/runs : runs:read
GET /api/tasks/{name}/runs/{id} : runs:read
DELETE /api/tasks/{name}/runs/{id} : tasks:delete
POST /api/tasks/{name}/runs/{id}/stop : tasks:run
GET /api/tasks/{name}/runs/{id}/log : runs:read
GET /api/tasks/{name}/runs/{id}/log/raw : runs:read
GET /api/tasks/{name}/runs/{id}/log/stream : runs:read
GET /api/runs : runs:read
GET /api/runs/stream : runs:read
GET /api/runs/summary : runs:read
GET /api/runs/{id} : runs:read
DELETE /api/runs/{id} : tasks:delete
POST /api/runs/{id}/stop : tasks:run
GET /api/runs/{id}/log : runs:read
GET /api/runs/{id}/log/raw : runs:read
GET /api/runs/{id}/log/stream : runs:read
GET /api/info : any token
POST /api/reload : admin of the operator
GET /schemas/{name} : anyone
POST /v1/tasks/bulk : tasks:run
GET /v1/tasks/bulk : tasks:read
GET /v1/tasks/bulk/{id} : tasks:read
POST /v1/tasks/bulk/{id}/pause : tasks:run
POST /v1/tasks/bulk/{id}/resume : tasks:run
POST /v1/tasks/bulk/{id}/cancel : tasks:run
GET /v1/queues : tasks:read
GET /v1/queues/{queue} : tasks:read
PATCH /v1/queues/{queue} : admin
POST /v1/queues/{queue}/pause : admin
POST /v1/queues/{queue}/resume : admin
POST /v1/url-groups : admin
GET /v1/url-groups : tasks:read
GET /v1/url-groups/{name} : tasks:read
PUT /v1/url-groups/{name} : admin
DELETE /v1/url-groups/{name} : admin
GET /v1/hosts : tasks:read
GET /v1/hosts/{host} : tasks:read
POST /v1/hosts/{host}/reset : admin
POST /v1/events : events:publish
GET /v1/events : tasks:read
GET /v1/events/topics : tasks:read
GET /v1/events/{id} : tasks:read
POST /v1/event-sources : admin
GET /v1/event-sources : admin
DELETE /v1/event-sources/{name} : admin
POST /v1/events/in/{source} : anyone
POST /v1/secrets : admin
GET /v1/secrets : admin
PATCH /v1/secrets/{id} : admin
DELETE /v1/secrets/{id} : admin
POST /v1/callbacks/{task_id}/{token}/{signature} : anyone
POST /v1/batches : tasks:create
GET /v1/batches : tasks:read
GET /v1/batches/{id} : tasks:read
GET /v1/batches/{id}/tasks : tasks:read
POST /v1/batches/{id}/seal : tasks:create
POST /v1/batches/{id}/cancel : tasks:run
POST /v1/batches/{id}/retry_failed : tasks:run
POST /v1/tokens : admin
GET /v1/tokens : admin
GET /v1/tokens/{id} : admin
DELETE /v1/tokens/{id} : admin
POST /agents/{id}/credentials : admin
GET /agents/{id}/credentials : admin
DELETE /agents/{id}/credentials/{key} : admin
POST /v1/backup : admin of the operator
GET /metrics : any token of the operator
GET /v1/tasks/{id}/explain : tasks:read
GET /openapi.json : anyone
GET /docs : anyone
GET /docs/{file} : anyone
GET /v1/stream : tasks:read
GET /v1/stats : tasks:read
GET /v1/upcoming : tasks:read
GET /v1/forecast : tasks:read
GET /v1/limits : tasks:read
GET /v1/limits/{key} : tasks:read
POST /v1/tenants : admin of the operator
GET /v1/tenants : admin of the operator
GET /v1/tenants/{name} : admin of the operator
PATCH /v1/tenants/{name} : admin of the operator
DELETE /v1/tenants/{name} : admin of the operator
POST /v1/tenants/{name}/tokens : admin of the operator
GET /v1/audit : admin
GET /v1/audit/export : admin
)";

void nothing(const api&, const request&, responder) {}

template <class Row>
concept made_without_policy = requires {
  Row{"GET", "/", nothing};
};
template <class Row>
concept made_with_policy = requires {
  Row{"GET", "/", nothing, access::anyone};
};

requirement of(const policy& one, std::vector<std::string> parameters = {}) {
  const auto needed = one.of(parameters);
  CHECK(needed.queue == (parameters.empty() ? "" : parameters.front()));
  return needed;
}

}  // namespace

static_assert(!std::is_default_constructible_v<policy>);
static_assert(!made_without_policy<route>);
static_assert(made_with_policy<route>);

TEST_CASE("every route serves whom it should", "[http][policy]") {
  std::string found = "\n";
  for (const auto& table : all_surfaces())
    for (const auto& row : table)
      found.append(row.method)
          .append(" ")
          .append(row.pattern)
          .append(" : ")
          .append(row.needs.text()) += "\n";
  CHECK(found == expected_policies);
}

TEST_CASE("a policy says what a request needs", "[http][policy]") {
  CHECK(of(access::any_token).what == requirement::kind::any_token);
  CHECK(of(access::tasks_run).needed == right::tasks_run);
  CHECK_FALSE(of(access::tasks_run).or_tss_admin);
  CHECK(of(access::tss(right::tasks_run)).or_tss_admin);
  CHECK(of(access::queue_of_path, {"mail"}).what == requirement::kind::queue);
  CHECK(of(access::queue_of_task).what == requirement::kind::some_queue);
}

}  // namespace carillon::http
