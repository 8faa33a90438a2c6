#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr auto queue = name_in_path("QUEUE", "queue", "The queue.");
constexpr auto host = name_in_path("HOST", "host", "Such as example.com:443.");
constexpr parameter only_queue[] = {queue};
constexpr parameter only_host[] = {host};

constexpr parameter to_set[] = {
    queue,
    number("--concurrency", "concurrency", "So many of its tasks at once."),
    number("--rate-limit", "rate.limit", "So many starts in each --rate-period."),
    text("--rate-period", "rate.period", "DURATION", "Such as 1s or 1m."),
    {"--clear", "", place::body, form::list, "FIELD", "concurrency or rate: no limit any more."}};

constexpr parameter to_lease[] = {
    queue, number("--max", "max", "So many tasks at most (1)."),
    text("--wait", "wait", "DURATION", "How long to wait for the first one."),
    text("--lease", "lease", "DURATION", "How long they are leased."),
    text("--worker", "worker", "NAME", "Whose attempt it is.")};

constexpr parameter task = {"TASK", "task_id", place::body, form::text, "TASK", "Its id.", true};
constexpr parameter lease_token = {"LEASE",    "token", place::body,
                                   form::text, "LEASE", "The token that the lease came with.",
                                   true};
constexpr parameter to_complete[] = {task, lease_token,
                                     json_value("--result", "result", "What came out.")};
constexpr parameter to_fail[] = {
    task,
    lease_token,
    text("--error", "error", "TEXT", "Why."),
    {"--retryable", "retryable", place::body, form::boolean, "true|false", "False: for good."},
    text("--retry-after", "retry_after", "DURATION", "Wait before the next try.")};
constexpr parameter to_beat[] = {task, lease_token,
                                 text("--lease", "lease", "DURATION", "How long from now on."),
                                 number("--progress", "progress", "0 to 100."),
                                 text("--message", "message", "TEXT", "What a person is to read.")};
constexpr parameter to_release[] = {task, lease_token};

constexpr parameter of_workers[] = {query("--queue", "task_type", "QUEUE", "Of this queue."),
                                    list_limit, list_offset, list_cursor};
constexpr parameter of_hosts[] = {
    query("--state", "state", "closed|open|half_open|resting", "In this state."), list_limit,
    list_cursor};

constexpr column queue_columns[] = {
    {"QUEUE", "queue"},           {"PAUSED", "paused"},           {"WAITING", "waiting"},
    {"PROCESSING", "processing"}, {"CONCURRENCY", "concurrency"}, {"RATE", "rate"}};
constexpr column lease_columns[] = {{"TASK", "id"},
                                    {"QUEUE", "task_type"},
                                    {"WORKER", "attempts[-1].worker"},
                                    {"ATTEMPT", "attempts[-1].number"},
                                    {"STARTED", "attempts[-1].started_at"},
                                    {"LEASED UNTIL", "lease_expires_at"}};
constexpr column leased_columns[] = {{"TASK", "task_id"},
                                     {"LEASE", "token"},
                                     {"ATTEMPT", "attempt"},
                                     {"UNTIL", "lease_expires_at"},
                                     {"PAYLOAD", "payload"}};
constexpr column result_columns[] = {{"TASK", "task_id"},
                                     {"RESULT", "status"},
                                     {"STATUS", "task_status"},
                                     {"UNTIL", "lease_expires_at"},
                                     {"DETAIL", "detail"}};
constexpr column host_columns[] = {{"HOST", "host"},
                                   {"STATE", "state"},
                                   {"IN FLIGHT", "in_flight"},
                                   {"WAITING", "has_waiting_tasks"},
                                   {"FAILURES", "consecutive_failures"},
                                   {"OPEN UNTIL", "open_until"},
                                   {"LAST FAILURE", "last_failure"}};
constexpr view shows_queues = {"queues", queue_columns, "queue"};
constexpr view shows_queue = {{}, {}, "queue"};
constexpr view shows_workers = {"tasks", lease_columns, "id", "lease_expires_at"};
constexpr view shows_leases = {"tasks", leased_columns, "task_id"};
constexpr view shows_results = {"results", result_columns, "task_id"};
constexpr view shows_hosts = {"hosts", host_columns, "host"};
constexpr view shows_host = {{}, {}, "host"};

// clang-format off
constexpr verb rows[] = {
  {"queues", "list",   "GET",   "/v1/queues",                "List the queues of workers.", only_list, shows_queues},
  {"queues", "get",    "GET",   "/v1/queues/{queue}",        "Show a queue.", only_queue, shows_queue},
  {"queues", "set",    "PATCH", "/v1/queues/{queue}",        "Set the limits of a queue.", to_set, shows_queue},
  {"queues", "pause",  "POST",  "/v1/queues/{queue}/pause",  "Let nothing be leased from it.", only_queue, shows_queue},
  {"queues", "resume", "POST",  "/v1/queues/{queue}/resume", "Let it be leased from again.", only_queue, shows_queue},
  {"workers", "list",      "GET",  "/v1/tasks?status=processing", "List the leases that workers hold.", of_workers, shows_workers},
  {"workers", "lease",     "POST", "/v1/queues/{queue}/lease",    "Lease tasks, as a worker.", to_lease, shows_leases},
  {"workers", "complete",  "POST", "/v1/leases/complete",         "Say that the work is done.", to_complete, shows_results},
  {"workers", "fail",      "POST", "/v1/leases/fail",             "Say that it has failed.", to_fail, shows_results},
  {"workers", "heartbeat", "POST", "/v1/leases/heartbeat",        "Say that it goes on.", to_beat, shows_results},
  {"workers", "release",   "POST", "/v1/leases/release",          "Give it back at no cost.", to_release, shows_results},
  {"hosts", "list",  "GET",  "/v1/hosts",              "List the hosts that tasks are delivered to.", of_hosts, shows_hosts},
  {"hosts", "get",   "GET",  "/v1/hosts/{host}",       "Show a host.", only_host, shows_host},
  {"hosts", "reset", "POST", "/v1/hosts/{host}/reset", "Close its breaker at once.", only_host, shows_host},
};
// clang-format on

}  // namespace

std::span<const verb> worker_verbs() {
  return rows;
}

}  // namespace carillon::cli
