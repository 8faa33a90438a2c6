#include "model/single_rule.hpp"

#include <algorithm>
#include <string>

#include "model/duration.hpp"
#include "model/rule_text.hpp"

namespace carillon {

namespace {

using std::chrono::seconds;

constexpr std::size_t union_rules_max = 32;
constexpr std::size_t topic_bytes_max = 200;
constexpr duration every_min = seconds{1};

std::optional<moment> if_in_range(instant at) {
  if (at < instant_min || at > instant_max)
    return std::nullopt;
  return moment{at};
}

std::optional<moment> to_moment(const std::optional<wall_moment>& found) {
  return found ? std::optional{moment{found->at, found->runs}} : std::nullopt;
}

}  // namespace

// -- moments ------------------------------------------------------------------------------

std::optional<moment> every_rule::next(const zone&, instant after) const {
  const auto past = after < anchor ? 0 : (after - anchor) / length;
  return if_in_range(anchor + (past + 1) * length);
}

std::optional<moment> every_rule::previous(const zone&, instant before) const {
  if (before <= anchor + length)
    return std::nullopt;
  return if_in_range(anchor + (before - anchor - duration{1}) / length * length);
}

std::optional<moment> fixed_rule::next(const zone&, instant after) const {
  const auto found = std::find_if(moments.begin(), moments.end(),
                                  [after](const moment& each) { return each.at > after; });
  return found == moments.end() ? std::nullopt : std::optional{*found};
}

std::optional<moment> fixed_rule::previous(const zone&, instant before) const {
  const auto found = std::find_if(moments.rbegin(), moments.rend(),
                                  [before](const moment& each) { return each.at < before; });
  return found == moments.rend() ? std::nullopt : std::optional{*found};
}

// Moments of local rules are whole seconds, so rounding the question keeps it strict.

std::optional<moment> wall_rule::next(const zone& where, instant after) const {
  return to_moment(next_moment(local, where, dst, std::chrono::floor<seconds>(after)));
}

std::optional<moment> wall_rule::previous(const zone& where, instant before) const {
  return to_moment(previous_moment(local, where, dst, std::chrono::ceil<seconds>(before)));
}

namespace {

// -- reading --------------------------------------------------------------------------

problem refused(std::string_view location, std::string message, std::string_view value) {
  fault_list faults;
  faults.add(std::string{location}, std::move(message), value);
  return std::move(faults).to_problem();
}

expected<single_rule> read_every(std::string_view text, instant anchor, std::string_view location) {
  const auto length = parse_duration(text);
  if (!length)
    return refused(location, "what follows @every " + length.error().detail, text);
  if (*length < every_min)
    return refused(location, "@every must be at least 1s", text);
  return every_rule{anchor, *length};
}

expected<single_rule> read_cron(std::string_view text, const recurrence_spec& spec,
                                std::string_view location) {
  if (const auto length = after_every(text))
    return read_every(*length, spec.anchor, location);
  auto cron = cron_expression::parse(text, location);
  if (!cron)
    return cron.error();
  const auto dst = cron->is_interval() ? dst_rules{dst_gap::skip, dst_repeat::both} : spec.dst;
  return wall_rule{std::move(*cron), dst};
}

expected<single_rule> read_rrule(const recurrence_spec& spec, const zone& where,
                                 std::string_view location) {
  const auto anchor = std::chrono::floor<seconds>(spec.anchor);
  auto rule = rrule_set::parse(
      spec.expr, {&where, where.span_at(anchor).to_local(anchor), spec.counted_last}, location);
  if (!rule)
    return rule.error();
  return wall_rule{std::move(*rule), spec.dst};
}

expected<single_rule> read_once(const recurrence_spec& spec, const zone& where,
                                std::string_view location) {
  const auto text = read_once_text(spec.expr);
  if (!text)
    return refused(location,
                   "must be an instant such as 2030-12-25T09:00:00Z, or a local time such as "
                   "2030-12-25T09:00:00",
                   spec.expr);
  if (!text->is_local)
    return fixed_rule{{moment{text->at}}};
  const auto whole = std::chrono::floor<seconds>(text->at);
  const local_rule rule = single_time{local_seconds{whole.time_since_epoch()}};
  fixed_rule once;
  auto found =
      next_moment(rule, where, spec.dst, std::chrono::floor<seconds>(instant_min) - seconds{1});
  for (; found; found = next_moment(rule, where, spec.dst, found->at)) {
    const auto shown = found->at + where.span_at(found->at).offset;
    const auto rest = shown == whole ? text->at - whole : duration{0};  // none after a gap
    once.moments.push_back({found->at + rest, found->runs});
  }
  return once;
}

void add_all(fault_list& faults, const problem& cause, const std::string& which) {
  for (const auto& each : cause.faults)
    faults.add(each.location, which + each.message, each.value);
}

/// Whether the rule has a moment: a cron rule ahead of the anchor, since it has no beginning of its
/// own, every other one at any time.
bool fires(const single_rule& rule, const recurrence_spec& spec, const zone& where) {
  const auto from = spec.kind == schedule_kind::cron ? spec.anchor : instant_min - duration{1};
  return std::visit([&](const auto& of) { return of.next(where, from).has_value(); }, rule);
}

expected<single_rule> read_rule(std::string_view text, const recurrence_spec& spec,
                                const zone& where, std::string_view location) {
  auto rule = spec.kind == schedule_kind::cron    ? read_cron(text, spec, location)
              : spec.kind == schedule_kind::rrule ? read_rrule(spec, where, location)
                                                  : read_once(spec, where, location);
  if (rule && !fires(*rule, spec, where))
    return refused(location, "must be able to fire, but never does in " + where.name(), text);
  return rule;
}

void check_topic(std::string_view topic, std::string_view location, fault_list& faults) {
  const auto is_control = [](char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
  };
  // Without a topic it listens to nothing, until it is given one.
  if (topic.size() > topic_bytes_max || std::any_of(topic.begin(), topic.end(), is_control))
    faults.add(std::string{location}, "must be a topic of at most 200 printable characters", topic);
}

}  // namespace

std::vector<single_rule> read_rules(const recurrence_spec& spec, const zone& where,
                                    std::string_view location, fault_list& faults) {
  if (spec.kind == schedule_kind::event)
    check_topic(spec.expr, location, faults);
  const bool is_bare = spec.kind == schedule_kind::manual || spec.kind == schedule_kind::service;
  if (is_bare && !spec.expr.empty())
    faults.add(std::string{location}, "must be empty: only calls start it", spec.expr);
  if (!has_moments(spec.kind))
    return {};

  const auto texts = spec.kind == schedule_kind::cron ? union_parts(spec.expr)
                                                      : std::vector<std::string_view>{spec.expr};
  if (texts.size() > union_rules_max) {
    faults.add(std::string{location}, "must be at most 32 expressions joined by |", spec.expr);
    return {};
  }
  std::vector<single_rule> rules;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto rule = read_rule(texts[i], spec, where, location);
    if (rule)
      rules.push_back(std::move(*rule));
    else
      add_all(faults, rule.error(),
              texts.size() > 1 ? "expression " + std::to_string(i + 1) + ": " : std::string{});
  }
  return rules;
}

}  // namespace carillon
