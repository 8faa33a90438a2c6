#include <algorithm>
#include <charconv>
#include <chrono>

#include "config/printable.hpp"
#include "model/json.hpp"
#include "model/rule_text.hpp"
#include "model/rule_words.hpp"
#include "model/schedule.hpp"
#include "tools/cli/answer_view.hpp"
#include "tools/cli/client.hpp"
#include "tools/cli/exit_code.hpp"
#include "tools/cli/local_commands.hpp"

namespace carillon::cli {
namespace {

constexpr std::size_t count_default = 10;
constexpr std::size_t count_max = 1'000;
constexpr std::size_t notes_max = 100;

struct question {
  schedule_spec spec;
  instant now;
  instant from;
  std::size_t count = count_default;
};

std::string text_or(const invocation& called, std::string_view field, std::string_view otherwise) {
  const auto* const given = called.find(field);
  return given == nullptr ? std::string{otherwise} : *given;
}

schedule_kind guess_kind(std::string_view expr) {
  std::string upper{expr};
  std::ranges::transform(upper, upper.begin(), [](char each) {
    return each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A') : each;
  });
  if (upper.find("FREQ=") != std::string::npos || upper.starts_with("DTSTART"))
    return schedule_kind::rrule;
  return read_once_text(expr) ? schedule_kind::once : schedule_kind::cron;
}

dst_repeat repeat_of(const std::string& word) {
  if (word == "second")
    return dst_repeat::second;
  return word == "both" ? dst_repeat::both : dst_repeat::first;
}

expected<question> read_question(const invocation& called) {
  fault_list faults;
  question asked;
  asked.now = std::chrono::floor<duration>(std::chrono::system_clock::now());
  asked.from = asked.now;
  asked.spec.expr = *called.find("expr");
  asked.spec.kind =
      parse_schedule_kind(text_or(called, "kind", "")).value_or(guess_kind(asked.spec.expr));
  asked.spec.timezone = text_or(called, "timezone", "UTC");
  asked.spec.dst.gap = text_or(called, "gap", "after") == "skip" ? dst_gap::skip : dst_gap::after;
  asked.spec.dst.repeat = repeat_of(text_or(called, "repeat", "first"));
  if (const auto* from = called.find("from")) {
    const auto read = parse_instant(*from);
    if (read)
      asked.from = *read;
    else
      faults.add("--from", read.error().detail, *from);
  }
  if (const auto* count = called.find("count")) {
    const auto end = count->data() + count->size();
    const auto read = std::from_chars(count->data(), end, asked.count);
    if (read.ec != std::errc{} || read.ptr != end || asked.count < 1 || asked.count > count_max)
      faults.add("--count", "must be a whole number from 1 to 1000", *count);
  }
  if (!faults.empty())
    return std::move(faults).to_problem();
  return asked;
}

/// As POST /v1/preview answers.
std::string write_answer(const recurrence_spec& spec, const zone& where,
                         const std::vector<instant>& all, const std::vector<rule_note>& notes) {
  json::writer out;
  out.begin_object().field("timezone", spec.timezone).field("words", rule_in_words(spec));
  out.key("executions").begin_array();
  for (const auto at : all)
    out.string(format_local(where, at));
  out.end_array().key("moments").begin_array();
  for (const auto at : all)
    out.begin_object()
        .field("at", format_instant(at))
        .field("local", format_local(where, at))
        .end_object();
  out.end_array().key("notes").begin_array();
  for (const auto& note : notes)
    out.begin_object()
        .field("kind", note.kind)
        .field("at", format_instant(note.at))
        .field("message", note.message)
        .end_object();
  return out.end_array().end_object().take();
}

}  // namespace

int preview(const invocation& called, const screen& on, const zone_source& zones) {
  const auto asked = read_question(called);
  if (!asked)
    return give_up(failure_of(asked.error()));
  schedule subject;
  subject.spec = std::make_shared<const schedule_spec>(asked->spec);
  subject.created_at = asked->now;
  const auto spec = recurrence_spec_of(subject);
  const auto rule = recurrence::compile(spec, zones, "EXPR", "--timezone");
  if (!rule)
    return give_up(failure_of(rule.error()));
  const auto all = upcoming({subject, *rule}, asked->from, asked->count);
  const auto notes =
      notes_of(spec, *rule, asked->from, all.empty() ? asked->from : all.back(), notes_max);
  const auto answer = write_answer(spec, rule->where(), all, notes);
  const bool has_words = called.options.as == output_form::text && !called.options.is_quiet;
  auto text = has_words ? printable(rule_in_words(spec)) + "\n" : "";
  text += show(called.what->shows, answer, called.options, on);
  for (const auto& note : has_words ? notes : std::vector<rule_note>{})
    text += "note: " + printable(note.message) + "\n";
  print(text);
  return exit_code::done;
}

}  // namespace carillon::cli
