#include "model/task_notices.hpp"

#include <catch2/catch.hpp>

#include "model/jmespath_value.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

task_spec told_spec(std::uint32_t events = ~0U, std::vector<std::string> urls = {"http://me"}) {
  auto spec = a_delivery_spec();
  spec.retry = {1, backoff_kind::fixed, 1s, 1s};
  spec.expires_at = noon + 1h;
  spec.notices = {std::move(urls), events};
  return spec;
}

/// What the last event has told, by its words.
std::string told(const life& subject) {
  std::string words;
  for (const auto& one : subject.last.born)
    words += (words.empty() ? "" : ",")
             + jmespath_value::read(one.spec->payload).value().find("type")->as_string();
  return words;
}

}  // namespace

TEST_CASE("every notice has a word and is found by it", "[notices]") {
  for (std::size_t at = 0; at < notice_count; ++at) {
    const auto what = static_cast<notice>(at);
    CHECK(parse_notice(to_string(what)) == what);
  }
  CHECK_FALSE(parse_notice("task.done"));
}

TEST_CASE("each event in a task's life is told once", "[notices]") {
  life subject{told_spec()};
  CHECK(told(subject) == "task.queued");
  CHECK(told(subject.deliver()) == "task.processing");
  CHECK(told(subject.fail()).empty());  // it is tried again
  CHECK(told(subject.tick_when_due()) == "task.queued");
  CHECK(told(subject.deliver()) == "task.processing");
  CHECK(told(subject.fail()) == "task.failed");
  CHECK(told(subject.tell(event::retry{})) == "task.queued");
  CHECK(told(subject.deliver()) == "task.processing");
  CHECK(told(subject.tell(event::succeeded{subject.token()})) == "task.completed");
}

TEST_CASE("a task for later tells nothing before its time", "[notices]") {
  life subject{told_spec(), noon - 1h};
  CHECK(told(subject).empty());
  CHECK(told(subject.tick_when_due()) == "task.queued");
}

TEST_CASE("other ends are told by their own words", "[notices]") {
  CHECK(told(life{told_spec()}.tell(event::cancel{})) == "task.canceled");
  CHECK(told(life{told_spec()}.wait(1h).tick()) == "task.expired");
}

TEST_CASE("only what is wanted is told", "[notices]") {
  life subject{told_spec(1U << static_cast<unsigned>(notice::failed))};
  CHECK(told(subject).empty());
  CHECK(told(subject.deliver()).empty());
  CHECK(told(subject.fail(false)) == "task.failed");
  CHECK(told(life{told_spec(~0U, {})}.tell(event::cancel{})).empty());
}

TEST_CASE("a notice is a delivery of its own, with generous retries and no notices", "[notices]") {
  life subject{told_spec(~0U, {"http://me", "http://you"})};
  subject.deliver().fail(false);
  REQUIRE(subject.last.born.size() == 2);
  const auto& spec = *subject.last.born[1].spec;
  CHECK((spec.target->url == "http://you" && spec.cause == trigger_cause::notice));
  CHECK((spec.retry.retries_max == 24 && spec.retry.backoff == backoff_kind::steep));
  CHECK((spec.notices.urls.empty() && !spec.parent && is_errand(spec)));
  CHECK(subject.last.born[0].id != subject.last.born[1].id);
  CHECK(status_of(subject.last.born[0]) == task_status::queued);
}

TEST_CASE("a notice says of which task, how it is and why", "[notices]") {
  auto spec = told_spec();
  spec.payload = R"({"secret":1})";
  life subject{spec};
  subject.deliver().fail(false);
  CHECK(subject.last.born[0].spec->payload
        == R"({"type":"task.failed","timestamp":"2030-08-01T12:00:00Z","data":{"id":")"
               + to_text(subject.subject().id)
               + R"(","status":"failed","scheduled_for":"2030-08-01T12:00:00Z","attempts":1,)"
                 R"("reason":"error","error":"boom"}})");
}

TEST_CASE("news that change nothing tell nothing", "[notices]") {
  life subject{told_spec()};
  CHECK(told(subject.tick()).empty());
  subject.deliver();
  CHECK(told(subject.tell(event::server_started{1})).empty());
  CHECK(told(subject.tell(event::server_started{2})) == "task.queued");
}

TEST_CASE("deaths of the server fail a call, but no notice and no publication",
          "[notices][crash]") {
  const auto [cause, url, is_kept] = GENERATE(table<trigger_cause, std::string, bool>({
      {trigger_cause::api, "http://me", false},
      {trigger_cause::notice, "http://me", true},
      {trigger_cause::parent, "event:paid", true},
  }));
  auto spec = a_delivery_spec();
  spec.cause = cause;
  spec.target->url = url;
  spec.retry = {24, backoff_kind::steep, 1s, 24h};
  life subject{spec};
  for (std::uint64_t epoch = 2; epoch < 5; ++epoch)
    subject.deliver(epoch - 1).tell(event::server_started{epoch});
  CHECK(subject.status() == (is_kept ? task_status::retrying : task_status::failed));
}
