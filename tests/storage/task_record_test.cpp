#include "storage/task_record.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string{text.substr(at, 2)}, nullptr, 16)));
  return bytes;
}

/// Every field of the spec differs from its default.
task_spec full_spec() {
  task_spec spec;
  spec.task_type = "mail";
  http_target target;
  target.url = "https://example.com/hook";
  target.method = "PUT";
  target.headers = {{"x-one", "1"}, {"x-empty", ""}};
  spec.target = target;
  spec.payload = R"({"to":"a@b"})";
  spec.created_at = noon - 1h;
  spec.scheduled_for = noon;
  spec.expires_at = noon + 1h;
  spec.unique_id = "invoice 7";
  spec.tags = {"night", ""};
  spec.components = {"disk", "cpu"};
  spec.priority = 2;
  spec.retry = {24, backoff_kind::steep, 5s, 1h};
  spec.timeout = 90s;
  spec.cause = trigger_cause::backfill;
  return spec;
}

/// Every field differs from its default, in this state.
task full_task(task_state state) {
  auto subject = a_task(full_spec(), std::move(state));
  subject.triggered_at = noon + 1s;
  subject.attempts = {
      {1, noon + 2s, noon + 3s, attempt_outcome::error, "boom", "worker-1", 503, "later"},
      {2, noon + 4s}};
  subject.components = {{"disk", component_status::failed, noon, noon + 1s, 99.5}, {"cpu"}};
  subject.retries_used = 1;
  subject.crashes = 2;
  subject.leases_lost = 3;
  subject.result = R"({"sum":3})";
  subject.news_count = 4;
  return subject;
}

std::vector<task_state> all_states() {
  return {scheduled{},
          queued{noon + 5s},
          processing{runner_kind::delivery, ~0ULL, {}, 7},
          processing{runner_kind::lease, 3ULL << 32, noon + 1min},
          processing{runner_kind::components, 1},
          processing{runner_kind::callback, 5ULL << 32},
          retrying{noon + 30s},
          ended{task_status::completed, end_reason::success, noon},
          ended{task_status::failed, end_reason::lease_lost, noon},
          ended{task_status::canceled, end_reason::replaced, noon},
          ended{task_status::expired, end_reason::expired, noon},
          ended{task_status::skipped, end_reason::paused, noon - 1h}};
}

/// Words are looked up by these numbers, and an attempt under way is the last one.
void use(const task& subject) {
  const auto below = [](auto value, std::size_t count) {
    return static_cast<std::size_t>(value) < count;
  };
  REQUIRE(below(subject.spec->cause, 8));
  REQUIRE(below(subject.spec->retry.backoff, 5));
  for (const auto& tried : subject.attempts)
    REQUIRE(below(tried.outcome, 10));
  for (const auto& part : subject.components)
    REQUIRE(below(part.status, 5));
  if (const auto* end = std::get_if<ended>(&subject.state))
    REQUIRE(below(end->reason, 19));
  if (const auto* running = std::get_if<processing>(&subject.state)) {
    REQUIRE(below(running->runner, 6));
    REQUIRE_FALSE(subject.attempts.empty());
  }
  REQUIRE_FALSE(milestones_of(subject).empty());
}

// Stores hold these bytes: they must decode for ever. Never make them anew.
constexpr std::string_view task_row_v1 =
    "0103046d61696c050c7b22746f223a22614062227d06808eb18ea46f0880c8e891a46f0a8082a095a46f0d09"
    "696e766f69636520370f056e696768740f0011046469736b110363707512041430160818904e1a80bab7031c"
    "a0fe0a1e08211868747470733a2f2f6578616d706c652e636f6d2f686f6f6b2303505554250b010305782d6f"
    "6e65050131250c010307782d656d7074790500278f01010202049096e991a46f10d0d7e891a46f132d010202"
    "04a0e7e891a46f06f0f6e891a46f08040b04626f6f6d0d08776f726b65722d310eee0711056c61746572130c"
    "01020404c086e991a46f080015220103046469736b04060680c8e891a46f08d0d7e891a46f0a808080808080"
    "f0d8800115080103036370750400160218041a061d097b2273756d223a337d1e08";

constexpr std::string_view state_row_v1 =
    "0102040602088e808080600ac0f1ef91a46f0c0010d0d7e891a46f132d01020204a0e7e891a46f06f0f6e891"
    "a46f08040b04626f6f6d0d08776f726b65722d310eee0711056c61746572130c01020404c086e991a46f0800"
    "15220103046469736b04060680c8e891a46f08d0d7e891a46f0a808080808080f0d880011508010303637075"
    "0400160218041a061d097b2273756d223a337d1e08";

constexpr std::string_view news_row_v1 =
    "010280c8e891a46f050870726f677265737307046469736b090868616c66207761790a808080808080a0c980"
    "01";

const task_news full_news{noon, "progress", "disk", "half way", 50.5};

}  // namespace

TEST_CASE("a new task comes back with every field", "[task_record]") {
  for (const auto& state : all_states()) {
    const auto subject = full_task(state);
    const auto back = decode_task(subject.id, encode_task(subject), {});
    REQUIRE(back.has_value());
    CHECK(same(*back, subject));
  }
}

TEST_CASE("a state row replaces the first state and nothing else", "[task_record]") {
  const auto first = encode_task(a_task(full_spec()));
  for (const auto& state : all_states()) {
    const auto subject = full_task(state);
    const auto back = decode_task(subject.id, first, encode_state(subject));
    REQUIRE(back.has_value());
    CHECK(same(*back, subject));
  }
}

