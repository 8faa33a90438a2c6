#include "http/schedule_input.hpp"

#include <array>

#include "http/agent_lookup.hpp"
#include "http/work_input.hpp"
#include "model/duration.hpp"

namespace carillon::http {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t title_bytes_max = 200;
constexpr std::size_t description_bytes_max = 2'000;
constexpr std::size_t expr_bytes_max = 10'000;
constexpr std::size_t timezone_bytes_max = 100;
constexpr std::size_t dedupe_key_bytes_max = 100;
constexpr std::int64_t keep_runs_max = 1'000'000;
constexpr seconds dedupe_window_max = hours{24 * 365};

/// What an answer shows and no request can set.
constexpr std::array<std::string_view, 7> server_fields{
    "id",         "status",    "next_execution_at", "last_execution_at", "execution_count",
    "created_at", "updated_at"};

/// A field of one word of an enumeration.
template <class Enum>
std::optional<Enum> read_word(body_reader& in, std::string_view name,
                              std::optional<Enum> (*parse)(std::string_view),
                              std::string_view wanted) {
  const auto word = in.text(name, {1, 64});
  if (!word)
    return std::nullopt;
  const auto known = parse(*word);
  if (!known)
    in.refuse(name, "must be " + std::string{wanted}, *word);
  return known;
}

void refuse_server_fields(body_reader& in) {
  for (const auto name : server_fields)
    if (const auto given = in.any(name))
      in.refuse(name, "is set by the server", given->raw);
}

}  // namespace

schedule_spec native_schedule_defaults() {
  schedule_spec spec;
  spec.lead = minutes{5};
  spec.catch_up = {catch_up_policy::all, hours{1}, 100};
  spec.overlap.policy = overlap_policy::skip;
  spec.work.retry = native_retry;
  return spec;
}

// -- when it fires ----------------------------------------------------------------

namespace {

std::optional<dst_gap> parse_gap(std::string_view word) {
  if (word == "after")
    return dst_gap::after;
  return word == "skip" ? std::optional{dst_gap::skip} : std::nullopt;
}

std::optional<dst_repeat> parse_repeat(std::string_view word) {
  if (word == "first")
    return dst_repeat::first;
  if (word == "second")
    return dst_repeat::second;
  return word == "both" ? std::optional{dst_repeat::both} : std::nullopt;
}

dst_rules read_dst(body_reader& in, fault_list& faults) {
  const auto given = in.object("dst");
  if (!given)
    return {};
  dst_rules rules;
  body_reader inner{*given, in.location_of("dst"), faults};
  rules.gap = read_word(inner, "gap", parse_gap, "after or skip").value_or(rules.gap);
  rules.repeat =
      read_word(inner, "repeat", parse_repeat, "first, second or both").value_or(rules.repeat);
  inner.finish();
  return rules;
}

void read_window(body_reader& in, schedule_spec& spec) {
  update(in, "start_at", spec.start_at, in.moment("start_at"));
  update(in, "end_at", spec.end_at, in.moment("end_at"));
  if (spec.start_at && spec.end_at && *spec.end_at < *spec.start_at)
    in.refuse(in.has("end_at") ? "end_at" : "start_at", "end_at must not lie before start_at",
              format_instant(in.has("end_at") ? *spec.end_at : *spec.start_at));
}

/// `cron` says the kind and the expression in one.
void read_cron(body_reader& in, schedule_spec& spec) {
  for (const auto* const other : {"schedule_kind", "schedule_expr"})
    if (in.has(other))
      in.refuse(other, "cannot be given together with cron");
  if (auto expr = in.text("cron", {1, expr_bytes_max}))
    spec.expr = *std::move(expr);
  spec.kind = schedule_kind::cron;
}

void read_kind_and_expr(body_reader& in, schedule_spec& spec, reading how) {
  const auto kind =
      read_word(in, "schedule_kind", parse_requested_kind, "cron, rrule, once, event or manual");
  const bool is_other_kind = how == reading::whole || (kind && *kind != spec.kind);
  spec.kind = kind.value_or(spec.kind);
  if (how == reading::whole)
    in.require("schedule_kind");
  auto expr = in.text("schedule_expr", {0, expr_bytes_max});
  if (is_other_kind || in.is_null("schedule_expr"))
    spec.expr.clear();
  if (expr)
    spec.expr = *std::move(expr);
  const bool knows_kind = kind || how == reading::change;
  if (!knows_kind || (in.has("schedule_expr") && !expr))
    return;
  if (spec.kind == schedule_kind::manual && !spec.expr.empty())
    in.refuse("schedule_expr", "must be left out: nothing but a request runs a manual schedule");
  else if (spec.kind != schedule_kind::manual && spec.expr.empty())
    in.refuse("schedule_expr", "is required");
}

}  // namespace

