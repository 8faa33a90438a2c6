#include "http/pipeline_input.hpp"
#include "http/schedule_input.hpp"
#include "http/work_input.hpp"
#include "model/duration.hpp"

namespace carillon::http {
namespace {

using std::chrono::milliseconds;

/// The target or the type must be there; a wrong one is a fault of its own already.
void check_way_to_run(body_reader& in, const task_template& work) {
  if (!work.target && work.task_type.empty() && !in.has("target") && !in.has("task_type"))
    in.refuse("target", "is required, or a task_type for workers to lease, or a pipeline");
}

/// A schedule whose tasks are pipelines makes others, or none from now on.
void read_steps(body_reader& in, const pipeline_rules& rules, fault_list& faults,
                task_template& work) {
  if (auto steps = read_pipeline_fields(in, rules, faults)) {
    work.runs_pipeline = true;
    work.target.reset();
    work.task_type.clear();
    work.components.clear();
    work.payload = *std::move(steps);
    return;
  }
  if (work.runs_pipeline && (in.has("target") || in.has("task_type")))
    work.runs_pipeline = false;
  if (const auto payload = in.any("payload")) {
    if (work.runs_pipeline)
      check_pipeline(*payload, rules, in.location_of("payload"), faults);
    work.payload = payload->raw;
  }
  if (!work.runs_pipeline)
    check_way_to_run(in, work);
}

void read_work(const api& with, body_reader& in, fault_list& faults, task_template& work) {
  if (in.any("target"))
    work.target = read_target(with, in, faults);
  update(in, "task_type", work.task_type, read_task_type(in, "task_type"), {});
  if (in.any("tags"))
    work.tags = in.texts("tags", {1, tag_bytes_max}, tags_max);
  if (in.any("components"))
    work.components = read_components(in);
  read_steps(in, {with.core.allows_api_commands()}, faults, work);
}

void read_running(const api& with, body_reader& in, fault_list& faults, task_template& work) {
  update_number(in, "priority", work.priority, {1, 9}, priority_default);
  if (in.any("retry"))
    work.retry = read_retry(in, faults, native_retry);
  update(in, "timeout", work.timeout, in.length("timeout", milliseconds{1}, timeout_max), {});
  if (in.any("timeout"))
    work.has_default_timeout = false;
  if (work.target && work.timeout == duration{0}) {
    work.timeout = with.delivery_timeout_default;
    work.has_default_timeout = true;
  }
  update(in, "expires_after", work.expires_after,
         in.length("expires_after", milliseconds{1}, duration_max));
  work.limit = read_key_limit(in, faults, std::move(work.limit));
  if (in.any("notifications"))
    work.notices = read_notices(with, in, faults);
}

}  // namespace

void read_template(const api& with, body_reader& in, fault_list& faults, task_template& work,
                   reading how) {
  if (how == reading::whole || in.is_null("task_template"))
    in.require("task_template");
  const auto given = in.object("task_template");
  if (!given)
    return;
  body_reader inner{*given, in.location_of("task_template"), faults};
  read_work(with, inner, faults, work);
  read_running(with, inner, faults, work);
  inner.finish();
}

}  // namespace carillon::http
