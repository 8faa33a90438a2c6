#pragma once

#include <functional>

#include "http/api.hpp"
#include "http/exchange.hpp"

namespace carillon::http {

// What the native surface asks of one schedule.

/// The schedule's id in the route's first parameter; answers 404 and returns nothing when it is
/// none.
std::optional<schedule_id> schedule_id_of(const request& asked, const responder& reply);

/// Calls `then` with the schedule; answers for itself when there is none.
void find_schedule(const api& with, const schedule_id& id, const responder& reply,
                   std::function<void(const schedule_ptr&)> then);

using show_outcome = std::function<response(const schedule_outcome&)>;

/// Asks it of the schedule and answers as `show` says.
void ask_schedule(const api& with, const schedule_id& id, schedule_request what, show_outcome show,
                  responder reply);
/// The same of the schedule of the route.
void ask_schedule(const api& with, const request& asked, schedule_request what, show_outcome show,
                  responder reply);
response show_schedule(const schedule_outcome& outcome);

void pause_schedule(const api& with, const request& asked, responder reply);
void resume_schedule(const api& with, const request& asked, responder reply);
void cancel_schedule(const api& with, const request& asked, responder reply);
void snooze_schedule(const api& with, const request& asked, responder reply);
void run_schedule(const api& with, const request& asked, responder reply);
void backfill_schedule(const api& with, const request& asked, responder reply);

}  // namespace carillon::http
