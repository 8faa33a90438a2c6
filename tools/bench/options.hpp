#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace carillon::bench {

/// How W2, W2h and the loads make their tasks.
enum class creation { single, stream };

/// What the command line asked for. Empty optionals mean: the workload's own default.
struct options {
  std::vector<std::string> workloads;
  std::optional<double> seconds;       ///< Length of the measured span.
  std::optional<int> connections;      ///< Of the creators.
  std::optional<std::uint64_t> tasks;  ///< At most so many; W3 and W4 make exactly so many.
  double scale = 1.0;                  ///< Multiplies the default number of tasks.
  int runs = 3;
  creation create = creation::single;  ///< For W2, W2h and W10.
  std::string json_file;               ///< JSON lines go here; empty: standard output.
  std::string url;                     ///< A server that runs already; empty: start our own.
  std::string token;                   ///< With `url`: the token, or the file that holds it.
  std::string server_binary;

  [[nodiscard]] std::uint64_t tasks_or(std::uint64_t usual) const {
    if (tasks)
      return *tasks;
    const auto scaled = static_cast<std::uint64_t>(static_cast<double>(usual) * scale);
    return scaled > 0 ? scaled : 1;
  }
  [[nodiscard]] double seconds_or(double usual) const { return seconds.value_or(usual); }
};

}  // namespace carillon::bench
