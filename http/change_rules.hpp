#pragma once

#include <string>

#include "http/router.hpp"
#include "model/task_id.hpp"

namespace carillon::http {

/// How the changes of a route are recorded.
enum class recording {
  none,       ///< It changes nothing, or what it changes has a history of its own.
  in_commit,  ///< In the commit of the change itself, which so costs no second one.
  whole,      ///< With the resource before and after, in a commit of its own before the answer.
};

struct change_rule {
  recording how = recording::whole;
  bool takes_key = true;    ///< Idempotency-Key. Else it has ids of its own for repeats.
  bool has_secret = false;  ///< Its answer tells something that is told once.
};

/// Of a route that is not GET.
change_rule rule_of(const route& row);

/// The path of the resource that a request changes, as GET would ask for it; empty: it is not known
/// from the request.
std::string resource_of(const route& row, const request& asked);

/// The path of what a POST has made, as its Location tells it; empty: it makes nothing that has
/// one.
std::string place_of_made(const route& row, const task_id& made);

}  // namespace carillon::http
