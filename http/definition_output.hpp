#pragma once

#include <string>
#include <string_view>

#include "model/json.hpp"
#include "model/schedule.hpp"

namespace carillon::http {

/// A schedule in 001's form.
void write_definition(json::writer& out, const schedule& subject);
std::string definition(const schedule& subject);

/// What the answer to a command tells of it: task_id, status, next_run_at.
void write_standing(json::writer& out, const schedule& subject);

/// 001's word for a status.
std::string_view definition_word(schedule_status status);

/// 001's answer to a command: success, message and details, whose members `write` adds.
template <class WriteDetails>
std::string envelope(bool success, std::string_view message, WriteDetails write) {
  json::writer out;
  out.begin_object().field("success", success).field("message", message);
  out.key("details").begin_object();
  write(out);
  out.end_object().end_object();
  return out.take();
}

}  // namespace carillon::http
