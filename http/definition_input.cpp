#include "http/definition_input.hpp"

#include <algorithm>
#include <limits>

#include "http/agent_lookup.hpp"
#include "http/body_reader.hpp"
#include "http/pipeline_input.hpp"
#include "http/work_input.hpp"

namespace carillon::http {
namespace {

using std::chrono::seconds;

constexpr std::size_t title_max = 200;
constexpr std::size_t description_max = 2'000;
constexpr std::size_t key_max = 100;
constexpr std::size_t reason_max = 200;
constexpr std::size_t expr_bytes_max = 8'192;
constexpr std::size_t timezone_bytes_max = 255;
constexpr std::int64_t dedupe_window_max = 365 * 24 * 3600;
constexpr std::int64_t retries_max = 10;
constexpr int retries_default = 3;

constexpr retry_policy definition_retry{retries_default, backoff_kind::exponential_jitter,
                                        seconds{1}, seconds{60}};

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

/// A text that is counted in characters, as people do.
std::optional<std::string> characters(body_reader& in, std::string_view name, std::size_t min,
                                      std::size_t max) {
  auto text = in.text(name, {min, std::numeric_limits<std::size_t>::max()});
  if (text && characters_in(*text) > max) {
    in.refuse(name, "must have at most " + std::to_string(max) + " characters", *text);
    return std::nullopt;
  }
  return text;
}

// -- parts of a definition -----------------------------------------------------
// Each reads fields onto what is there: any() tells a field that is null, and so goes back to its
// default, from one that is absent and stays.

void read_names(body_reader& in, schedule_spec& spec) {
  spec.name = characters(in, "title", 1, title_max).value_or(spec.name);
  spec.description = characters(in, "description", 1, description_max).value_or(spec.description);
  const auto creator = in.text("created_by", {0, key_max});
  if (!creator)
    return;
  if (auto id = parse_agent_id(*creator))
    spec.created_by = *std::move(id);
  else
    in.refuse("created_by", "must be the UUID of an agent", *creator);
}

void read_kind(body_reader& in, definition_input& to) {
  const auto word = in.text("schedule_kind", {0, key_max});
  if (!word) {
    to.has_rule = to.has_rule && !in.any("schedule_kind");
    return;
  }
  const auto kind = parse_requested_kind(*word);
  if (!kind) {
    in.refuse("schedule_kind", "must be cron, rrule, once, event or manual", *word);
    to.has_rule = false;
    return;
  }
  if (*kind != to.spec.kind)
    to.spec.expr.clear();  // an expression of another kind means nothing
  to.spec.kind = *kind;
}

void read_expr(body_reader& in, definition_input& to) {
  const auto given = in.any("schedule_expr");
  if (given) {
    const auto text = in.text("schedule_expr", {0, expr_bytes_max});
    to.spec.expr = text.value_or("");
    to.has_rule = to.has_rule && (text || given->kind == json::kind::null);
  }
  const auto kind = to.spec.kind;
  const bool is_needed =
      kind == schedule_kind::cron || kind == schedule_kind::rrule || kind == schedule_kind::once;
  if (!to.has_rule || !is_needed || !to.spec.expr.empty())
    return;
  to.has_rule = false;
  in.refuse("schedule_expr", "is required for cron, rrule and once");
}

void read_rule(body_reader& in, definition_input& to) {
  read_kind(in, to);
  read_expr(in, to);
  update(in, "timezone", to.spec.timezone, in.text("timezone", {1, timezone_bytes_max}),
         std::string{"UTC"});
}

void read_payload(body_reader& in, schedule_spec& spec, const pipeline_rules& rules,
                  fault_list& faults) {
  const auto payload = in.any("payload");
  if (!payload || payload->kind == json::kind::null)
    return;
  if (!spec.work.runs_pipeline)
    return in.refuse("payload", "is not a pipeline here: change it at /v1/schedules", payload->raw);
  check_pipeline(*payload, rules, in.location_of("payload"), faults);
  spec.work.payload = payload->raw;
}

void read_backoff(body_reader& in, retry_policy& retry) {
  const auto word = in.text("backoff_strategy", {0, key_max});
  const auto kind = word ? parse_backoff_kind(*word) : std::nullopt;
  const bool is_known = kind == backoff_kind::exponential_jitter || kind == backoff_kind::linear
                        || kind == backoff_kind::fixed;
  if (word && !is_known)
    in.refuse("backoff_strategy", "must be exponential_jitter, linear or fixed", *word);
  else
    update(in, "backoff_strategy", retry.backoff, kind, definition_retry.backoff);
}

void read_limits(body_reader& in, schedule_spec& spec) {
  auto& work = spec.work;
  update_number(in, "priority", work.priority, {1, 9}, priority_default);
  update_number(in, "max_retries", work.retry.retries_max, {0, retries_max}, retries_default);
  read_backoff(in, work.retry);
  update(in, "dedupe_key", spec.dedupe_key, characters(in, "dedupe_key", 0, key_max), {});
  auto window = std::chrono::duration_cast<seconds>(spec.dedupe_window).count();
  update_number(in, "dedupe_window_seconds", window, {0, dedupe_window_max}, {});
  spec.dedupe_window = seconds{window};
  update(in, "concurrency_key", work.limit.key, characters(in, "concurrency_key", 0, key_max), {});
  if (work.limit.key.empty())
    work.limit = {};
}

/// `is_new`: what is required must be there. Otherwise it must not be null.
definition_input read_fields(const json::value& body, const schedule_spec& before,
                             const pipeline_rules& rules, bool is_new) {
  definition_input to{before, {}};
  body_reader in{body, "body", to.faults};
  for (const auto* name : {"title", "description", "schedule_kind", "payload", "created_by"})
    if (is_new || in.any(name))
      in.require(name);
  if (is_new && !in.has("schedule_kind"))
    to.has_rule = false;
  read_names(in, to.spec);
  read_rule(in, to);
  read_payload(in, to.spec, rules, to.faults);
  read_limits(in, to.spec);
  in.finish();
  return to;
}

}  // namespace

rule_locations definition_locations() {
  return {"body.schedule_expr", "body.timezone"};
}

schedule_spec definition_defaults() {
  schedule_spec spec;
  spec.work.runs_pipeline = true;
  spec.work.retry = definition_retry;
  return spec;
}

definition_input read_definition(const json::value& body, const pipeline_rules& rules) {
  return read_fields(body, definition_defaults(), rules, true);
}

definition_input read_changes(const json::value& body, const schedule_spec& before,
                              const pipeline_rules& rules) {
  return read_fields(body, before, rules, false);
}

void check_creator(bool is_known, definition_input& input) {
  if (!is_known)
    input.faults.add("body.created_by", std::string{unknown_agent}, input.spec.created_by);
}

void check_moments(const scheduler& core, instant anchor, definition_input& input) {
  if (!input.has_rule)
    return;
  const auto& spec = input.spec;
  const auto rule =
      core.compile({spec.kind, spec.expr, spec.timezone, spec.dst, anchor}, definition_locations());
  if (rule)
    return;
  for (const auto& each : rule.error().faults)
    input.faults.add(each.location, each.message, each.value);
}

schedule_patch patch_of(std::string body, const pipeline_rules& rules) {
  schedule_patch patch;
  patch.locations = definition_locations();
  patch.apply = [body = std::move(body),
                 rules](const schedule_spec& now) -> expected<schedule_spec> {
    const auto root = read_object(body);
    if (!root)
      return root.error();
    auto changed = read_changes(*root, now, rules);
    if (!changed.faults.empty())
      return std::move(changed.faults).to_problem();
    return std::move(changed.spec);
  };
  return patch;
}

expected<snooze_input> read_snooze(std::string_view body) {
  const auto root = read_object(body, true);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  in.require("delay_seconds");
  const auto most = std::chrono::duration_cast<seconds>(snooze_max).count();
  snooze_input input;
  input.delay = seconds{in.integer("delay_seconds", {1, most}).value_or(1)};
  input.reason = characters(in, "reason", 0, reason_max).value_or("");
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return input;
}

}  // namespace carillon::http
