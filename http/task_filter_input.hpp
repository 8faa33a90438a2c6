#pragma once

#include "actors/scheduler.hpp"
#include "http/body_reader.hpp"
#include "http/query.hpp"
#include "model/json.hpp"

namespace carillon::http {

// Which tasks are meant: by a list's query, or by the same names in a body.

storage::task_filter read_task_filter(query_reader& query);

/// `status` is a word, several with commas, or a list of words.
storage::task_filter read_task_filter(body_reader& in);

/// Nothing is asked of the tasks.
bool is_empty(const storage::task_filter& filter);

void write_task_filter(json::writer& out, const storage::task_filter& filter);

}  // namespace carillon::http
