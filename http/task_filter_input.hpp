#pragma once

#include "actors/scheduler.hpp"
#include "http/body_reader.hpp"
#include "http/query.hpp"
#include "model/json.hpp"

namespace carillon::http {

// Which tasks or schedules are meant: by a list's query, or by the same names in a body.

storage::task_filter read_task_filter(query_reader& query);
/// All but `status` and `schedule_id`.
storage::task_filter read_filter_beside_status(query_reader& query);

/// What a query has one or several of is a value or a list of values.
storage::task_filter read_task_filter(body_reader& in);

/// All but the status.
storage::schedule_filter read_schedule_filter(query_reader& query);
/// The same, when what tasks are asked for, too, was read already.
storage::schedule_filter read_schedule_filter(query_reader& query,
                                              const storage::task_filter& shared);

/// Nothing is asked of the tasks.
bool is_empty(const storage::task_filter& filter);

void write_task_filter(json::writer& out, const storage::task_filter& filter);

}  // namespace carillon::http
