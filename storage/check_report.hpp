#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::storage {

enum class check_fault : std::uint8_t {
  damaged,        ///< The disk does not give back what was written.
  unreadable,     ///< A row does not decode, or rows contradict each other.
  stray,          ///< A row of something that is not there, or of nothing that is known.
  dangling,       ///< Something names what is not there.
  sealed,         ///< A secret that does not open with store.key.
  missing_entry,  ///< Derived data, from here on: what a repair writes.
  wrong_entry,
  extra_entry,
  wrong_counter,
};
inline constexpr std::size_t check_fault_count = 9;
std::string_view to_string(check_fault kind);
constexpr bool is_repairable(check_fault kind) {
  return kind >= check_fault::missing_entry;
}

/// What was read, and what was wrong with it.
struct check_report {
  struct amount {
    std::string_view what;
    std::int64_t count;
  };
  struct group {
    std::int64_t count = 0;
    std::vector<std::string> examples;  ///< The first ones.
  };
  std::vector<amount> read;
  std::array<group, check_fault_count> faults;
  group notes;                ///< Worth telling, and no fault: nothing is lost or wrong.
  std::int64_t repaired = 0;  ///< Entries and counters written.

  void add(check_fault kind, std::string what, std::size_t examples_max);
  [[nodiscard]] const group& of(check_fault kind) const {
    return faults[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] std::int64_t fault_count() const;
};

/// What is found in the store of one tenant.
struct tenant_report {
  std::string tenant;
  check_report report;
};
/// Of the operator's store and those of all tenants.
std::int64_t fault_count(const check_report& own, const std::vector<tenant_report>& tenants);
std::string reports_as_text(const check_report& own, const std::vector<tenant_report>& tenants);
std::string reports_as_json(const check_report& own, const std::vector<tenant_report>& tenants);

std::string report_as_text(const check_report& report);
std::string report_as_json(const check_report& report);

}  // namespace carillon::storage
