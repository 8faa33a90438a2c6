#pragma once

#include <functional>
#include <string>

#include "http/api.hpp"
#include "http/exchange.hpp"

namespace carillon::http {

// What the handlers of definitions do alike: look, ask, encode.

/// The schedule, unless it was deleted: this surface does not know those.
void find_definition(const scheduler& core, const schedule_id& id,
                     carillon::answer<schedule_ptr> reply);

/// The definition that the path names. Answers and returns nothing when it names none, or too much
/// is under way.
std::optional<schedule_id> definition_to_change(const api& with, const request& asked,
                                                const responder& reply);

/// Asks something of a schedule and answers as `show` says.
using show_outcome = std::function<response(const schedule_outcome&)>;
void ask_definition(scheduler& core, const schedule_id& id, schedule_request what,
                    show_outcome show, responder reply, schedule_versions only_if = {});

/// The same; answers `message` and where the definition stands then.
void command_definition(const api& with, const schedule_id& id, schedule_request what,
                        std::string message, responder reply);

// -- for the paths that serve one-off tasks and definitions alike

void create_definition(const api& with, const request& asked, responder reply);
void show_definition(const api& with, const schedule_id& id, responder reply);
void cancel_definition(const api& with, const schedule_id& id, responder reply);
/// 409, or 404 when there is no such definition: only one-off tasks have what is asked for.
void refuse_definition(const api& with, const schedule_id& id, responder reply);

}  // namespace carillon::http
