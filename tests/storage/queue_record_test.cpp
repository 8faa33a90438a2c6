#include "storage/queue_record.hpp"

#include <catch2/catch.hpp>

#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;

namespace {

void set(in_memory& disk, const std::string& queue, const queue_settings& settings) {
  change_set out;
  encode_queue_change(queue, settings, out);
  REQUIRE(disk.engine().commit({&out}) == commit_status::durable);
}

}  // namespace

TEST_CASE("what is set for a queue is on disk until nothing is", "[queue]") {
  in_memory disk;
  const queue_settings settings{true, 3, 100, duration{1'000}};
  set(disk, "mail", settings);
  CHECK(*load_queue(disk.engine(), "mail") == settings);
  CHECK_FALSE(*load_queue(disk.engine(), "other"));
  REQUIRE(load_queues(disk.engine()).size() == 1);
  CHECK(load_queues(disk.engine()).front().first == "mail");
  set(disk, "mail", {});
  CHECK(load_queues(disk.engine()).empty());
}

TEST_CASE("queues are listed by name, with what is in them", "[queue]") {
  in_memory disk;
  task_store tasks{disk.engine()};
  const auto save = [&](std::uint64_t number, const task_spec& spec, const task_state& state) {
    const auto made = std::make_shared<const task>(
        task{an_id(number), std::make_shared<const task_spec>(spec), state});
    change_set out;
    encode({made, {}, {}}, out);
    REQUIRE(tasks.commit({&out}) == commit_status::durable);
    return made;
  };
  save(1, a_spec(), queued{noon});
  const auto runs = save(2, a_spec(), queued{noon});
  save(3, a_spec(), scheduled{});
  save(4, a_delivery_spec(), queued{noon});  // has the type, and waits elsewhere
  set(disk, "archive", {true});
  task after = *runs;
  after.state = processing{runner_kind::lease};
  change_set out;
  encode({std::make_shared<const task>(after), facts_of(*runs), {}}, out);
  REQUIRE(tasks.commit({&out}) == commit_status::durable);

  const auto all = list_queues(disk.engine());
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "archive");
  CHECK(all[0].settings.is_paused);
  CHECK(all[1].name == "mail");
  CHECK(all[1].waiting == 1);
  CHECK(all[1].processing == 1);
  CHECK(look_at_queue(disk.engine(), "mail")->waiting == 1);
  CHECK(look_at_queue(disk.engine(), "nobody")->waiting == 0);
}