rule_locations locate_rule(body_reader& in) {
  const auto* expr = "timezone";  // an expression that is not in the body fails by its zone alone
  if (in.has("cron"))
    expr = "cron";
  else if (in.has("schedule_kind") || in.has("schedule_expr"))
    expr = "schedule_expr";
  return {in.location_of(expr), in.location_of("timezone")};
}

void read_rule(body_reader& in, fault_list& faults, schedule_spec& spec, reading how) {
  const bool has_kind = in.has("schedule_kind") || in.any("schedule_expr");
  if (in.has("cron"))
    read_cron(in, spec);
  else if (has_kind)
    read_kind_and_expr(in, spec, how);
  else if (how == reading::whole || (in.is_null("cron") && spec.kind == schedule_kind::cron))
    in.refuse("cron", "is required, or schedule_kind with schedule_expr");
  if (how == reading::whole && (in.has("cron") || !has_kind))
    in.require("timezone");
  update(in, "timezone", spec.timezone, in.text("timezone", {1, timezone_bytes_max}),
         std::string{"UTC"});
  if (in.any("dst"))
    spec.dst = read_dst(in, faults);
  read_window(in, spec);
}

void check_rule(const api& with, const schedule_spec& spec, const rule_locations& locations,
                fault_list& faults) {
  const auto kind = spec.expr.empty() ? schedule_kind::manual : spec.kind;  // missing: told already
  const auto rule =
      with.core.compile({kind, spec.expr, spec.timezone, spec.dst, with.core.now()}, locations);
  if (!rule)
    for (const auto& each : rule.error().faults)
      faults.add(each.location, each.message, each.value);
}

// -- what becomes of its moments ----------------------------------------------------

namespace {

/// A length, seconds, or null for any age.
void read_window_of_catch_up(body_reader& in, catch_up_rules& rules) {
  const auto* const name = "catch_up_window";
  const auto given = in.any(name);
  if (!given)
    return;
  if (given->kind == json::kind::null)
    rules.window.reset();
  else if (given->kind == json::kind::number)
    rules.window = seconds{
        in.integer(name, {0, std::chrono::floor<seconds>(duration_max).count()}).value_or(0)};
  else
    rules.window = in.length(name, duration{0}, duration_max);
}

}  // namespace

void read_moment_policies(body_reader& in, schedule_spec& spec) {
  const auto defaults = native_schedule_defaults();
  update(in, "catch_up", spec.catch_up.policy,
         read_word(in, "catch_up", parse_catch_up_policy, "latest, all or skip"),
         defaults.catch_up.policy);
  read_window_of_catch_up(in, spec.catch_up);
  update_number(in, "catch_up_limit", spec.catch_up.limit, {1, catch_up_limit_max},
                defaults.catch_up.limit);
  update(in, "on_overlap", spec.overlap.policy,
         read_word(in, "on_overlap", parse_overlap_policy, "queue, skip, terminate or allow"),
         defaults.overlap.policy);
  update_number(in, "parallelism", spec.overlap.parallelism, {1, parallelism_max},
                defaults.overlap.parallelism);
  update_number(in, "queue_limit", spec.overlap.queue_limit, {0, queue_limit_max},
                defaults.overlap.queue_limit);
  update(in, "lead", spec.lead, in.length("lead", duration{0}, lead_max), defaults.lead);
  update(in, "jitter", spec.jitter, in.length("jitter", duration{0}, jitter_max), defaults.jitter);
  update(in, "dedupe_key", spec.dedupe_key, in.text("dedupe_key", {1, dedupe_key_bytes_max}), {});
  const auto window = in.integer("dedupe_window_seconds", {0, dedupe_window_max.count()});
  update(in, "dedupe_window_seconds", spec.dedupe_window,
         window ? std::optional<duration>{seconds{*window}} : std::nullopt, duration{0});
}

