#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/server_figures.hpp"
#include "http/process_figures.hpp"
#include "http/request_meter.hpp"
#include "http/tenant_registry.hpp"

namespace carillon::http {

/// All that can be measured, as of one moment.
struct metrics {
  std::string version;
  server_figures server;
  std::vector<request_meter::figures> requests;
  std::optional<process_figures> process;
  std::vector<tenant_view> tenants;
};

inline constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// In Prometheus' text format.
std::string metrics_text(const metrics& all);

}  // namespace carillon::http