TEST_CASE("how a task is signed, traced and answered comes back", "[task_record]") {
  auto spec = full_spec();
  spec.target->secret = "billing";
  spec.target->signature = signature_form::timestamped;
  spec.has_default_timeout = true;
  spec.trace = {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=1,b=2"};
  auto subject = a_task(spec, processing{runner_kind::callback, 5ULL << 32});
  subject.attempts = {{1, noon}};
  subject.attempts.back().answer_cut = true;
  const auto back = decode_task(subject.id, encode_task(subject), {});
  REQUIRE(back.has_value());
  CHECK(same(*back, subject));
}

TEST_CASE("what is empty or has its default comes back so", "[task_record]") {
  task_spec spec;
  spec.payload = "";
  spec.created_at = instant{} - 1h;
  spec.scheduled_for = instant_min;
  const auto bare = a_task(spec);
  CHECK(same(*decode_task(bare.id, encode_task(bare), {}), bare));
}

TEST_CASE("payloads and texts hold any bytes", "[task_record]") {
  auto spec = a_spec();
  spec.payload.assign(70'000, '\0');
  spec.payload.push_back('\xFF');
  spec.tags = {std::string{"\0\x01", 2}};
  const auto subject = a_task(spec);
  CHECK(same(*decode_task(subject.id, encode_task(subject), {}), subject));
}

TEST_CASE("news come back with every field", "[task_record]") {
  CHECK(*decode_news(encode_news(full_news)) == full_news);
  const task_news bare{instant{} - 1ms, "", "", ""};
  CHECK(*decode_news(encode_news(bare)) == bare);
}

// -- versions -----------------------------------------------------------------

TEST_CASE("stored bytes of version 1 decode for ever", "[task_record]") {
  const auto expected_first = full_task(queued{noon + 5s});
  const auto first = decode_task(an_id(1), from_hex(task_row_v1), {});
  REQUIRE(first.has_value());
  CHECK(same(*first, expected_first));

  const auto expected_later =
      full_task(processing{runner_kind::lease, 3ULL << 32 | 7, noon + 1min});
  const auto later = decode_task(an_id(1), from_hex(task_row_v1), from_hex(state_row_v1));
  REQUIRE(later.has_value());
  CHECK(same(*later, expected_later));

  CHECK(*decode_news(from_hex(news_row_v1)) == full_news);
}

TEST_CASE("a newer version is refused", "[task_record]") {
  const auto newer = [](std::string row) {
    row.front() = static_cast<char>(record_version + 1);
    return row;
  };
  const auto subject = full_task(queued{noon});
  const auto row = encode_task(subject);
  CHECK(decode_task(subject.id, newer(row), {}).error().kind == problem_kind::corrupt);
  CHECK(decode_task(subject.id, row, newer(encode_state(subject))).error().kind
        == problem_kind::corrupt);
  CHECK_FALSE(decode_news(newer(encode_news(full_news))).has_value());
}

TEST_CASE("fields that a later program added are passed over", "[task_record]") {
  const std::string unknown{
      "\xFE\x7F\x02\xFF\x7F\x03"
      "abc",
      9};  // a number, and bytes
  const auto subject = full_task(queued{noon});
  const auto back =
      decode_task(subject.id, encode_task(subject) + unknown, encode_state(subject) + unknown);
  REQUIRE(back.has_value());
  CHECK(same(*back, subject));
  CHECK(*decode_news(encode_news(full_news) + unknown) == full_news);
}

// -- damage -------------------------------------------------------------------

TEST_CASE("a missing row is corrupt", "[task_record]") {
  CHECK(decode_task(an_id(1), "", {}).error().kind == problem_kind::corrupt);
  CHECK(decode_task(an_id(1), encode_task(a_task(a_spec())), "").error().kind
        == problem_kind::corrupt);
  CHECK(decode_news("").error().kind == problem_kind::corrupt);
}

TEST_CASE("rows that are cut never crash and make no impossible task", "[task_record]") {
  const auto subject = full_task(processing{runner_kind::lease, 3ULL << 32, noon + 1min});
  const auto row = encode_task(subject);
  const auto state = encode_state(subject);
  const auto news = encode_news(full_news);
  for (std::size_t size = 0; size < row.size(); ++size)
    if (const auto back = decode_task(subject.id, row.substr(0, size), {}))
      use(*back);
  for (std::size_t size = 0; size < state.size(); ++size)
    if (const auto back = decode_task(subject.id, row, state.substr(0, size)))
      use(*back);
  for (std::size_t size = 0; size < news.size(); ++size)
    (void)decode_news(news.substr(0, size)).has_value();
}

TEST_CASE("rows with any damage never crash and make no impossible task", "[task_record][random]") {
  std::mt19937_64 random{4711};
  const auto states = all_states();
  const auto damage = [&random](std::string row) {
    for (auto count = 1 + random() % 4; count > 0 && !row.empty(); --count) {
      const auto at = random() % row.size();
      if (random() % 4 == 0)
        row.erase(at, 1 + random() % 4);
      else if (random() % 4 == 0)
        row.insert(at, 1, static_cast<char>(random()));
      else
        row[at] = static_cast<char>(random());
    }
    return row;
  };
  for (int round = 0; round < 10'000; ++round) {
    const auto subject = full_task(states[random() % states.size()]);
    const auto row = encode_task(subject);
    const auto state = encode_state(subject);
    CAPTURE(round);
    if (const auto back = decode_task(subject.id, damage(row), {}))
      use(*back);
    if (const auto back = decode_task(subject.id, row, damage(state)))
      use(*back);
    (void)decode_news(damage(encode_news(full_news))).has_value();
  }
}
