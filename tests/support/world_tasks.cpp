#include "tests/support/actor_world.hpp"

namespace carillon::test {

task_spec pull_task(instant when) {
  task_spec spec;
  spec.task_type = "q";
  spec.scheduled_for = when;
  return spec;
}

task_spec delivered_task(instant when, int retries) {
  task_spec spec;
  spec.target.emplace().url = "http://receiver/hook";
  spec.scheduled_for = when;
  spec.retry = {retries, backoff_kind::fixed, std::chrono::seconds{1}, std::chrono::seconds{60}};
  spec.timeout = std::chrono::seconds{30};
  return spec;
}

}  // namespace carillon::test
