#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/scheduler.hpp"
#include "http/tenant_door.hpp"
#include "model/tenant.hpp"

namespace carillon::http {

/// A tenant with how it does.
struct tenant_view {
  tenant facts;
  tenant_quotas quotas;  ///< That hold.
  scheduler_usage usage;
  tenant_door::figures requests;
  std::string trouble;  ///< Why its store does not open; empty when it does.
};

/// A tenant with a token of its own that may do everything in it. Shown once.
struct tenant_token {
  tenant_view subject;
  access_token token;
  std::string text;
};

struct tenant_change {
  std::optional<std::string> title = {};
  std::optional<tenant_limits> limits = {};  ///< All of them.
};

/// All tenants beside the operator's own. Any thread.
class tenant_registry : public tenant_doors {
public:
  [[nodiscard]] virtual std::vector<tenant_view> all() const = 0;  ///< By name.
  [[nodiscard]] virtual std::optional<tenant_view> look_at(std::string_view name) const = 0;

  virtual void make(tenant wanted, carillon::answer<tenant_token> reply) = 0;
  virtual void change(std::string name, tenant_change what,
                      carillon::answer<tenant_view> reply) = 0;
  /// Answered when nobody is served any more and that is durable; the rest goes on.
  virtual void remove(std::string name, carillon::answer<tenant_view> reply) = 0;
  /// One more token that may do everything in it.
  virtual void give_token(std::string name, carillon::answer<tenant_token> reply) = 0;

  /// Moves the manual clocks of all, the operator's first.
  virtual void advance(instant to, carillon::answer<instant> reply) = 0;
  /// Copies the stores of all.
  virtual void make_backup(std::string to, carillon::answer<finished_backup> reply) = 0;
};

}  // namespace carillon::http
