#include "tools/bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "tools/bench/clock.hpp"

namespace carillon::bench {

namespace {

std::string quoted(std::string_view text) {
  std::string out{'"'};
  for (const char each : text) {
    if (each == '"' || each == '\\')
      out += '\\';
    if (static_cast<unsigned char>(each) < 0x20)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(each));
    else
      out += each;
  }
  out += '"';
  return out;
}

/// As many digits as say something.
std::string readable(double value) {
  const auto size = std::abs(value);
  const auto digits = size >= 100 || value == std::floor(value) ? 0 : size >= 1 ? 2 : 4;
  return fmt::format("{:.{}f}", value, digits);
}

std::optional<double> figure_of(const run_report& run, const std::string& name) {
  for (const auto& [each, value] : run.figures)
    if (each == name)
      return value;
  return std::nullopt;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void append_row(std::string& out, const std::vector<run_report>& runs, const std::string& name) {
  fmt::format_to(std::back_inserter(out), "  {:<28}", name);
  std::vector<double> values;
  for (const auto& each : runs) {
    const auto value = figure_of(each, name);
    fmt::format_to(std::back_inserter(out), "{:>12}", value ? readable(*value) : "-");
    if (value)
      values.push_back(*value);
  }
  fmt::format_to(std::back_inserter(out), "{:>14}\n", readable(median(values)));
}

}  // namespace

void run_report::add(const std::string& name, const histogram& times) {
  add(name + "p50_ms", to_milliseconds(times.quantile(0.50)));
  add(name + "p99_ms", to_milliseconds(times.quantile(0.99)));
  add(name + "max_ms", to_milliseconds(times.max()));
}

void run_report::fault(std::vector<std::string> several) {
  std::move(several.begin(), several.end(), std::back_inserter(faults));
}

std::string to_json(const run_report& run, std::string_view machine) {
  std::string out =
      fmt::format(R"({{"workload":{},"variant":{},"run":{},"ok":{},"at":")", quoted(run.workload),
                  quoted(run.variant), run.run, run.faults.empty());
  append_instant(out, std::chrono::floor<std::chrono::milliseconds>(wall_now()));
  fmt::format_to(std::back_inserter(out), R"(","machine":{},"figures":{{)", quoted(machine));
  for (const auto& [name, value] : run.figures)
    fmt::format_to(std::back_inserter(out), "{}{}:{:.9g}", out.back() == '{' ? "" : ",",
                   quoted(name), value);
  out += R"(},"faults":[)";
  for (const auto& each : run.faults)
    fmt::format_to(std::back_inserter(out), "{}{}", out.back() == '[' ? "" : ",", quoted(each));
  out += "]}";
  return out;
}

std::string to_table(const std::vector<run_report>& runs) {
  const auto& first = runs.front();
  const auto title =
      fmt::format("{}{}{}", first.workload, first.variant.empty() ? "" : ", ", first.variant);
  std::string out = fmt::format("{:<30}", title);
  for (const auto& each : runs)
    fmt::format_to(std::back_inserter(out), "{:>12}", fmt::format("run {}", each.run));
  fmt::format_to(std::back_inserter(out), "{:>14}\n", "median");
  // A run that broke off has fewer figures than the others.
  const auto fullest = std::max_element(runs.begin(), runs.end(), [](auto& left, auto& right) {
    return left.figures.size() < right.figures.size();
  });
  for (const auto& [name, value] : fullest->figures)
    append_row(out, runs, name);
  for (const auto& each : runs)
    for (const auto& fault : each.faults)
      fmt::format_to(std::back_inserter(out), "  NO RESULT, run {}: {}\n", each.run, fault);
  return out;
}

}  // namespace carillon::bench
