#include "actors/schedule_prepare.hpp"

#include <utility>

#include "storage/schedule_store.hpp"

namespace carillon {
namespace {

expected<schedule_change> prepare_edit(const schedule_patch& patch, const schedule& subject,
                                       const recurrence& rule, const house& home,
                                       const storage::task_store& store) {
  auto spec = patch.apply(*subject.spec);
  if (!spec)
    return spec.error();
  const auto now = home.time->now();
  schedule_event::edit change{std::make_shared<const schedule_spec>(*std::move(spec)), rule,
                              subject.counted_last};
  change.enabled = patch.enabled;
  if (!schedule_lifecycle::same_rule(*change.spec, *subject.spec)) {
    auto compiled =
        compile_rule(*change.spec, subject.created_at, now, *home.zones, patch.locations);
    if (!compiled)
      return compiled.error();
    change.rule = *std::move(compiled);
    change.counted_last = change.rule.counted_last();
  }
  const storage::schedule_store schedules{store.disk()};
  // An earlier edit may have left some behind the cursor.
  for (const auto& known : schedules.recorded(subject.id, now, instant::max()))
    if (known.first > now)
      change.answered.push_back(known.first);
  return schedule_change{std::move(change)};
}

}  // namespace

preparation preparation_of(const std::variant<schedule_change, schedule_patch>& what,
                           const schedule_lifecycle::state& subject, const house& home) {
  if (const auto* patch = std::get_if<schedule_patch>(&what))
    return [patch = *patch, subject = subject.subject, rule = subject.rule,
            &home](const storage::task_store& store) {
      return prepare_edit(patch, subject, rule, home, store);
    };
  const auto* fill = std::get_if<schedule_event::backfill>(&std::get<schedule_change>(what));
  if (fill == nullptr)
    return nullptr;
  return [fill = *fill, id = subject.subject.id](
             const storage::task_store& store) mutable -> expected<schedule_change> {
    const storage::schedule_store schedules{store.disk()};
    fill.answered = schedules.recorded(id, fill.from, fill.to);
    return schedule_change{fill};
  };
}

expected<recurrence> compile_rule(const schedule_spec& spec, instant anchor, instant now,
                                  const zone_source& zones, const rule_locations& locations) {
  auto rule = recurrence::compile({spec.kind, spec.expr, spec.timezone, spec.dst, anchor}, zones,
                                  locations.expr, locations.timezone);
  if (!rule)
    return rule;
  if (has_moments(spec.kind) && !rule->next(now)) {
    fault_list faults;
    faults.add(locations.expr,
               spec.kind == schedule_kind::once ? "must be a time to come: this one has passed"
                                                : "has no moment left: all of them have passed",
               spec.expr);
    return std::move(faults).to_problem();
  }
  return rule;
}

expected<std::optional<schedule_lifecycle::state>> load_schedule(const storage::task_store& store,
                                                                 const zone_source& zones,
                                                                 const schedule_id& id) {
  const storage::schedule_store schedules{store.disk()};
  auto subject = schedules.load(id);
  if (!subject)
    return subject.error();
  if (!*subject)
    return std::optional<schedule_lifecycle::state>{};
  auto rule =
      recurrence::compile(recurrence_spec_of(**subject), zones, "schedule_expr", "timezone");
  if (!rule)
    return problem{problem_kind::corrupt,
                   "the rule of " + to_text(id) + " cannot be read: " + rule.error().detail};
  return std::optional{
      schedule_lifecycle::state{**std::move(subject), *std::move(rule), schedules.open_tasks(id)}};
}

}  // namespace carillon
