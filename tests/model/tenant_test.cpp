#include "model/tenant.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

TEST_CASE("the name of a tenant is fit for a folder and a path", "[tenant]") {
  for (const auto* good :
       {"a", "acme", "acme-2", "7_of_9", "0123456789012345678901234567890123456789"})
    CHECK(is_tenant_name(good));
  for (const auto* bad : {"", "-a", "_a", "A", "a.b", "..", "a/b", "a b", "\xC3\xA4", "a%2f",
                          "01234567890123456789012345678901234567890"})
    CHECK_FALSE(is_tenant_name(bad));
}

TEST_CASE("what was not set for a tenant is as for all", "[tenant]") {
  const tenant_quotas all{1, 2, 3, 4, 5};
  CHECK(quotas_of({}, all) == all);
  tenant_limits set;
  set.burst = 0;
  set.schedules = 9;
  CHECK(quotas_of(set, all) == tenant_quotas{1, 0, 3, 4, 9});
}
