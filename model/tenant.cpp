#include "model/tenant.hpp"

#include <algorithm>

namespace carillon {
namespace {

bool is_letter_or_digit(char each) {
  return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9');
}

}  // namespace

tenant_quotas quotas_of(const tenant_limits& set, const tenant_quotas& defaults) {
  return {set.requests_per_second.value_or(defaults.requests_per_second),
          set.burst.value_or(defaults.burst),
          set.requests_at_once.value_or(defaults.requests_at_once),
          set.open_tasks.value_or(defaults.open_tasks), set.schedules.value_or(defaults.schedules)};
}

std::string_view to_string(tenant_stage stage) {
  switch (stage) {
    case tenant_stage::making:
      return "making";
    case tenant_stage::open:
      return "open";
    case tenant_stage::removing:
      return "removing";
  }
  return {};
}

bool is_tenant_name(std::string_view text) {
  const auto may_stand = [](char each) {
    return is_letter_or_digit(each) || each == '-' || each == '_';
  };
  return !text.empty() && text.size() <= tenant_name_bytes_max && is_letter_or_digit(text.front())
         && std::ranges::all_of(text, may_stand);
}

}  // namespace carillon
