#include "http/api.hpp"
#include "http/metrics_text.hpp"
#include "http/tables.hpp"

// GET /metrics: what the server counts of itself, for Prometheus.

namespace carillon::http {
namespace {

void get_metrics(const api& with, const request&, responder reply) {
  with.core.measure(
      carillon::answer<server_figures>{[&with, reply](expected<server_figures> measured) {
        if (!measured)
          return reply(std::move(measured).error());
        auto figures = std::make_shared<metrics>();
        figures->server = *std::move(measured);
        // Reading /proc and writing some thousand lines is no work for actors or sockets.
        with.core.run_aside([&with, reply, figures] {
          figures->version = with.facts ? with.facts().version : "";
          if (with.requests != nullptr)
            figures->requests = with.requests->read();
          figures->process = look_at_process();
          if (with.tenants != nullptr)
            figures->tenants = with.tenants->all();
          reply(response{200, metrics_text(*figures), {}, std::string{metrics_type}});
        });
      }});
}

// clang-format off
constexpr route routes[] = {
  {"GET", "/metrics", get_metrics, access::operator_token},
};
// clang-format on

}  // namespace

std::span<const route> metrics_surface() {
  return routes;
}

}  // namespace carillon::http
