#include "http/answer_queue.hpp"

#include "http/problem_response.hpp"

namespace carillon::http {

bool answer_queue::expire(steady_time now) {
  bool any = false;
  for (auto& each : waiting_) {
    if (each.what || now < each.deadline)
      continue;
    each.what = not_answered();
    any = true;
  }
  return any;
}

}  // namespace carillon::http