// -- whole bodies ---------------------------------------------------------------------

namespace {

/// `enabled: null` is its default.
std::optional<bool> read_enabled(body_reader& in) {
  return in.is_null("enabled") ? true : in.flag("enabled");
}

/// All but `enabled` and `created_by`.
void read_definition(const api& with, body_reader& in, fault_list& faults, schedule_spec& spec,
                     reading how) {
  refuse_server_fields(in);
  read_rule(in, faults, spec, how);
  read_template(with, in, faults, spec.work, how);
  update(in, "name", spec.name, in.text("name", {0, title_bytes_max}), {});
  update(in, "description", spec.description, in.text("description", {0, description_bytes_max}),
         {});
  read_moment_policies(in, spec);
  update(in, "keep_runs", spec.keep.runs, in.integer("keep_runs", {1, keep_runs_max}));
  update(in, "keep_for", spec.keep.age, in.length("keep_for", duration{1}, duration_max));
}

std::string read_creator(body_reader& in, bool is_known) {
  const auto text = in.text("created_by", {1, 64});
  if (!text)
    return {};
  const auto id = parse_agent_id(*text);
  if (!id)
    in.refuse("created_by", "must be the UUID of an agent", *text);
  else if (!is_known)
    in.refuse("created_by", std::string{unknown_agent}, *text);
  return id.value_or("");
}

/// A rule that is the only fault is found where it is put to use; beside others it is told here.
expected<void> finished(const api& with, body_reader& in, fault_list& faults,
                        const schedule_spec& read) {
  in.finish();
  if (faults.empty())
    return {};
  check_rule(with, read, locate_rule(in), faults);
  return std::move(faults).to_problem();
}

expected<schedule_spec> changed(const api& with, const json::value& root, schedule_spec spec) {
  fault_list faults;
  body_reader in{root, "body", faults};
  read_definition(with, in, faults, spec, reading::change);
  read_enabled(in);
  if (const auto creator = in.any("created_by"))
    in.refuse("created_by", "cannot be changed", creator->raw);
  if (auto checked = finished(with, in, faults, spec); !checked)
    return std::move(checked).error();
  return spec;
}

}  // namespace

expected<new_schedule> read_new_schedule(const api& with, std::string_view body,
                                         bool knows_creator) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  auto spec = native_schedule_defaults();
  read_definition(with, in, faults, spec, reading::whole);
  spec.created_by = read_creator(in, knows_creator);
  const auto enabled = read_enabled(in);
  if (auto checked = finished(with, in, faults, spec); !checked)
    return std::move(checked).error();
  return new_schedule{std::make_shared<const schedule_spec>(std::move(spec)),
                      enabled.value_or(true), locate_rule(in)};
}

expected<std::optional<schedule_patch>> read_schedule_patch(const api& with, std::string body) {
  const auto kept = std::make_shared<const std::string>(std::move(body));
  const auto root = read_object(*kept);
  if (!root)
    return root.error();
  if (json::members(*root).empty())
    return std::optional<schedule_patch>{};
  fault_list told_by_apply;
  body_reader in{*root, "body", told_by_apply};
  return std::optional{schedule_patch{
      [&with, kept, root = *root](const schedule_spec& now) { return changed(with, root, now); },
      read_enabled(in), locate_rule(in)}};
}

}  // namespace carillon::http
