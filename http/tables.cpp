#include "http/tables.hpp"

namespace carillon::http {

std::span<const std::span<const route>> all_surfaces() {
  static const std::span<const route> tables[] = {
      service_surface(),       tasks_surface(),         native_surface(),      queue_surface(),
      schedules_surface(),     preview_surface(),       definitions_surface(), runs_surface(),
      events_surface(),        agents_surface(),        runner_surface(),      schemas_surface(),
      bulk_surface(),          queues_surface(),        groups_surface(),      hosts_surface(),
      native_events_surface(), event_sources_surface(), secrets_surface(),     callbacks_surface(),
      batches_surface(),       tokens_surface(),        backup_surface(),      metrics_surface(),
      explain_surface(),       openapi_surface(),       stream_surface(),      stats_surface(),
      outlook_surface(),       limits_surface(),        tenants_surface(),
      audit_surface(),  // one a line
  };
  return tables;
}

}  // namespace carillon::http
