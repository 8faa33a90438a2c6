#include "config/definition_table.hpp"

#include "model/duration.hpp"

#include <algorithm>

namespace carillon {

namespace {

using namespace std::chrono_literals;
using enum definition_section;

/// at<&draft::spec, &schedule_spec::timezone>: the value at the end of the path.
template <auto... Path>
auto& at(definition_draft& all) {
  return (all.*....*Path);
}

constexpr setting_bounds from(std::int64_t min, std::int64_t max) {
  return {min, max};
}
constexpr setting_bounds from(duration min, duration max) {
  return {min.count(), max.count()};
}

using draft = definition_draft;
using spec = schedule_spec;

constexpr std::int64_t argument_bytes_max = 128 * kib - 1;  // MAX_ARG_STRLEN of execve(2)
constexpr std::int64_t count_max = 1'000'000;
constexpr std::int64_t path_bytes_max = 4096;

constexpr std::string_view no_clock =
    "is not for services, which are always on; what runs by the clock is a task, in [tasks.NAME]";
constexpr std::string_view no_overlap =
    "is not for services, whose runs never overlap; instances is how many are on at once";
constexpr std::string_view no_catch_up =
    "is not for services, which are always on: they miss nothing";
constexpr std::string_view no_retry =
    "is not for services, which are started again by restart; use restart_delay, restart_backoff";
constexpr std::string_view no_timeout =
    "is not for services, which are always on: no run is too long";
constexpr std::string_view no_instances =
    "is not for tasks; parallelism is how many runs of a task may be open at once";

// clang-format off
const definition_row rows[] = {
  {"run", both, drafted_text{at<&draft::run>}, from(1, argument_bytes_max),
   "Line for /bin/sh -c. Each definition has either this or args."},
  {"args", both, at<&draft::command, &local_command::args>, from(1, 1024),
   "Program and arguments, started without a shell."},
  {"description", both, drafted_text{at<&draft::spec, &spec::description>, text_shape::prose},
   from(0, 2000),
   "What it is for, shown to people."},
  {"group", both, drafted_text{at<&draft::file, &file_facts::group>, text_shape::prose},
   from(0, 100),
   "Name under which it is listed with others."},
  {"api_trigger", both, at<&draft::file, &file_facts::api_trigger>, {},
   "Whether people may start it over HTTP."},

  {"cron", tasks, drafted_text{at<&draft::spec, &spec::expr>}, from(1, 8192),
   "When it runs; without it only people start it.", no_clock},
  {"timezone", tasks, drafted_text{at<&draft::spec, &spec::timezone>, text_shape::zone},
   from(1, 255),
   "Zone of cron; by default the one of [scheduler].", no_clock},
  {"on_overlap", tasks, at<&draft::spec, &spec::overlap, &overlap_rules::policy>, {},
   "What becomes of a start while parallelism runs are open: it waits, is left out, or ends the"
   " oldest of them.", no_overlap},
  {"parallelism", tasks, at<&draft::spec, &spec::overlap, &overlap_rules::parallelism>,
   from(1, parallelism_max),
   "Runs that may be open at once.", no_overlap},
  {"queue_max", tasks, at<&draft::spec, &spec::overlap, &overlap_rules::queue_limit>,
   from(1, queue_limit_max),
   "Starts that may wait; further ones are left out.", no_overlap},
  {"catch_up", tasks, at<&draft::spec, &spec::catch_up, &catch_up_rules::policy>, {},
   "Which starts are made up for that fell into a time when the server was off.", no_catch_up},
  {"max_catch_up_runs", tasks, at<&draft::spec, &spec::catch_up, &catch_up_rules::limit>,
   from(1, catch_up_limit_max),
   "With catch_up = \"all\", the newest so many.", no_catch_up},
  {"retry_attempts", tasks, at<&draft::retry, &retry_policy::retries_max>, from(0, 100),
   "How often a failed run is tried again.", no_retry},
  {"retry_delay", tasks, at<&draft::retry, &retry_policy::delay>, from(0s, retry_wait_max),
   "Wait before the first retry; no wait is longer than 5 minutes.", no_retry},
  {"retry_backoff", tasks, at<&draft::retry, &retry_policy::backoff>, {},
   "How the wait grows from retry to retry.", no_retry},
  {"timeout", tasks, at<&draft::spec, &spec::work, &task_template::timeout>,
   from(1ms, duration_max),
   "How long an attempt may take before it is ended.", no_timeout},

  {"restart", tasks, at<&draft::file, &file_facts::restart>, {},
   "With on_failure a run that fails is started again until one succeeds, instead of retries."},
  {"restart", services, at<&draft::spec, &spec::service, &service_rules::restart>, {},
   "When an instance that has ended is started again."},
  {"instances", services, at<&draft::spec, &spec::service, &service_rules::instances>,
   from(1, instances_max),
   "Copies that are on at once.", no_instances},
  {"restart_delay", both, at<&draft::restart, &retry_policy::delay>, from(0s, retry_wait_max),
   "Wait before it is started again; no wait is longer than a minute. Of a task only with restart ="
   " \"on_failure\"."},
  {"restart_backoff", both, at<&draft::restart, &retry_policy::backoff>, {},
   "How that wait grows until a run has lasted a minute. Of a task only with restart ="
   " \"on_failure\"."},

  {"graceful_stop", both, at<&draft::command, &local_command::grace>, from(0s, 1h),
   "From SIGTERM to SIGKILL when it is ended."},
  {"working_dir", both, drafted_text{at<&draft::command, &local_command::directory>},
   from(1, path_bytes_max),
   "Folder it runs in; a relative one begins at the folder of this file. By default the server's."},
  {"user", both, drafted_text{at<&draft::command, &local_command::user>, text_shape::account},
   from(1, 256),
   "Account it runs as, if need be with a group; by default the server's."},
  {"env", both, at<&draft::command, &local_command::environment>, {},
   "Table of variables for it, beside the server's own."},
  {"max_processes", both, at<&draft::command, &local_command::processes_max>, from(1, count_max),
   "Processes its account may have while it starts further ones."},
  {"log_max_size", both, at<&draft::command, &local_command::log, &log_rules::bytes_max>,
   from(1, 1024 * static_cast<std::int64_t>(gib)),
   "Size of the log of one attempt."},
  {"log_on_full", both, at<&draft::command, &local_command::log, &log_rules::on_full>, {},
   "What becomes of output when the log is full: the new or the old is dropped, or the run is"
   " ended."},
  {"keep_runs", both, at<&draft::spec, &spec::keep, &retention_rules::runs>, from(1, count_max),
   "Ended runs that are kept, the newest."},
  {"keep_for", both, at<&draft::spec, &spec::keep, &retention_rules::age>, from(1ms, duration_max),
   "How long ended runs are kept; one goes if this or keep_runs says so."},

  {"timezone", scheduler, drafted_text{at<&draft::spec, &spec::timezone>, text_shape::zone},
   from(1, 255),
   "Zone of the tasks that name none."},
};
// clang-format on

bool may_stand_in(const definition_row& row, definition_section of) {
  return row.of == of || (row.of == both && of != scheduler);
}

}  // namespace

std::span<const definition_row> definition_table() {
  return rows;
}

const definition_row* find_definition_key(std::string_view key, definition_section of) {
  const auto* const found = std::ranges::find_if(
      rows, [&](const auto& row) { return row.key == key && may_stand_in(row, of); });
  return found == std::end(rows) ? nullptr : found;
}

std::string_view why_elsewhere(std::string_view key, definition_section of) {
  const auto other = of == tasks ? services : tasks;
  const auto* const row = find_definition_key(key, other);
  return of == scheduler || row == nullptr ? std::string_view{} : row->elsewhere;
}

std::string_view to_string(definition_section of) {
  switch (of) {
    case tasks:
      return "tasks";
    case services:
      return "services";
    case both:
      return "tasks, services";
    case scheduler:
      return "scheduler";
  }
  return {};
}

}  // namespace carillon
