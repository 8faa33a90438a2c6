#pragma once

#include <string>
#include <vector>

#include "model/principal.hpp"

namespace carillon::http {

struct request;
struct response;
class responder;

/// Whom a route serves. There is none by omission: it has no default.
class policy {
public:
  enum class kind : std::uint8_t {
    anyone,         ///< No token is asked for.
    any_token,      ///< Any good one.
    one_right,      ///< One with that right.
    queue_of_path,  ///< One for the queue that is the path's first parameter.
    queue_of_task,  ///< One for some queue; the handler looks at those of the tasks.
    operators,      ///< One with that right, of the operator's own tenant.
    operators_any,  ///< Any good one of the operator's own tenant.
  };

  constexpr policy(kind what, right needed, bool or_tss_admin)
      : kind_{what}, right_{needed}, or_tss_admin_{or_tss_admin} {}

  [[nodiscard]] constexpr bool is_for_anyone() const { return kind_ == kind::anyone; }

  /// What a request with these parameters needs, which must outlive it. Not of one for anyone.
  [[nodiscard]] requirement of(const std::vector<std::string>& parameters) const;

  /// "anyone", "any token", "tasks:read", "tasks:read or tss.admin", "worker:{queue}",
  /// "admin of the operator".
  [[nodiscard]] std::string text() const;

private:
  kind kind_;
  right right_;
  bool or_tss_admin_;
};

/// The policies that routes have.
namespace access {

constexpr policy needing(right one) {
  return {policy::kind::one_right, one, false};
}
/// On the surface of one-off tasks and definitions: for tss.admin too.
constexpr policy tss(right one) {
  return {policy::kind::one_right, one, true};
}

inline constexpr policy anyone{policy::kind::anyone, right::admin, false};
inline constexpr policy any_token{policy::kind::any_token, right::admin, false};
inline constexpr policy admin = needing(right::admin);
inline constexpr policy tasks_read = needing(right::tasks_read);
inline constexpr policy tasks_create = needing(right::tasks_create);
inline constexpr policy tasks_update = needing(right::tasks_update);
inline constexpr policy tasks_delete = needing(right::tasks_delete);
inline constexpr policy tasks_run = needing(right::tasks_run);
inline constexpr policy runs_read = needing(right::runs_read);
inline constexpr policy events_publish = needing(right::events_publish);
inline constexpr policy queue_of_path{policy::kind::queue_of_path, right::admin, false};
inline constexpr policy queue_of_task{policy::kind::queue_of_task, right::admin, false};
/// For what is the whole server's.
inline constexpr policy operator_admin{policy::kind::operators, right::admin, false};
inline constexpr policy operator_token{policy::kind::operators_any, right::admin, false};

}  // namespace access

/// 403, naming the scope that is needed.
response refuse_scope(const requirement& needed, const request& asked);

/// Whether whoever asks may; answers 403 when not. For what only the handler can see.
bool demand(const requirement& needed, const request& asked, const responder& reply);

}  // namespace carillon::http
