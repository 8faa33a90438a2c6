#include "storage/event_store.hpp"

#include <catch2/catch.hpp>

#include "storage/crypto.hpp"
#include "storage/event_source_store.hpp"
#include "storage/schedule_store.hpp"
#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/schedule_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

const event_listener one{listener_kind::schedule, a_schedule_id(1, 1)};
const event_listener other{listener_kind::schedule, a_schedule_id(2, 60)};

template <class Disk>
struct world {
  void commit(const change_set& changes) {
    task_store store{disk.engine()};
    REQUIRE(store.commit({&changes}) == commit_status::durable);
  }
  topic_event publish(std::uint64_t number, const std::string& topic, const std::string& name = {},
                      instant at = noon) {
    topic_event made{an_id(number, static_cast<unsigned>(number % shard_count)),
                     name,
                     topic,
                     R"({"a":1})",
                     "me",
                     at,
                     "digest",
                     {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=1"}};
    change_set out;
    encode_new_event(made, {one, other}, out);
    commit(out);
    return made;
  }
  void tell(const topic_event& subject, const std::vector<listener_told>& told) {
    change_set out;
    encode_event_told(subject, told, out);
    commit(out);
  }
  void remove(const std::vector<old_event>& gone) {
    change_set out;
    for (const auto& each : gone)
      encode_event_removal(each, out);
    commit(out);
  }
  std::size_t index_entries() {
    const auto at = std::move(disk.engine().read(space::index, 1).front());
    std::size_t found = 0;
    for (at->seek(""); at->valid(); at->next())
      found += at->key().size() > 1 && at->key()[1] == 'z' ? 1 : 0;
    return found;
  }

  Disk disk;
  event_store events{disk.engine()};
};

}  // namespace

TEMPLATE_TEST_CASE("an event is kept with all of it, and by its name", "[store][event]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  const auto made = with.publish(7, "mail", "order-1");
  const auto found = *with.events.load(made.id);
  REQUIRE(found);
  CHECK(found->subject->name == "order-1");
  CHECK(found->subject->topic == "mail");
  CHECK(found->subject->payload == R"({"a":1})");
  CHECK(found->subject->source == "me");
  CHECK(found->subject->at == noon);
  CHECK(found->subject->digest == "digest");
  CHECK(found->subject->trace == made.trace);
  CHECK(found->told == nullptr);
  CHECK(with.events.find_name("order-1")->event == made.id);
  CHECK(with.events.find_name("order-1")->until == noon + 24h);
  CHECK_FALSE(with.events.find_name("order-"));
  CHECK_FALSE(*with.events.load(an_id(8)));
}

TEMPLATE_TEST_CASE("an event is open until everybody is told, with who has been", "[store][event]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  const auto made = with.publish(7, "mail");
  const auto task = an_id(99, 60);
  change_set claim;
  encode_event_claim(made.id, other.id, task, end_reason::overlap, claim);
  with.commit(claim);

  const auto open = with.events.open_events();
  REQUIRE(open.size() == 1);
  CHECK(open.front().subject.id == made.id);
  CHECK(open.front().listeners == std::vector{one, other});
  REQUIRE(open.front().told.size() == 1);
  const listener_told skipped{other, task, end_reason::overlap};
  CHECK(open.front().told.front() == skipped);

  const std::vector<listener_told> told{{one, an_id(98, 1), {}}, skipped};
  with.tell(made, told);
  CHECK(with.events.open_events().empty());
  CHECK(*(*with.events.load(made.id))->told == told);
  CHECK(with.index_entries() == 2);  // by id and by topic: the claim is gone
}

TEMPLATE_TEST_CASE("events are listed newest first, page by page and by topic", "[store][event]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  for (std::uint64_t number = 1; number <= 5; ++number)
    with.publish(number, number % 2 == 0 ? "post" : "mail");
  with.tell(with.publish(6, "mail"), {{one, an_id(9), {}}, {other}});
  const auto page = *with.events.list({}, {4, 0, {}});
  CHECK(page.total == 6);
  CHECK(page.has_more);
  REQUIRE(page.items.size() == 4);
  CHECK(page.items.front().facts.is_done);
  CHECK(page.items.front().facts.triggered == 1);
  CHECK(page.items.front().facts.listeners == 2);
  CHECK_FALSE(page.items[1].facts.is_done);
  const auto rest = *with.events.list({}, {4, 0, page.items.back().id});
  CHECK(rest.items.size() == 2);
  CHECK_FALSE(rest.has_more);
  const auto mail = *with.events.list("mail", {2, 1, {}});
  CHECK(mail.total == 4);
  REQUIRE(mail.items.size() == 2);
  CHECK(mail.items.front().id == an_id(5, 5));
  CHECK((*with.events.list("mai", {})).total == 0);
}

TEMPLATE_TEST_CASE("topics are those with listeners and those with events", "[store][event]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  for (std::uint64_t number = 1; number <= 3; ++number) {
    schedule listening;
    listening.id = a_schedule_id(number, static_cast<unsigned>(number));
    schedule_spec spec;
    spec.kind = schedule_kind::event;
    spec.expr = number == 3 ? "post" : "mail";
    listening.spec = std::make_shared<const schedule_spec>(spec);
    change_set out;
    encode(schedule_changes{listening, {}, {}}, out);
    with.commit(out);
  }
  with.publish(1, "mail", {}, noon);
  with.publish(65, "mail", {}, noon + 2s);
  with.publish(2, "mail", {}, noon + 1s);
  with.publish(3, "news", {}, noon);
  const auto topics = with.events.topics();
  REQUIRE(topics.size() == 3);
  CHECK((topics[0].topic == "mail" && topics[0].listeners == 2 && topics[0].last_at == noon + 2s));
  CHECK((topics[1].topic == "news" && topics[1].listeners == 0 && topics[1].last_at == noon));
  CHECK((topics[2].topic == "post" && topics[2].listeners == 1 && !topics[2].last_at));
}

