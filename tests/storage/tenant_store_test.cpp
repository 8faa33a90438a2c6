#include "storage/tenant_store.hpp"

#include <catch2/catch.hpp>

#include "storage/keys.hpp"
#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;

namespace {

tenant a_tenant(const std::string& name) {
  tenant made;
  made.name = name;
  made.title = "The tenant " + name;
  made.created_at = noon;
  made.stage = tenant_stage::open;
  made.limits.requests_per_second = 10;
  made.limits.open_tasks = 0;
  return made;
}

void save(engine& disk, const tenant& subject) {
  change_set changes;
  encode_tenant(subject, changes);
  REQUIRE(disk.commit({&changes}) == commit_status::durable);
}

}  // namespace

TEMPLATE_TEST_CASE("tenants come back by name, until they are removed", "[tenant_store]", in_memory,
                   on_rocksdb) {
  TestType store;
  auto other = a_tenant("zebra");
  other.stage = tenant_stage::removing;
  other.limits = {};
  other.title.clear();
  save(store.engine(), other);
  save(store.engine(), a_tenant("acme"));
  store.reopen();
  CHECK(load_tenants(store.engine()).value() == std::vector{a_tenant("acme"), other});

  change_set changes;
  encode_tenant_removal("acme", changes);
  REQUIRE(store.engine().commit({&changes}) == commit_status::durable);
  CHECK(load_tenants(store.engine()).value() == std::vector{other});
}

TEST_CASE("a row of a tenant that is cut is told", "[tenant_store]") {
  in_memory store;
  save(store.engine(), a_tenant("acme"));
  const auto row = **store.engine().get(space::rows, keys::tenant_row("acme"));
  change_set changes;
  changes.put(space::rows, keys::tenant_row("acme"), row.substr(0, row.size() - 1));
  REQUIRE(store.engine().commit({&changes}) == commit_status::durable);
  const auto found = load_tenants(store.engine());
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().kind == problem_kind::corrupt);
}

TEST_CASE("how many tasks and schedules have not ended is known without a look", "[tenant_store]") {
  in_memory store;
  {
    task_store rows{store.engine()};
    change_set changes;
    changes.count(keys::count_of_status(task_status::scheduled), 3);
    changes.count(keys::count_of_status(task_status::retrying), 2);
    changes.count(keys::count_of_status(task_status::completed), 7);
    changes.count(keys::count_of_schedules(schedule_status::active), 4);
    changes.count(keys::count_of_schedules(schedule_status::paused), 1);
    changes.count(keys::count_of_schedules(schedule_status::ended), 9);
    REQUIRE(rows.commit({&changes}) == commit_status::durable);
    change_set ended;
    ended.count(keys::count_of_status(task_status::scheduled), -1);
    ended.count(keys::count_of_status(task_status::failed), 1);
    REQUIRE(rows.commit({&ended}) == commit_status::durable);
    CHECK(rows.open_tasks() == 4);
    CHECK(rows.open_schedules() == 5);
  }
  const task_store again{store.engine()};
  CHECK(again.open_tasks() == 4);
  CHECK(again.open_schedules() == 5);
}
