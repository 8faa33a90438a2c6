#include "http/problem_response.hpp"
#include "http/tables.hpp"

#include <algorithm>

// The JSON Schemas (2020-12) of the runner surface's objects: what "$schema" in an answer leads to.

namespace carillon::http {
namespace {

struct schema {
  std::string_view name;
  std::string_view text;
};

// clang-format off
constexpr schema schemas[] = {
{"ErrorModel.json", R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "ErrorModel",
  "description": "A problem document of RFC 9457",
  "type": "object",
  "properties": {
    "$schema": {"type": "string", "format": "uri-reference"},
    "type": {"type": "string", "format": "uri-reference"},
    "title": {"type": "string"},
    "status": {"type": "integer", "minimum": 400, "maximum": 599},
    "detail": {"type": "string"},
    "instance": {"type": "string", "format": "uri-reference"},
    "request_id": {"type": "string"},
    "errors": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "location": {"type": "string"},
          "message": {"type": "string"},
          "value": {"type": "string"}
        },
        "required": ["location", "message", "value"],
        "additionalProperties": false
      }
    }
  },
  "required": ["type", "title", "status", "detail", "instance", "request_id"],
  "additionalProperties": false
})"},
{"Run.json", R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Run",
  "type": "object",
  "properties": {
    "$schema": {"type": "string", "format": "uri-reference"},
    "created_at": {"type": "string", "format": "date-time"},
    "end_at": {"type": "string", "format": "date-time"},
    "end_reason": {
      "enum": ["success", "failed", "stopped", "timeout", "crashed", "skipped", "log_overflow",
               "start_failed", "queue_full", "dst_skipped", "missed", "daemon_stopped"]
    },
    "exit_code": {
      "description": "-1: there is none; -2: the server ended during the run",
      "type": "integer"
    },
    "id": {"type": "string", "format": "uuid"},
    "instance_index": {"type": "integer", "minimum": 0},
    "retry_attempt": {"type": "integer", "minimum": 0},
    "retry_of_run_id": {"type": "string", "format": "uuid"},
    "start_at": {"type": "string", "format": "date-time"},
    "status": {"enum": ["pending", "running", "ended"]},
    "task_name": {"type": "string"},
    "triggered_by": {"enum": ["cron", "api", "service", "startup"]}
  },
  "required": ["created_at", "exit_code", "id", "instance_index", "retry_attempt", "status",
               "task_name", "triggered_by"],
  "additionalProperties": false
})"},
{"RunsResponseBody.json", R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "RunsResponseBody",
  "type": "object",
  "properties": {
    "$schema": {"type": "string", "format": "uri-reference"},
    "runs": {"type": "array", "items": {"$ref": "Run.json"}},
    "total": {"type": "integer", "minimum": 0}
  },
  "required": ["runs", "total"],
  "additionalProperties": false
})"},
{"TaskResponse.json", R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "TaskResponse",
  "description": "A definition of the operator's file. Durations are nanoseconds, sizes bytes.",
  "type": "object",
  "properties": {
    "$schema": {"type": "string", "format": "uri-reference"},
    "api_trigger": {"type": "boolean"},
    "catch_up": {"enum": ["latest", "all", "skip"]},
    "cron": {"type": "string"},
    "description": {"type": "string"},
    "group": {"type": "string"},
    "instances": {"type": "integer", "minimum": 1, "maximum": 64},
    "keep_for": {"type": "integer", "format": "int64", "minimum": 1},
    "keep_runs": {"type": "integer", "minimum": 1},
    "kind": {"enum": ["task", "service"]},
    "log_max_size": {"type": "integer", "format": "int64", "minimum": 1},
    "log_on_full": {"enum": ["drop_new", "drop_old", "kill_task"]},
    "name": {"type": "string"},
    "next_run_at": {"type": "string", "format": "date-time"},
    "on_overlap": {"enum": ["queue", "skip", "terminate"]},
    "parallelism": {"type": "integer", "minimum": 1},
    "restart": {"enum": ["never", "on_failure", "always"]},
    "restart_backoff": {"enum": ["constant", "linear", "exponential"]},
    "restart_delay": {"type": "integer", "format": "int64", "minimum": 0},
    "retry_attempts": {"type": "integer", "minimum": 0},
    "retry_backoff": {"enum": ["constant", "linear", "exponential"]},
    "retry_delay": {"type": "integer", "format": "int64", "minimum": 0},
    "timeout": {"type": "integer", "format": "int64", "minimum": 1},
    "timezone": {"type": "string"}
  },
  "required": ["api_trigger", "name"],
  "additionalProperties": false
})"},
{"LogPageBody.json", R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "LogPageBody",
  "type": "object",
  "properties": {
    "$schema": {"type": "string", "format": "uri-reference"},
    "lines": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "n": {"description": "Its number, from 0", "type": "integer", "minimum": 0},
          "ts": {"description": "Milliseconds since 1970", "type": "integer"},
          "stream": {"enum": ["stdout", "stderr", "system"]},
          "text": {"type": "string"},
          "continued": {
            "description": "It goes on with the line before it, which was too long for one",
            "const": true
          }
        },
        "required": ["n", "ts", "stream", "text"],
        "additionalProperties": false
      }
    },
    "first_available": {"type": "integer", "minimum": 0},
    "total_lines": {"type": "integer", "minimum": 0},
    "truncated": {"type": "boolean"},
    "finalized": {"description": "The run has ended", "type": "boolean"}
  },
  "required": ["lines", "first_available", "total_lines", "truncated", "finalized"],
  "additionalProperties": false
})"},
{"ReloadResult.json", R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "ReloadResult",
  "type": "object",
  "properties": {
    "$schema": {"type": "string", "format": "uri-reference"},
    "added": {"type": "array", "items": {"type": "string"}},
    "changed": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "name": {"type": "string"},
          "reasons": {"type": "array", "items": {"type": "string"}}
        },
        "required": ["name", "reasons"],
        "additionalProperties": false
      }
    },
    "removed": {"type": "array", "items": {"type": "string"}}
  },
  "required": ["added", "changed", "removed"],
  "additionalProperties": false
})"},
{"RunSummary.json", R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "RunSummary",
  "type": "object",
  "properties": {
    "$schema": {"type": "string", "format": "uri-reference"},
    "failed": {"type": "integer", "minimum": 0},
    "last_failure": {"type": "string", "format": "date-time"},
    "missed": {"type": "integer", "minimum": 0},
    "success": {"type": "integer", "minimum": 0},
    "total": {"type": "integer", "minimum": 0}
  },
  "required": ["failed", "missed", "success", "total"],
  "additionalProperties": false
})"},
{"DaemonInfo.json", R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "DaemonInfo",
  "type": "object",
  "properties": {
    "$schema": {"type": "string", "format": "uri-reference"},
    "auth_disabled": {"type": "boolean"},
    "capabilities": {"type": "array", "items": {"type": "string"}},
    "cloud_enabled": {"type": "boolean"},
    "config_loaded_at": {"type": "string", "format": "date-time"},
    "config_stale": {"type": "boolean"},
    "port": {"type": "integer", "minimum": 0, "maximum": 65535},
    "scheduling_active": {"type": "boolean"},
    "service_managed": {"type": "boolean"},
    "tasks": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "api_trigger": {"type": "boolean"},
          "catch_up": {"enum": ["latest", "all", "skip"]},
          "cron": {"type": "string"},
          "group": {"type": "string"},
          "instances": {"type": "integer", "minimum": 1},
          "kind": {"enum": ["task", "service"]},
          "max_concurrent": {"type": "integer", "minimum": 1},
          "name": {"type": "string"},
          "on_overlap": {"enum": ["queue", "skip", "terminate"]},
          "restart": {"enum": ["never", "on_failure", "always"]}
        },
        "required": ["api_trigger", "instances", "kind", "max_concurrent", "name", "on_overlap",
                     "restart"],
        "additionalProperties": false
      }
    },
    "version": {"type": "string"}
  },
  "required": ["auth_disabled", "capabilities", "cloud_enabled", "config_stale",
               "scheduling_active", "service_managed", "tasks"],
  "additionalProperties": false
})"},
{"StopRunOutputBody.json", R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "StopRunOutputBody",
  "type": "object",
  "properties": {
    "$schema": {"type": "string", "format": "uri-reference"},
    "message": {"type": "string"}
  },
  "required": ["message"],
  "additionalProperties": false
})"},
};
// clang-format on

void get_schema(const api&, const request& asked, responder reply) {
  const auto* const found = std::ranges::find(schemas, asked.parameters.front(), &schema::name);
  if (found == std::end(schemas))
    return reply(problem{problem_kind::not_found, "no such schema"});
  response what{200, std::string{found->text}};
  what.content_type = "application/schema+json";
  reply(std::move(what));
}

constexpr route routes[] = {{"GET", "/schemas/{name}", get_schema, access::anyone}};

}  // namespace

std::span<const route> schemas_surface() {
  return routes;
}

}  // namespace carillon::http
