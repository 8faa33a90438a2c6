#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "http/api.hpp"
#include "http/exchange.hpp"
#include "http/runner_output.hpp"

namespace carillon::http {

// Runs on the runner surface: their lists, and what is asked of one.

/// Passes a result on to `then`, and a problem to the client.
template <class T, class Then>
carillon::answer<T> or_problem(responder reply, Then then) {
  return carillon::answer<T>{
      [reply = std::move(reply), then = std::move(then)](expected<T> found) mutable {
        if (!found)
          return reply(std::move(found).error());
        then(*std::move(found));
      }};
}

/// Finds the run that the path names: {id}, or {name} and {id}.
void find_run(const api& with, const request& asked,
              std::function<void(expected<runner_run>)> then);

/// GET of all runs, or of those of the task {name}.
void list_runs(const api& with, const request& asked, responder reply);
void get_run(const api& with, const request& asked, responder reply);
void delete_run(const api& with, const request& asked, responder reply);
void stop_run(const api& with, const request& asked, responder reply);
void summarize_runs(const api& with, const request& asked, responder reply);

// -- their output (runner_logs.cpp)
void get_log(const api& with, const request& asked, responder reply);
/// Of a task as the native surface names it; the newest attempt, or the one of `attempt`.
void get_task_log(const api& with, const request& asked, responder reply);
void stream_raw_log(const api& with, request asked, std::shared_ptr<stream> line);
void stream_log(const api& with, request asked, std::shared_ptr<stream> line);

/// Every change of every run (runner_stream.cpp).
void stream_runs(const api& with, request asked, std::shared_ptr<stream> line);

}  // namespace carillon::http
