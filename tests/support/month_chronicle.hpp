#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/schedule.hpp"

// What people know of their schedules, kept apart from the server.

namespace carillon::test {

struct definition {
  instant from;
  std::shared_ptr<const schedule_spec> spec;
};

struct pause_span {
  instant from;
  std::optional<instant> to = {};
};

struct downtime {
  instant from;
  instant to;
};

struct diary {
  schedule_id id;
  instant created_at;
  std::vector<definition> definitions;  ///< In the order in which they came into force.
  std::vector<pause_span> pauses = {};
  std::optional<instant> closed_at = {};  ///< Canceled or deleted.
  bool was_snoozed = false;               ///< It was asked for at least.
  std::vector<task_id> runs = {};         ///< Made by an acknowledged request.
  int runs_unanswered = 0;

  [[nodiscard]] bool is_paused() const { return !pauses.empty() && !pauses.back().to; }
};

struct chronicle {
  std::vector<diary> schedules;
  std::vector<downtime> downtimes;
  instant ended_at{};
  std::map<task_id, instant> moved;  ///< Tasks that a snooze moved, and when they are due.
  std::set<task_id> triggered;       ///< Tasks that a person started before their time.
  std::vector<std::string> faults;   ///< Broken promises seen on the way.
};

}  // namespace carillon::test
