#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/explanation.hpp"
#include "model/json.hpp"
#include "model/schedule.hpp"

namespace carillon::http {

/// A schedule as the native surface shows it at `now`, which tells whether it is late.
void write_schedule(json::writer& out, const schedule& subject, instant now);
std::string native_schedule(const schedule& subject, instant now);

/// The native surface's word for a status: paused is "disabled".
std::string_view native_word(schedule_status status);
/// What a word stands for; nothing when it is unknown.
std::vector<schedule_status> native_statuses(std::string_view word);

/// `executions`, in the zone's own time, and `moments`, in both.
void write_moments(json::writer& out, const zone& where, const std::vector<instant>& all);

std::string native_explanation(const schedule_id& id, const explanation& told);

}  // namespace carillon::http
