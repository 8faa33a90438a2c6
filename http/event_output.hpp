#pragma once

#include "actors/scheduler.hpp"
#include "http/exchange.hpp"
#include "model/json.hpp"

namespace carillon::http {

/// The answer to a publication: 202, or 200 when it was published before.
response native_published(const published_event& published);

/// One event with its payload and what it led to.
response native_event(const published_event& found);

/// One event in a list.
void write_event(json::writer& out, const storage::event_row& row);

}  // namespace carillon::http
