#pragma once

#include <span>

#include "http/router.hpp"

namespace carillon::http {

// The surfaces, each a table of routes in its own file.

std::span<const route> service_surface();        ///< /healthz, /readyz, /v1/clock
std::span<const route> metrics_surface();        ///< /metrics
std::span<const route> tasks_surface();          ///< /tasks...: 000, and what 001 shares with it
std::span<const route> definitions_surface();    ///< /tasks...: 001
std::span<const route> runs_surface();           ///< /runs...
std::span<const route> events_surface();         ///< /events
std::span<const route> native_events_surface();  ///< /v1/events
std::span<const route> event_sources_surface();  ///< /v1/event-sources, /v1/events/in
std::span<const route> agents_surface();         ///< /agents...
std::span<const route> groups_surface();         ///< /v1/url-groups
std::span<const route> native_surface();         ///< /v1/tasks...
std::span<const route> explain_surface();        ///< /v1/tasks/{id}/explain
std::span<const route> bulk_surface();           ///< /v1/tasks/bulk...
std::span<const route> queues_surface();         ///< /v1/queues: what is set for them
std::span<const route> schedules_surface();      ///< /v1/schedules...
std::span<const route> preview_surface();        ///< /v1/preview
std::span<const route> queue_surface();          ///< /v1/queues/{queue}/lease, /v1/leases...
std::span<const route> batches_surface();        ///< /v1/batches...
std::span<const route> hosts_surface();          ///< /v1/hosts...
std::span<const route> runner_surface();         ///< /api/...: 002
std::span<const route> schemas_surface();    ///< /schemas...: JSON Schemas of the runner surface
std::span<const route> secrets_surface();    ///< /v1/secrets...
std::span<const route> callbacks_surface();  ///< /v1/callbacks...
std::span<const route> backup_surface();     ///< /v1/backup
std::span<const route> stream_surface();     ///< /v1/stream
std::span<const route> stats_surface();      ///< /v1/stats
std::span<const route> outlook_surface();    ///< /v1/upcoming, /v1/forecast
std::span<const route> limits_surface();     ///< /v1/limits...
std::span<const route> tokens_surface();     ///< /v1/tokens..., /agents/{id}/credentials...
std::span<const route> openapi_surface();    ///< /openapi.json, /docs...

/// All of them.
std::span<const std::span<const route>> all_surfaces();

}  // namespace carillon::http
