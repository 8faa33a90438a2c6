#include "http/body_reader.hpp"
#include "http/schedule_input.hpp"
#include "http/schedule_output.hpp"
#include "http/tables.hpp"
#include "model/rule_words.hpp"

// The native surface: /v1/preview, for a rule that is not saved.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 10;
constexpr std::int64_t limit_max = 100;
constexpr std::size_t notes_max = 100;

struct preview_request {
  schedule_spec spec;
  instant from;
  std::size_t limit;
};

struct preview_answer {
  recurrence rule;
  std::vector<instant> shown;
  std::vector<rule_note> notes;
};

expected<preview_request> read_preview(const api& with, std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  preview_request wanted;
  read_rule(in, faults, wanted.spec, reading::whole);
  wanted.from = in.moment("start_from").value_or(with.core.now());
  wanted.limit =
      static_cast<std::size_t>(in.integer("limit", {1, limit_max}).value_or(limit_default));
  in.finish();
  check_rule(with, wanted.spec, locate_rule(in), faults);
  if (!faults.empty())
    return std::move(faults).to_problem();
  return wanted;
}

/// An interval and an rrule without DTSTART begin now, as if the schedule were made now.
schedule as_if_made_now(const api& with, const schedule_spec& spec) {
  schedule subject;
  subject.spec = std::make_shared<const schedule_spec>(spec);
  subject.created_at = with.core.now();
  return subject;
}

/// Up to where notes are told: the last moment shown, or the end when all are.
instant shown_until(const preview_request& wanted, const std::vector<instant>& shown) {
  if (shown.size() < wanted.limit && wanted.spec.end_at)
    return *wanted.spec.end_at;
  return shown.empty() ? wanted.from : shown.back();
}

preview_answer look_ahead(const preview_request& wanted, const schedule& subject, recurrence rule) {
  auto shown = upcoming({subject, rule}, wanted.from, wanted.limit);
  const auto from = std::max(wanted.from, wanted.spec.start_at.value_or(wanted.from));
  auto notes =
      notes_of(recurrence_spec_of(subject), rule, from, shown_until(wanted, shown), notes_max);
  return {std::move(rule), std::move(shown), std::move(notes)};
}

std::string write_preview(const recurrence_spec& spec, const preview_answer& found) {
  json::writer out;
  out.begin_object();
  out.field("timezone", spec.timezone);
  out.field("words", rule_in_words(spec));
  write_moments(out, found.rule.where(), found.shown);
  out.key("notes").begin_array();
  for (const auto& note : found.notes) {
    out.begin_object();
    out.field("kind", note.kind);
    out.field("at", format_instant(note.at));
    out.field("message", note.message);
    out.end_object();
  }
  out.end_array().end_object();
  return out.take();
}

void answer_preview(const api& with, const std::string& body, const responder& reply) {
  auto wanted = read_preview(with, body);
  if (!wanted)
    return reply(std::move(wanted).error());
  const auto subject = as_if_made_now(with, wanted->spec);
  const auto spec = recurrence_spec_of(subject);
  auto rule = with.core.compile(spec, {"body.schedule_expr", "body.timezone"});
  if (!rule)
    return reply(std::move(rule).error());
  reply(response{200, write_preview(spec, look_ahead(*wanted, subject, *std::move(rule)))});
}

void preview_rule(const api& with, const request& asked, responder reply) {
  // A rare rule takes a while to look through.
  with.core.run_aside([&with, body = asked.body, reply] { answer_preview(with, body, reply); });
}

constexpr route routes[] = {{"POST", "/v1/preview", preview_rule, access::any_token}};

}  // namespace

std::span<const route> preview_surface() {
  return routes;
}

}  // namespace carillon::http
