#pragma once

#include <string_view>

// What `carillon NOUN VERB` exits with; docs/cli.md and carillon(1) have the same table.

namespace carillon::cli::exit_code {

inline constexpr int done = 0;
inline constexpr int refused = 1;      ///< The server refused, or failed; a check found something.
inline constexpr int usage = 2;        ///< The command line, or what was sent (400, 422), is wrong.
inline constexpr int not_found = 3;    ///< No such thing (404).
inline constexpr int unreachable = 4;  ///< No server answers, or it takes no work now (503).
inline constexpr int no_access = 5;    ///< No token, a wrong one, or one without the scope.
inline constexpr int timed_out = 6;    ///< The wait was over before the end.
// What a task that was waited for became; completed is 0.
inline constexpr int task_failed = 10;
inline constexpr int task_canceled = 11;
inline constexpr int task_expired = 12;
inline constexpr int task_skipped = 13;
inline constexpr int interrupted = 130;

struct meaning {
  int code;
  std::string_view text;
};
inline constexpr meaning all[] = {
    {done, "It is done."},
    {refused, "The server refused or failed; or there was something to be told."},
    {usage, "The command line, or what was sent, is wrong."},
    {not_found, "There is no such thing."},
    {unreachable, "No server answers, or it takes no work now."},
    {no_access, "There is no token, it is wrong, or its scopes do not allow this."},
    {timed_out, "The wait was over before the end."},
    {task_failed, "The task that was waited for has failed; of a batch, one of its tasks."},
    {task_canceled, "It was canceled."},
    {task_expired, "It has expired."},
    {task_skipped, "It was skipped."},
    {interrupted, "It was interrupted by a signal."},
};

}  // namespace carillon::cli::exit_code
