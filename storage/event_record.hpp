#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/topic_event.hpp"

// Rows of events, under the same rules of change as those of tasks (storage/task_record.hpp).

namespace carillon::storage {

std::string encode_event(const topic_event& subject);
/// The problem is of kind corrupt.
expected<topic_event> decode_event(const task_id& id, std::string_view row);

/// What lists show of an event without its rows.
struct event_facts {
  instant at;
  bool has_name = false;
  bool is_done = false;  ///< Everybody is told.
  std::int64_t triggered = 0;
  std::int64_t listeners = 0;
};
std::string encode_event_facts(const event_facts& facts);
expected<event_facts> decode_event_facts(std::string_view value);

std::string encode_listeners(const std::vector<event_listener>& all);
expected<std::vector<event_listener>> decode_listeners(std::string_view value);

std::string encode_told(const std::vector<listener_told>& all);
expected<std::vector<listener_told>> decode_told(std::string_view row);

/// The value of a claim: the task, and why it does not run.
std::string encode_claim(const task_id& task, std::optional<end_reason> skip);
std::optional<listener_told> decode_claim(const task_id& schedule, std::string_view value);

}  // namespace carillon::storage
