#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "model/task_lifecycle.hpp"

// Tasks for tests: their parts, and whole lives told in a few words.

namespace carillon::test {

inline constexpr instant noon =
    std::chrono::sys_days{std::chrono::year{2030} / 8 / 1} + std::chrono::hours{12};

/// Ids that sort by `number`.
inline task_id an_id(std::uint64_t number, unsigned shard = 0) {
  task_id id;
  for (std::size_t at = 0; at < 8; ++at)
    id.bytes[at] = static_cast<std::uint8_t>(number >> (56 - 8 * at));
  id.bytes[15] = static_cast<std::uint8_t>(shard);
  return id;
}

/// A pull task for noon, without retries, timeout or end.
inline task_spec a_spec() {
  task_spec spec;
  spec.task_type = "mail";
  spec.created_at = noon - std::chrono::hours{1};
  spec.scheduled_for = noon;
  return spec;
}

inline task_spec a_delivery_spec() {
  auto spec = a_spec();
  spec.target.emplace().url = "http://127.0.0.1/hook";
  return spec;
}

inline task_spec a_command_spec() {
  auto spec = a_spec();
  spec.task_type = "backup";
  spec.command = local_command{{"/bin/sh", "-c", "true"}};
  return spec;
}

inline task a_task(const task_spec& spec, task_state state = scheduled{}) {
  return {an_id(1), std::make_shared<const task_spec>(spec), std::move(state)};
}

inline bool same_parts(const task_parts& one, const task_parts& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const auto& left, const auto& right) {
                      return left.first == right.first && *left.second == *right.second;
                    });
}

/// Whether two tasks are equal in every field, their specs by value.
inline bool same(const task& one, const task& other) {
  return one.id == other.id && *one.spec == *other.spec && one.state == other.state
         && one.triggered_at == other.triggered_at && one.attempts == other.attempts
         && one.components == other.components && one.retries_used == other.retries_used
         && one.crashes == other.crashes && one.leases_lost == other.leases_lost
         && one.result == other.result && one.news_count == other.news_count
         && one.children_made == other.children_made && same_parts(one.parts, other.parts);
}

/// One task that lives through events at its own time.
class life {
public:
  explicit life(const task_spec& spec = a_spec(), instant born = noon)
      : now{born},
        last{lifecycle::create(an_id(1), std::make_shared<const task_spec>(spec), born)} {}

  [[nodiscard]] const task& subject() const { return last.next; }
  [[nodiscard]] task_status status() const { return status_of(subject()); }
  [[nodiscard]] const processing& running() const { return std::get<processing>(subject().state); }
  [[nodiscard]] const ended& end() const { return std::get<ended>(subject().state); }
  [[nodiscard]] std::uint64_t token() const { return running().token; }
  [[nodiscard]] const attempt& last_attempt() const { return subject().attempts.back(); }
  /// How long the task waits until its retry.
  [[nodiscard]] duration wait_left() const {
    return std::get<retrying>(subject().state).due_at - now;
  }
  [[nodiscard]] bool offered() const { return has_effect(effect::offer{}); }
  [[nodiscard]] bool has_effect(const task_effect& wanted) const {
    for (const auto& made : last.effects)
      if (made == wanted)
        return true;
    return false;
  }

  life& wait(duration time) {
    now += time;
    return *this;
  }
  /// What happens must be allowed.
  life& tell(const task_event& what) {
    auto made = lifecycle::apply(subject(), what, now);
    REQUIRE(made.has_value());
    last = *std::move(made);
    return *this;
  }
  /// Whether the task answers with a conflict.
  [[nodiscard]] bool refuses(const task_event& what) const {
    const auto made = lifecycle::apply(subject(), what, now);
    return !made && made.error().kind == problem_kind::conflict;
  }
  life& tick() { return tell(event::tick{}); }
  /// Goes to the next moment the task has asked for.
  life& tick_when_due() {
    const auto moment = facts_of(subject()).next_moment;
    REQUIRE(moment.has_value());
    now = std::max(now, *moment);
    return tick();
  }
  life& lease(duration time = std::chrono::minutes{1}) {
    return tell(event::grant{runner_kind::lease, 7, "worker-1", time});
  }
  life& deliver(std::uint64_t epoch = 1) {
    return tell(event::grant{runner_kind::delivery, 7, "", duration{0}, epoch});
  }
  life& run(std::uint64_t epoch = 1) {
    return tell(event::grant{runner_kind::command, 7, "", duration{0}, epoch});
  }
  /// The command ends by itself.
  life& exit(int code) {
    if (code == 0)
      return tell(event::succeeded{token(), {}, 0, {}, {0}});
    return tell(
        event::failed{token(), attempt_outcome::error, "exit code", true, {}, 0, {}, {code}});
  }
  life& fail(bool retryable = true) {
    return tell(event::failed{token(), attempt_outcome::error, "boom", retryable});
  }
  life& report(std::string component, std::string type) {
    return tell(event::report{{now, std::move(type), std::move(component), ""}});
  }

  instant now;
  lifecycle::decision last;
};

}  // namespace carillon::test
