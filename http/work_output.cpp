#include "http/work_output.hpp"

#include "model/duration.hpp"
#include "model/task_notices.hpp"

namespace carillon::http {

void add(json::writer& out, std::string_view name, const std::optional<instant>& when,
         fraction digits) {
  out.key(name);
  if (when)
    out.string(format_instant(*when, digits));
  else
    out.null();
}

void add_text(json::writer& out, std::string_view name, std::string_view text) {
  out.key(name);
  if (text.empty())
    out.null();
  else
    out.string(text);
}

void add_length(json::writer& out, std::string_view name, const std::optional<duration>& length) {
  out.key(name);
  if (length)
    out.string(format_duration(*length));
  else
    out.null();
}

void add_texts(json::writer& out, std::string_view name, const std::vector<std::string>& texts) {
  out.key(name).begin_array();
  for (const auto& text : texts)
    out.string(text);
  out.end_array();
}

void add_target(json::writer& out, const std::optional<http_target>& target) {
  out.key("target");
  if (!target) {
    out.null();
    return;
  }
  const bool is_signed_as_usual =
      target->secret.empty() && target->signature == signature_form::standard;
  if (target->method == "POST" && target->headers.empty() && is_signed_as_usual) {
    out.string(target->url);
    return;
  }
  out.begin_object();
  out.field("url", target->url);
  out.field("method", target->method);
  out.key("headers").begin_object();
  for (const auto& [name, value] : target->headers)
    out.field(name, value);
  out.end_object();
  if (!target->secret.empty())
    out.field("secret", target->secret);
  if (target->signature != signature_form::standard)
    out.field("signature", to_string(target->signature));
  out.end_object();
}

void add_notices(json::writer& out, const notice_rules& rules) {
  if (rules.urls.empty())
    return;
  out.key("notifications").begin_object();
  add_texts(out, "urls", rules.urls);
  out.key("events").begin_array();
  for (std::size_t at = 0; at < notice_count; ++at)
    if (const auto what = static_cast<notice>(at); rules.wants(what))
      out.string(to_string(what));
  out.end_array().end_object();
}

void add_command(json::writer& out, const command_ref& command) {
  if (!command)
    return;
  out.key("command").begin_object();
  add_texts(out, "args", command->args);
  add_text(out, "working_dir", command->directory);
  add_text(out, "user", command->user);
  out.end_object();
}

void add_retry(json::writer& out, const retry_policy& policy) {
  out.key("retry").begin_object();
  out.field("max_retries", policy.retries_max);
  out.field("backoff", to_string(policy.backoff));
  out.field("delay", format_duration(policy.delay));
  out.field("cap", format_duration(policy.cap));
  out.end_object();
}

void add_timeout(json::writer& out, duration timeout) {
  add_length(out, "timeout", timeout > duration{0} ? std::optional{timeout} : std::nullopt);
}

void add_key_limit(json::writer& out, const key_limit& limit) {
  if (limit.key.empty())
    return;
  out.field("concurrency_key", limit.key);
  if (limit.concurrency > 0)
    out.field("concurrency_limit", limit.concurrency);
  if (limit.rate == 0)
    return;
  out.key("rate_limit").begin_object();
  out.field("limit", limit.rate);
  out.field("period", format_duration(limit.period));
  out.end_object();
}

}  // namespace carillon::http
