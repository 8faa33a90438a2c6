#include "storage/check_report.hpp"

#include <algorithm>
#include <numeric>

#include "model/json.hpp"

namespace carillon::storage {
namespace {

void write_examples(const check_report::group& group, std::string& out) {
  for (const auto& example : group.examples)
    out += "    " + example + "\n";
  const auto shown = static_cast<std::int64_t>(group.examples.size());
  if (group.count > shown)
    out += "    and " + std::to_string(group.count - shown) + " more\n";
}

void write_group(const check_report::group& group, json::writer& out) {
  out.begin_object().field("count", group.count).key("examples").begin_array();
  for (const auto& example : group.examples)
    out.string(example);
  out.end_array().end_object();
}

}  // namespace

std::string_view to_string(check_fault kind) {
  // clang-format off
  switch (kind) {
    case check_fault::damaged:       return "damaged";
    case check_fault::unreadable:    return "unreadable";
    case check_fault::stray:         return "stray";
    case check_fault::dangling:      return "dangling";
    case check_fault::sealed:        return "sealed";
    case check_fault::missing_entry: return "missing_entry";
    case check_fault::wrong_entry:   return "wrong_entry";
    case check_fault::extra_entry:   return "extra_entry";
    case check_fault::wrong_counter: return "wrong_counter";
  }
  // clang-format on
  return "";
}

void check_report::add(check_fault kind, std::string what, std::size_t examples_max) {
  auto& kept = faults[static_cast<std::size_t>(kind)];
  ++kept.count;
  if (kept.examples.size() < examples_max)
    kept.examples.push_back(std::move(what));
}

std::int64_t check_report::fault_count() const {
  return std::accumulate(faults.begin(), faults.end(), std::int64_t{0},
                         [](auto sum, const auto& kind) { return sum + kind.count; });
}

/// Of the column of names.
constexpr std::size_t width = 24;

std::string report_as_text(const check_report& report) {
  std::string out;
  const auto line = [&out](std::string_view what, std::int64_t count) {
    out += std::string{what} + std::string(width - std::min(width, what.size()), ' ')
           + std::to_string(count) + "\n";
  };
  for (const auto& [what, count] : report.read)
    line(what, count);
  for (std::size_t at = 0; at < check_fault_count; ++at) {
    if (report.faults[at].count == 0)
      continue;
    line(to_string(static_cast<check_fault>(at)), report.faults[at].count);
    write_examples(report.faults[at], out);
  }
  if (report.notes.count > 0) {
    line("notes", report.notes.count);
    write_examples(report.notes, out);
  }
  if (report.repaired > 0)
    line("repaired", report.repaired);
  line("faults", report.fault_count());
  return out;
}

namespace {

/// Leaves its object open.
void write_report(const check_report& report, json::writer& out) {
  out.begin_object().key("read").begin_object();
  for (const auto& [what, count] : report.read)
    out.field(what, count);
  out.end_object().field("fault_count", report.fault_count()).key("faults").begin_object();
  for (std::size_t at = 0; at < check_fault_count; ++at) {
    out.key(to_string(static_cast<check_fault>(at)));
    write_group(report.faults[at], out);
  }
  out.end_object().key("notes");
  write_group(report.notes, out);
  out.field("repaired", report.repaired);
}

}  // namespace

std::string report_as_json(const check_report& report) {
  return reports_as_json(report, {});
}

// -- of all stores of a server --------------------------------------------------------

std::int64_t fault_count(const check_report& own, const std::vector<tenant_report>& tenants) {
  return std::accumulate(
      tenants.begin(), tenants.end(), own.fault_count(),
      [](auto sum, const auto& each) { return sum + each.report.fault_count(); });
}

std::string reports_as_text(const check_report& own, const std::vector<tenant_report>& tenants) {
  auto out = report_as_text(own);
  for (const auto& each : tenants)
    out += "\ntenant " + each.tenant + "\n" + report_as_text(each.report);
  return out;
}

std::string reports_as_json(const check_report& own, const std::vector<tenant_report>& tenants) {
  json::writer out;
  write_report(own, out);
  if (!tenants.empty()) {
    out.key("tenants").begin_object();
    for (const auto& each : tenants) {
      out.key(each.tenant);
      write_report(each.report, out);
      out.end_object();
    }
    out.end_object();
  }
  out.end_object();
  return out.take() + "\n";
}

}  // namespace carillon::storage
