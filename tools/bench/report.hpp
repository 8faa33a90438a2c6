#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/bench/histogram.hpp"

namespace carillon::bench {

/// What one run of one case gave. A run with faults is no result, whatever its figures.
struct run_report {
  std::string workload;  ///< "W1"
  std::string variant;   ///< "8 connections"; may be empty.
  int run = 1;
  /// In the order of the table. The unit ends the name: rate_per_s, p50_ms, rss_mb.
  std::vector<std::pair<std::string, double>> figures = {};
  std::vector<std::string> faults = {};

  void add(std::string name, double value) { figures.emplace_back(std::move(name), value); }
  void add(std::string name, std::uint64_t value) {
    add(std::move(name), static_cast<double>(value));
  }
  /// name + p50_ms, p99_ms, max_ms.
  void add(const std::string& name, const histogram& times);
  void fault(std::string what) { faults.push_back(std::move(what)); }
  void fault(std::vector<std::string> several);
};

/// One line of JSON, without its end.
std::string to_json(const run_report& run, std::string_view machine);

/// The runs of one case side by side, with the median of each figure, and their faults.
std::string to_table(const std::vector<run_report>& runs);

}  // namespace carillon::bench
