#pragma once

#include <span>

#include "http/router.hpp"

namespace carillon::http {

// The surfaces, each a table of routes in its own file.

std::span<const route> service_surface();  ///< /healthz, /readyz, /v1/clock
std::span<const route> tasks_surface();    ///< /tasks...: 000
std::span<const route> native_surface();   ///< /v1/tasks...
std::span<const route> queue_surface();    ///< /v1/queues..., /v1/leases...

}  // namespace carillon::http
