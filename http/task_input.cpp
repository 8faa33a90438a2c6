#include "http/task_input.hpp"

#include <algorithm>
#include <array>

#include "http/body_reader.hpp"
#include "model/http_header.hpp"
#include "model/target_url.hpp"

namespace carillon::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t tags_max = 32;
constexpr std::size_t tag_bytes_max = 100;
constexpr std::size_t message_bytes_max = 4'096;
constexpr std::size_t headers_max = 32;
constexpr duration timeout_max = hours{24 * 7};

/// 003's documented policy: 24 retries, n^4 + 15 + r * (n + 1) seconds.
constexpr retry_policy native_retry{24, backoff_kind::steep, std::chrono::seconds{1},
                                    retry_wait_max};
/// 000 knows no retries; who asks for some gets these waits.
constexpr retry_policy one_off_retry{0, backoff_kind::exponential_jitter, std::chrono::seconds{1},
                                     std::chrono::seconds{60}};
/// The cap where a policy of one's own names none.
constexpr duration retry_cap_default = hours{24};

constexpr std::array<std::string_view, 5> methods{"POST", "PUT", "PATCH", "GET", "DELETE"};
constexpr std::array<std::string_view, 5> news_types{"started", "progress", "completed", "failed",
                                                     "log"};

// -- parts of a body -----------------------------------------------------------

void read_headers(body_reader& in, const json::value& headers, http_target& target) {
  const auto all = json::members(headers);
  if (all.size() > headers_max)
    in.refuse("headers", "must have at most " + std::to_string(headers_max) + " entries");
  for (const auto& [name, value] : all) {
    auto text = json::as_string(value);
    if (!text || !is_http_token(name) || !is_header_value(*text))
      in.refuse("headers." + name, "must be a header name with a string of printable characters",
                value.raw);
    else if (is_framing_header(name) || is_delivery_header(name))
      in.refuse("headers." + name, "is set by the server itself", value.raw);
    else
      target.headers.emplace_back(name, *std::move(text));
  }
}

void check_url(const api& with, body_reader& in, std::string_view field, const std::string& url) {
  const auto parsed = parse_target_url(url);
  if (!parsed)
    in.refuse(field, parsed.error().detail, url);
  else if (parsed->address)
    if (const auto reason = with.guard.refusal(*parsed->address, parsed->port))
      in.refuse(field, *reason, url);
}

std::optional<http_target> read_target(const api& with, body_reader& in, fault_list& faults) {
  const auto given = in.any("target");
  if (!given || given->kind == json::kind::null)
    return std::nullopt;
  http_target target;
  if (auto url = json::as_string(*given)) {
    check_url(with, in, "target", *url);
    target.url = *std::move(url);
    return target;
  }
  if (given->kind != json::kind::object) {
    in.refuse("target", "must be a URL or an object with url, method and headers", given->raw);
    return target;
  }
  body_reader inner{*given, in.location_of("target"), faults};
  inner.require("url");
  if (auto url = inner.text("url", {1, 2048})) {
    check_url(with, inner, "url", *url);
    target.url = *std::move(url);
  }
  if (auto method = inner.text("method", {1, 16})) {
    if (std::ranges::find(methods, *method) == methods.end())
      inner.refuse("method", "must be POST, PUT, PATCH, GET or DELETE", *method);
    target.method = *std::move(method);
  }
  if (const auto headers = inner.object("headers"))
    read_headers(inner, *headers, target);
  inner.finish();
  return target;
}

retry_policy read_retry(body_reader& in, fault_list& faults, const retry_policy& fallback) {
  const auto given = in.object("retry");
  if (!given)
    return fallback;
  auto policy = fallback;
  body_reader inner{*given, in.location_of("retry"), faults};
  policy.retries_max = static_cast<int>(
      inner.integer("max_retries", {0, retries_max_limit}).value_or(fallback.retries_max));
  if (const auto word = inner.text("backoff", {1, 64})) {
    const auto kind = parse_backoff_kind(*word);
    if (!kind)
      inner.refuse("backoff", "must be fixed, linear, exponential, exponential_jitter or steep",
                   *word);
    policy.backoff = kind.value_or(fallback.backoff);
    policy.cap = policy.backoff == backoff_kind::steep ? retry_wait_max : retry_cap_default;
  }
  policy.delay = inner.length("delay", milliseconds{0}, retry_wait_max).value_or(fallback.delay);
  policy.cap = inner.length("cap", milliseconds{1}, retry_wait_max).value_or(policy.cap);
  inner.finish();
  return policy;
}

/// The fields that both forms of a task share.
void read_policies(const api& with, body_reader& in, fault_list& faults,
                   const retry_policy& fallback, task_spec& spec) {
  spec.target = read_target(with, in, faults);
  spec.retry = read_retry(in, faults, fallback);
  const duration timeout_default = spec.target ? with.delivery_timeout_default : duration{0};
  spec.timeout = in.length("timeout", milliseconds{1}, timeout_max).value_or(timeout_default);
  spec.priority = static_cast<int>(in.integer("priority", {1, 9}).value_or(priority_default));
  spec.unique_id = in.text("unique_id", {1, name_bytes_max}).value_or("");
  spec.tags = in.texts("tags", {1, tag_bytes_max}, tags_max);
  spec.components = in.texts("components", {1, name_bytes_max}, components_max);
  auto names = spec.components;
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end())
    in.refuse("components", "must not name a component twice");
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

spec_result read_native_task(const api& with, std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  task_spec spec;
  spec.created_at = with.core.now();
  spec.scheduled_for =
      in.moment_or_length("execute_after", spec.created_at).value_or(spec.created_at);
  read_policies(with, in, faults, native_retry, spec);
  spec.task_type = in.text("task_type", {1, name_bytes_max}).value_or("");
  if (!spec.target && spec.task_type.empty() && !in.has("task_type"))
    in.refuse("target", "is required, or a task_type for workers to lease");
  if (const auto payload = in.any("payload"))
    spec.payload = payload->raw;
  read_expiry(in, spec);
  return finished(in, faults, std::move(spec));
}

spec_result read_one_off_task(const api& with, std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  task_spec spec;
  spec.created_at = with.core.now();
  in.require("taskType");
  spec.task_type = in.text("taskType", {1, name_bytes_max}).value_or("");
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
