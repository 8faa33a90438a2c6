#include "storage/list_entries.hpp"

#include <algorithm>

#include "storage/keys.hpp"
#include "storage/list_keys.hpp"

namespace carillon::storage {
namespace {

/// Calls `visit(tag)` for each, once.
template <class Visitor>
void for_each_tag(const task_spec& spec, Visitor visit) {
  for (auto tag = spec.tags.begin(); tag != spec.tags.end(); ++tag)
    if (std::find(spec.tags.begin(), tag, *tag) == tag)
      visit(*tag);
}

void count_in_lists(const task_spec& spec, task_status status, int delta, change_set& out) {
  for_each_tag(spec, [&](const auto& tag) { out.count(keys::count_of_tag(tag, status), delta); });
  if (!spec.created_by.empty())
    out.count(keys::count_of_creator(spec.created_by, status), delta);
}

void count_in_spans(const task_id& id, int delta, change_set& out) {
  const auto millisecond = static_cast<std::uint64_t>(moment_of(id).time_since_epoch().count());
  for (unsigned level = 0; level < keys::span_levels; ++level)
    out.count(keys::count_of_span(level, millisecond >> keys::span_shift(level)), delta);
}

std::optional<end_reason> listed_reason(const index_facts& facts) {
  return facts.reason == end_reason::success ? std::nullopt : facts.reason;
}

void encode_reason(const task_id& id, const std::optional<index_facts>& before,
                   const index_facts& after, change_set& out) {
  const auto reason_before = before ? listed_reason(*before) : std::nullopt;
  const auto reason_after = listed_reason(after);
  if (reason_before == reason_after && (!before || before->status == after.status))
    return;
  if (reason_before) {
    out.erase(space::index, keys::reason_entry(id, *reason_before));
    out.count(keys::count_of_reason(*reason_before, before->status), -1);
  }
  if (reason_after) {
    out.put(space::index, keys::reason_entry(id, *reason_after), {});
    out.count(keys::count_of_reason(*reason_after, after.status), 1);
  }
}

}  // namespace

void encode_list_entries(const task& subject, const std::optional<index_facts>& before,
                         const index_facts& after, change_set& out) {
  const auto& spec = *subject.spec;
  if (!before) {
    for_each_tag(spec, [&](const auto& tag) {
      out.put(space::index, keys::tag_entry(subject.id, tag), {});
    });
    if (!spec.created_by.empty())
      out.put(space::index, keys::creator_entry(subject.id, spec.created_by), {});
    count_in_spans(subject.id, 1, out);
  }
  encode_reason(subject.id, before, after, out);
  if (before && before->status == after.status)
    return;
  if (before)
    count_in_lists(spec, before->status, -1, out);
  count_in_lists(spec, after.status, 1, out);
}

void encode_list_removal(const task& subject, const index_facts& before, change_set& out) {
  const auto& spec = *subject.spec;
  for_each_tag(spec,
               [&](const auto& tag) { out.erase(space::index, keys::tag_entry(subject.id, tag)); });
  if (!spec.created_by.empty())
    out.erase(space::index, keys::creator_entry(subject.id, spec.created_by));
  count_in_spans(subject.id, -1, out);
  count_in_lists(spec, before.status, -1, out);
  if (const auto reason = listed_reason(before)) {
    out.erase(space::index, keys::reason_entry(subject.id, *reason));
    out.count(keys::count_of_reason(*reason, before.status), -1);
  }
}

std::string value_of_status(const index_facts& facts) {
  return facts.ended_at ? keys::moment_value(*facts.ended_at) : std::string{};
}

}  // namespace carillon::storage
