#pragma once

#include <memory>

#include "model/schedule.hpp"
#include "tests/support/task_samples.hpp"

// Schedules for tests of the store.

namespace carillon::test {

inline schedule_id a_schedule_id(std::uint64_t number, unsigned shard = 0) {
  auto id = an_id(number, shard);
  id.bytes[6] = static_cast<std::uint8_t>(0x80U | (id.bytes[6] & 0x0FU));
  return id;
}

/// Every field differs from its default.
inline schedule a_full_schedule() {
  using namespace std::chrono_literals;
  schedule_spec spec;
  spec.name = "nightly";
  spec.description = "all that waits for the night";
  spec.created_by = "0189";
  spec.kind = schedule_kind::rrule;
  spec.expr = "FREQ=DAILY;COUNT=9";
  spec.timezone = "Europe/Berlin";
  spec.dst = {dst_gap::skip, dst_repeat::both};
  spec.start_at = noon;
  spec.end_at = noon + 1000h;
  spec.jitter = 5s;
  spec.lead = 5min;
  spec.catch_up = {catch_up_policy::all, 1h, 7};
  spec.overlap = {overlap_policy::terminate, 2, 50};
  spec.dedupe_key = "night";
  spec.dedupe_window = 1min;
  spec.work.task_type = "mail";
  spec.work.target.emplace().url = "http://127.0.0.1/hook";
  spec.work.runs_pipeline = true;
  spec.work.payload = R"({"to":"a@b"})";
  spec.work.tags = {"night"};
  spec.work.components = {"disk"};
  spec.work.priority = 2;
  spec.work.retry = {3, backoff_kind::linear, 2s, 1min};
  spec.work.timeout = 90s;
  spec.work.expires_after = 2h;
  spec.work.limit = {"db", 3, 10, 1min};

  schedule subject;
  subject.id = a_schedule_id(1, 7);
  subject.spec = std::make_shared<const schedule_spec>(std::move(spec));
  subject.status = schedule_status::paused;
  subject.created_at = noon - 1h;
  subject.updated_at = noon - 1min;
  subject.cursor = noon + 1ms;
  subject.answered = {noon + 24h, noon + 48h};
  subject.counted_last = local_seconds{std::chrono::seconds{1911945600}};
  subject.execution_count = 7;
  subject.last_execution_at = noon - 24h;
  subject.paused_at = noon - 2min;
  subject.next_at = noon + 72h;
  subject.wake_at = noon + 71h;
  return subject;
}

/// Whether two schedules are equal in every field, their specs by value.
inline bool same(const schedule& one, const schedule& other) {
  return one.id == other.id && *one.spec == *other.spec && one.status == other.status
         && one.created_at == other.created_at && one.updated_at == other.updated_at
         && one.cursor == other.cursor && one.answered == other.answered
         && one.counted_last == other.counted_last && one.execution_count == other.execution_count
         && one.last_execution_at == other.last_execution_at && one.paused_at == other.paused_at
         && one.next_at == other.next_at && one.wake_at == other.wake_at;
}

}  // namespace carillon::test
