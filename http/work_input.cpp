#include "http/work_input.hpp"

#include <algorithm>
#include <array>

#include "http/text.hpp"
#include "model/http_header.hpp"
#include "model/target_url.hpp"
#include "model/webhook_secret.hpp"

namespace carillon::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::size_t headers_max = 32;
constexpr std::size_t inner_name_bytes_max = 200;
constexpr std::size_t key_bytes_max = 100;
constexpr std::size_t secret_name_bytes_max = 100;
constexpr std::int64_t concurrency_max = 10'000;
constexpr std::int64_t rate_max = 1'000'000;

/// The cap where a policy of one's own names none.
constexpr duration retry_cap_default = hours{24};

constexpr std::array<std::string_view, 5> methods{"POST", "PUT", "PATCH", "GET", "DELETE"};

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

/// `secret` and `signature`: what receivers are shown that the call is ours.
void read_signing(const api& with, body_reader& in, http_target& target) {
  target.secret = in.text("secret", {1, secret_name_bytes_max}).value_or("");
  if (const auto word = in.text("signature", {1, 64})) {
    const auto form = parse_signature_form(*word);
    if (!form)
      in.refuse("signature", "must be standard or timestamped", *word);
    target.signature = form.value_or(signature_form::standard);
  }
  if (!target.secret.empty() && with.core.count_secrets(target.secret) == 0)
    in.refuse("secret", "there is no secret with this name", target.secret);
  else if (target.secret.empty() && target.signature != signature_form::standard
           && with.core.count_secrets(default_secret_name) == 0)
    in.refuse("signature", "needs a secret, and there is none called default");
}

/// "group:NAME" and "event:TOPIC" are targets too, of this server's own.
void check_target(const api& with, body_reader& in, std::string_view field,
                  const std::string& url) {
  for (const std::string_view scheme : {"group:", "event:"}) {
    if (!url.starts_with(scheme))
      continue;
    if (url.size() == scheme.size() || url.size() > scheme.size() + inner_name_bytes_max
        || has_control(url))
      in.refuse(field, "must name a " + std::string{scheme.substr(0, scheme.size() - 1)}, url);
    return;
  }
  check_url(with, in, field, url);
}

}  // namespace

void check_url(const api& with, body_reader& in, std::string_view field, const std::string& url) {
  const auto parsed = parse_target_url(url);
  if (!parsed)
    in.refuse(field, parsed.error().detail, url);
  else if (parsed->address)
    if (const auto reason = with.guard.refusal(*parsed->address, parsed->port))
      in.refuse(field, *reason, url);
}

std::optional<std::string> read_task_type(body_reader& in, std::string_view name) {
  auto type = in.text(name, {1, name_bytes_max});
  if (!type || !has_control(*type))
    return type;
  in.refuse(name, "must not hold control characters", *type);
  return std::nullopt;
}

std::optional<schedule_kind> parse_requested_kind(std::string_view word) {
  const auto kind = parse_schedule_kind(word);
  return kind == schedule_kind::service ? std::nullopt : kind;
}

std::optional<http_target> read_target(const api& with, body_reader& in, fault_list& faults) {
  const auto given = in.any("target");
  if (!given || given->kind == json::kind::null)
    return std::nullopt;
  http_target target;
  if (auto url = json::as_string(*given)) {
    check_target(with, in, "target", *url);
    target.url = *std::move(url);
    return target;
  }
  if (given->kind != json::kind::object) {
    in.refuse("target",
              "must be a URL or an object with url, method, headers, secret and signature",
              given->raw);
    return target;
  }
  body_reader inner{*given, in.location_of("target"), faults};
  inner.require("url");
  if (auto url = inner.text("url", {1, 2048})) {
    check_target(with, inner, "url", *url);
    target.url = *std::move(url);
  }
  if (auto method = inner.text("method", {1, 16})) {
    if (std::ranges::find(methods, *method) == methods.end())
      inner.refuse("method", "must be POST, PUT, PATCH, GET or DELETE", *method);
    target.method = *std::move(method);
  }
  if (const auto headers = inner.object("headers"))
    read_headers(inner, *headers, target);
  read_signing(with, inner, target);
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

std::vector<std::string> read_components(body_reader& in) {
  auto components = in.texts("components", {1, name_bytes_max}, components_max);
  auto names = components;
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end())
    in.refuse("components", "must not name a component twice");
  return components;
}

namespace {

/// `rate_limit`: {limit, period}, or null for none.
void read_rate(body_reader& in, fault_list& faults, key_limit& current) {
  if (in.is_null("rate_limit")) {
    current.rate = 0;
    current.period = duration{0};
  }
  const auto given = in.object("rate_limit");
  if (!given)
    return;
  body_reader inner{*given, in.location_of("rate_limit"), faults};
  inner.require("limit");
  inner.require("period");
  current.rate = static_cast<int>(inner.integer("limit", {1, rate_max}).value_or(1));
  current.period = inner.length("period", milliseconds{1}, hours{24}).value_or(milliseconds{1});
  inner.finish();
}

}  // namespace

key_limit read_key_limit(body_reader& in, fault_list& faults, key_limit current) {
  const bool is_new = current.key.empty();
  const auto key = in.text("concurrency_key", {1, key_bytes_max});
  update(in, "concurrency_key", current.key, key, std::string{});
  const auto concurrency = in.integer("concurrency_limit", {1, concurrency_max});
  read_rate(in, faults, current);
  if (concurrency)
    current.concurrency = static_cast<int>(*concurrency);
  else if (is_new || in.is_null("concurrency_limit") || in.is_null("rate_limit"))
    current.concurrency = current.rate > 0 ? 0 : std::max(current.concurrency, 1);
  if (!current.key.empty() || in.has("concurrency_key"))
    return current;
  for (const auto* const name : {"concurrency_limit", "rate_limit"})
    if (in.has(name))
      in.refuse(name, "needs a concurrency_key");
  return {};
}

}  // namespace carillon::http
