#pragma once

#include <functional>
#include <string>

#include "http/api.hpp"
#include "http/exchange.hpp"
#include "http/task_waits.hpp"

namespace carillon::http {

// What the handlers of several surfaces do alike: ask, wait, encode.

/// How a surface shows one task.
using show_task = std::string (*)(const task&, const std::vector<task_news>*);

/// The id in the route's first parameter; answers 404 and returns nothing when it is none.
std::optional<task_id> task_id_of(const request& asked, const responder& reply);

/// Over the limits of what may be under way: answers 503 and returns false.
bool admit(const api& with, const responder& reply);

/// Whether people may start it; the operator's file may say no.
bool may_be_run(const schedule& subject);
/// The answer when they may not: 403.
response run_refusal(const request& asked);

void create_one(const api& with, expected<std::shared_ptr<const task_spec>> spec, show_task show,
                std::string location_prefix, preferred wait, responder reply);

/// Applies the event to the task of the route and answers with the task, 200.
void ask_one(const api& with, const request& asked, task_event what, show_task show,
             responder reply, preferred wait = {});

void find_one(const api& with, const request& asked, show_task show, responder reply);

/// POST .../events: 202.
void report_one(const api& with, const request& asked, responder reply);

}  // namespace carillon::http
