#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/instant.hpp"

namespace carillon {

/// What a tenant may have and ask for. 0: any number.
struct tenant_quotas {
  std::int64_t requests_per_second = 0;
  std::int64_t burst = 0;             ///< Requests that may come at once; 0: those of one second.
  std::int64_t requests_at_once = 0;  ///< Not answered yet: waits and streams count.
  std::int64_t open_tasks = 0;        ///< Tasks that have not ended.
  std::int64_t schedules = 0;         ///< That have not ended.

  bool operator==(const tenant_quotas&) const = default;
};

/// What was set for one tenant; empty: as for all.
struct tenant_limits {
  std::optional<std::int64_t> requests_per_second = {};
  std::optional<std::int64_t> burst = {};
  std::optional<std::int64_t> requests_at_once = {};
  std::optional<std::int64_t> open_tasks = {};
  std::optional<std::int64_t> schedules = {};

  bool operator==(const tenant_limits&) const = default;
};

/// What holds for it.
tenant_quotas quotas_of(const tenant_limits& set, const tenant_quotas& defaults);

/// How far a tenant has come. What a crash leaves half made or half removed is taken away at the
/// next start. The numbers are on disk: append only.
enum class tenant_stage : std::uint8_t { making = 0, open = 1, removing = 2 };
std::string_view to_string(tenant_stage stage);

/// Whoever has a scheduler of its own beside the operator's.
struct tenant {
  std::string name;
  std::string title;  ///< For people; may be empty.
  tenant_limits limits;
  instant created_at;
  tenant_stage stage = tenant_stage::making;

  bool operator==(const tenant&) const = default;
};

inline constexpr std::size_t tenant_name_bytes_max = 40;

/// Lower-case letters, digits, '-' and '_', and a letter or digit first: it names a folder and
/// stands in paths.
bool is_tenant_name(std::string_view text);

}  // namespace carillon
