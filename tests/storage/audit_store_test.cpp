#include "storage/audit_store.hpp"

#include <catch2/catch.hpp>

#include "storage/keys.hpp"
#include "storage/mark_record.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

audit_record a_record(id_generator& ids, instant at) {
  audit_record what;
  what.at = at;
  what.id = ids.next(at);
  what.who_kind = "token";
  what.who_id = "token_1";
  what.who_name = "ci";
  what.action = "PATCH /v1/schedules/{id}";
  what.subject = "schedule_1";
  what.made = an_id(7);
  what.status = 200;
  what.count = 3;
  what.before = R"({"name":"old"})";
  what.after = R"({"name":"new"})";
  what.address = "127.0.0.1";
  what.request_id = "r1";
  what.user_agent = "curl";
  return what;
}

void save(engine& disk, const std::vector<audit_record>& all) {
  change_set changes;
  for (const auto& each : all)
    encode_audit(each, changes);
  REQUIRE(disk.commit({&changes}) == commit_status::durable);
}

/// Each minute one, the oldest first.
std::vector<audit_record> some_records(int count) {
  id_generator ids{[] { return std::uint64_t{1}; }};
  std::vector<audit_record> all;
  for (int at = 0; at < count; ++at)
    all.push_back(a_record(ids, noon + at * 1min));
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("records of changes come back, newest first, in pages", "[audit]", in_memory,
                   on_rocksdb) {
  TestType store;
  const auto all = some_records(5);
  save(store.engine(), all);
  store.reopen();
  const audit_store marks{store.engine()};

  const auto first = marks.list({}, {}, 2).value();
  CHECK(first.items == std::vector{all[4], all[3]});
  REQUIRE(first.next);
  const auto second = marks.list({}, first.next, 2).value();
  CHECK(second.items == std::vector{all[2], all[1]});
  const auto last = marks.list({}, second.next, 2).value();
  CHECK(last.items == std::vector{all[0]});
  CHECK_FALSE(last.next);

  CHECK(marks.list({.from = noon + 1min, .to = noon + 3min}, {}, 9).value().items
        == std::vector{all[2], all[1]});
}

TEST_CASE("a filter of records looks at each of its fields", "[audit]") {
  const auto what = some_records(1).front();
  const auto is = [&](const audit_filter& wanted) { return matches(wanted, what); };
  CHECK(is({}));
  CHECK(is({.who = "token_1"}));
  CHECK(is({.who = "ci"}));
  CHECK_FALSE(is({.who = "c"}));
  CHECK(is({.action = "PATCH /v1/schedules/{id}"}));
  CHECK_FALSE(is({.action = "PATCH"}));
  CHECK(is({.method = "PATCH"}));
  CHECK_FALSE(is({.method = "PUT"}));
  CHECK(is({.subject = "schedule_1"}));
  CHECK(is({.subject = to_text(an_id(7))}));
  CHECK_FALSE(is({.subject = "schedule_2"}));
  CHECK(is({.refused = false}));
  CHECK_FALSE(is({.refused = true}));
  CHECK(is({.text = "\"old\""}));
  CHECK_FALSE(is({.text = "nowhere"}));
}

TEMPLATE_TEST_CASE("records and kept answers go when their time is over", "[audit]", in_memory,
                   on_rocksdb) {
  TestType store;
  save(store.engine(), some_records(5));
  change_set kept;
  for (int at = 0; at < 5; ++at)
    encode_kept("key " + std::to_string(at),
                {.fingerprint = "f", .until = noon + at * 1h, .made = {}}, kept);
  REQUIRE(store.engine().commit({&kept}) == commit_status::durable);
  const audit_store marks{store.engine()};

  change_set changes;
  CHECK(marks.remove_old(noon + 3min, 2, changes));
  CHECK_FALSE(marks.remove_old(noon + 3min, 3, changes));
  std::string from;
  CHECK(marks.remove_expired(noon + 1h, 2, from, changes));
  CHECK_FALSE(marks.remove_expired(noon + 1h, 9, from, changes));
  REQUIRE(store.engine().commit({&changes}) == commit_status::durable);
  CHECK(marks.count().value() == std::array<std::int64_t, 2>{2, 3});
  CHECK_FALSE(marks.find_kept("key 1").value());
  CHECK(marks.find_kept("key 2").value()->until == noon + 2h);
}

TEST_CASE("a mark is in the commit of what it is about", "[audit]") {
  in_memory store;
  request_mark mark;
  mark.record = some_records(1).front();
  mark.key = "digest";
  mark.kept = {.fingerprint = "f", .until = noon + 24h, .made = {}};
  change_set changes;
  leave_mark(mark, an_id(9), changes);
  REQUIRE(store.engine().commit({&changes}) == commit_status::durable);

  CHECK(mark.is_saved);
  const audit_store marks{store.engine()};
  CHECK(marks.list({}, {}, 1).value().items.front().made == an_id(9));
  const auto known = marks.find_kept("digest").value();
  REQUIRE(known);
  CHECK(known->made == an_id(9));
  CHECK(known->status == 0);
}

TEST_CASE("a record that is cut is told", "[audit]") {
  in_memory store;
  const auto what = some_records(1).front();
  save(store.engine(), {what});
  const auto row = **store.engine().get(space::rows, keys::audit_row(what.id));
  change_set changes;
  changes.put(space::rows, keys::audit_row(what.id), row.substr(0, row.size() - 1));
  REQUIRE(store.engine().commit({&changes}) == commit_status::durable);
  const audit_store marks{store.engine()};
  CHECK(marks.list({}, {}, 1).error().kind == problem_kind::corrupt);
  CHECK(marks.count().error().kind == problem_kind::corrupt);
}
