#pragma once

#include <cstdint>
#include <optional>

#include "tools/bench/clock.hpp"
#include "tools/bench/readings.hpp"
#include "tools/bench/report.hpp"
#include "tools/bench/server.hpp"

namespace carillon::bench {

/// What server, load and machine use between its making and finish().
class resource_meter {
public:
  explicit resource_meter(const server& target);

  /// Adds the figures of the span, and the server's memory and disk at its end. `tasks` were
  /// handled in it.
  void finish(run_report& out, std::uint64_t tasks) const;

private:
  void add_server(run_report& out, std::uint64_t tasks) const;

  const server& target_;
  steady_time begin_;
  double own_cpu_;
  machine_reading machine_;
  std::optional<process_reading> process_;
};

}  // namespace carillon::bench
