#include "http/task_input.hpp"

#include <algorithm>
#include <array>

#include "http/pipeline_input.hpp"
#include "http/work_input.hpp"

namespace carillon::http {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t message_bytes_max = 4'096;

/// 000 knows no retries; who asks for some gets these waits.
constexpr retry_policy one_off_retry{0, backoff_kind::exponential_jitter, std::chrono::seconds{1},
                                     std::chrono::seconds{60}};
constexpr std::array<std::string_view, 5> news_types{"started", "progress", "completed", "failed",
                                                     "log"};

/// The fields that both forms of a task share.
void read_policies(const api& with, body_reader& in, fault_list& faults,
                   const retry_policy& fallback, task_spec& spec) {
  spec.target = read_target(with, in, faults);
  spec.retry = read_retry(in, faults, fallback);
  const duration timeout_default = spec.target ? with.delivery_timeout_default : duration{0};
  const auto timeout = in.length("timeout", milliseconds{1}, timeout_max);
  spec.timeout = timeout.value_or(timeout_default);
  spec.has_default_timeout = !timeout && spec.target;
  spec.priority = static_cast<int>(in.integer("priority", {1, 9}).value_or(priority_default));
  spec.unique_id = in.text("unique_id", {1, name_bytes_max}).value_or("");
  spec.tags = in.texts("tags", {1, tag_bytes_max}, tags_max);
  spec.components = read_components(in);
  spec.limit = read_key_limit(in, faults, {});
  spec.notices = read_notices(with, in, faults);
}

void read_expiry(body_reader& in, task_spec& spec) {
  spec.expires_at = in.moment_or_length("expires_after", spec.created_at);
  if (spec.expires_at && *spec.expires_at <= std::max(spec.scheduled_for, spec.created_at))
    in.refuse("expires_after", "must be later than the time of execution",
              format_instant(*spec.expires_at));
}

using spec_result = expected<std::shared_ptr<const task_spec>>;

spec_result finished(body_reader& in, fault_list& faults, task_spec spec) {
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return std::make_shared<const task_spec>(std::move(spec));
}

}  // namespace

void read_task_fields(const api& with, body_reader& in, fault_list& faults, task_spec& spec) {
  spec.scheduled_for =
      in.moment_or_length("execute_after", spec.created_at).value_or(spec.created_at);
  read_policies(with, in, faults, native_retry, spec);
  spec.task_type = read_task_type(in, "task_type").value_or("");
  if (const auto payload = in.any("payload"))
    spec.payload = payload->raw;
  read_expiry(in, spec);
  if (auto steps = read_pipeline_fields(in, {with.core.allows_api_commands()}, faults)) {
    spec.runs_pipeline = true;
    spec.payload = *std::move(steps);
  }
}

void require_work(body_reader& in, const task_spec& spec) {
  if (!spec.target && !spec.runs_pipeline && spec.task_type.empty() && !in.has("task_type"))
    in.refuse("target", "is required, or a task_type for workers to lease, or a pipeline");
}

spec_result read_native_task(const api& with, std::string_view body, task_origin origin) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  task_spec spec;
  spec.created_at = with.core.now();
  spec.trace = std::move(origin.trace);
  spec.created_by = std::move(origin.created_by);
  read_task_fields(with, in, faults, spec);
  require_work(in, spec);
  return finished(in, faults, std::move(spec));
}

spec_result read_one_off_task(const api& with, std::string_view body, task_origin origin) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  task_spec spec;
  spec.created_at = with.core.now();
  spec.trace = std::move(origin.trace);
  spec.created_by = std::move(origin.created_by);
  in.require("taskType");
  spec.task_type = read_task_type(in, "taskType").value_or("");
  in.require("triggeredAt");
  spec.scheduled_for = in.moment("triggeredAt").value_or(spec.created_at);
  if (const auto payload = in.any("payload"))
    spec.payload = payload->raw;
  read_policies(with, in, faults, one_off_retry, spec);
  read_expiry(in, spec);
  return finished(in, faults, std::move(spec));
}

expected<task_news> read_component_news(const api& with, std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  task_news news;
  in.require("type");
  news.type = in.text("type", {1, 64}).value_or("");
  if (!news.type.empty() && std::ranges::find(news_types, news.type) == news_types.end())
    in.refuse("type", "must be started, progress, completed, failed or log", news.type);
  if (news.type != "log")
    in.require("component");
  news.component = in.text("component", {1, name_bytes_max}).value_or("");
  news.message = in.text("message", {0, message_bytes_max}).value_or("");
  news.progress = in.number("progress", 0, 100);
  news.time = in.moment("time").value_or(with.core.now());
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return news;
}

}  // namespace carillon::http