TEMPLATE_TEST_CASE("old events go whole; those under way and names in use stay", "[store][event]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  with.tell(with.publish(1, "mail", "again"), {});
  with.publish(2, "mail");  // under way
  with.tell(with.publish(3, "mail", {}, noon + 1h), {});
  const auto newer = with.publish(4, "mail", "again", noon + 2h);
  with.tell(newer, {});
  const auto old = with.events.old_events(noon + 1min, 1'000, 10);
  REQUIRE(old.size() == 1);
  CHECK(old.front().id == an_id(1, 1));
  with.remove(old);
  CHECK_FALSE(*with.events.load(an_id(1, 1)));
  CHECK(with.events.find_name("again")->event == newer.id);
  CHECK((*with.events.list({}, {})).total == 3);
  CHECK(with.events.old_events(noon + 1min, 1'000, 10).empty());

  with.remove(with.events.old_events(noon + 3h, 1'000, 1));
  with.remove(with.events.old_events(noon + 3h, 1'000, 10));
  CHECK_FALSE(with.events.find_name("again"));
  CHECK((*with.events.list({}, {})).total == 1);
}

TEMPLATE_TEST_CASE("of too many events the oldest without a name go", "[store][event]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  with.tell(with.publish(64, "mail", "named"), {});
  for (const std::uint64_t number : {128, 192, 256})
    with.tell(with.publish(number, "mail"), {});
  CHECK(with.events.old_events(noon, 4, 10).empty());
  // As if there were so many in every shard: the two oldest of each are too many.
  constexpr auto kept = 4 - 2 * static_cast<std::int64_t>(shard_count);
  const auto old = with.events.old_events(noon, kept, 10);
  REQUIRE(old.size() == 1);
  CHECK(old.front().id == an_id(128));
}

TEMPLATE_TEST_CASE("sources are kept until they are removed", "[store][event]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  const event_source github{"github", "push", "twenty-four secret bytes", noon};
  const std::string seal_key(key_bytes, 'k');
  change_set out;
  encode_event_source(github, seal_key, out);
  with.commit(out);
  const auto found = load_event_sources(with.disk.engine(), seal_key).value();
  REQUIRE(found.size() == 1);
  CHECK((found.front().name == "github" && found.front().topic == "push"));
  CHECK((found.front().key == github.key && found.front().created_at == noon));
  CHECK(load_event_sources(with.disk.engine(), std::string(key_bytes, 'l')).value().front().key
        == "");
  const auto at = std::move(with.disk.engine().read(space::rows, 1).front());
  for (at->seek(""); at->valid(); at->next())
    CHECK(at->value().find("secret") == std::string_view::npos);
  change_set gone;
  encode_event_source_removal("github", gone);
  with.commit(gone);
  CHECK(load_event_sources(with.disk.engine(), seal_key).value().empty());
}

TEST_CASE("rows of events that are cut or changed are corrupt, never a crash", "[store][event]") {
  const topic_event made{an_id(1), "n", "t", "1", "s", noon, "d"};
  const auto row = encode_event(made);
  for (std::size_t size = 0; size < row.size(); ++size)
    (void)decode_event(made.id, std::string_view{row}.substr(0, size));
  CHECK(decode_event(made.id, "").error().kind == problem_kind::corrupt);
  const auto told = encode_told({{one, an_id(2), end_reason::overlap}, {other}});
  CHECK(decode_told(told)->size() == 2);
  for (std::size_t size = 0; size < told.size(); ++size)
    (void)decode_told(std::string_view{told}.substr(0, size));
  auto listeners = encode_listeners({one});
  listeners[1] = '\x7F';  // no such kind
  CHECK(decode_listeners(listeners).error().kind == problem_kind::corrupt);
  CHECK_FALSE(decode_listeners("\x01too short").has_value());
  CHECK_FALSE(decode_claim(one.id, ""));
  CHECK_FALSE(decode_claim(one.id, std::string(17, '\xFF')));
}
