#include <algorithm>
#include <string_view>
#include <utility>

#include "storage/counter.hpp"
#include "storage/keys.hpp"
#include "storage/merged_ids.hpp"
#include "storage/schedule_store.hpp"

// Lists of schedules.

namespace carillon::storage {
namespace {

template <class Value>
bool is_one_of(const std::vector<Value>& wanted, const Value& found) {
  return wanted.empty() || std::ranges::find(wanted, found) != wanted.end();
}

std::vector<schedule_status> statuses_of(const schedule_filter& filter) {
  if (!filter.statuses.empty())
    return filter.statuses;
  return {schedule_status::active, schedule_status::paused, schedule_status::ended,
          schedule_status::canceled};
}

bool holds_text(const schedule_spec& spec, std::string_view text) {
  return contains(spec.name, text) || contains(spec.description, text)
         || contains(spec.work.task_type, text) || contains(spec.work.payload, text)
         || std::ranges::any_of(spec.work.tags,
                                [&](const auto& tag) { return contains(tag, text); });
}

merged_ids candidates(const engine& disk, const schedule_filter& filter,
                      const std::optional<task_id>& behind) {
  std::vector<std::string> prefixes;
  for (unsigned shard = 0; shard < shard_count; ++shard)
    for (const auto status : statuses_of(filter))
      prefixes.push_back(keys::schedule_status_prefix(shard, status));
  return {disk, space::index, std::move(prefixes), behind};
}

/// No schedule that matches has this id or a larger one.
std::optional<task_id> bound_of(const schedule_filter& filter) {
  return filter.created.to ? std::optional{first_id_at(*filter.created.to)} : std::nullopt;
}

/// How many have these statuses and were made in the time.
std::int64_t count_indexed(const engine& disk, const schedule_filter& filter,
                           search_bounds& bounds) {
  std::int64_t total = 0;
  if (filter.created.empty()) {
    for (const auto status : statuses_of(filter))
      total += read_counter(disk, keys::counter(keys::count_of_schedules(status)));
    return total;
  }
  auto ids = candidates(disk, filter, bound_of(filter));
  for (auto id = ids.next(); id && bounds.go_on() && filter.created.holds(moment_of(*id));
       id = ids.next())
    ++total;
  return total;
}

}  // namespace

bool schedule_filter::needs_rows() const {
  return !kinds.empty() || !task_types.empty() || !tags.empty() || !created_by.empty()
         || !updated.empty() || !next.empty() || text || !payload.empty();
}

bool schedule_filter::matches(const schedule& subject) const {
  const auto& spec = *subject.spec;
  const auto has_tag = [&](const auto& tag) {
    return std::ranges::find(spec.work.tags, tag) != spec.work.tags.end();
  };
  return is_one_of(kinds, spec.kind) && is_one_of(task_types, spec.work.task_type)
         && is_one_of(created_by, spec.created_by)
         && (tags.empty() || std::ranges::any_of(tags, has_tag))
         && created.holds(moment_of(subject.id)) && updated.holds(subject.updated_at)
         && (next.empty() || (subject.next_at && next.holds(*subject.next_at)))
         && (!text || holds_text(spec, *text)) && payload_matches(payload, spec.work.payload);
}

expected<schedule_page> schedule_store::list(const schedule_filter& filter,
                                             const page_request& page,
                                             search_bounds& bounds) const {
  schedule_page shown;
  std::size_t skipped = 0;
  std::int64_t matches = 0;
  // What lies before the page is only looked at to be counted.
  const bool counts_all = page.counts && filter.needs_rows();
  auto behind = bound_of(filter);
  if (page.after && !counts_all && (!behind || *page.after < *behind))
    behind = page.after;
  auto ids = candidates(disk_, filter, behind);
  for (auto id = ids.next(); id && bounds.go_on(); id = ids.next()) {
    if (filter.created.from && moment_of(*id) < *filter.created.from)
      break;
    const bool is_before = page.after && *id >= *page.after;
    const bool is_skipped = skipped < page.offset || is_before;
    if (!filter.needs_rows() && is_skipped) {
      ++skipped;
      continue;
    }
    if (!filter.needs_rows() && shown.items.size() == page.limit) {
      shown.has_more = true;
      break;
    }
    bounds.go_on(steps_of_row);
    auto found = load(*id);
    if (!found)
      return found.error();
    if (!*found || !filter.matches(**found))
      continue;
    ++matches;
    if (is_skipped)
      skipped += is_before ? 0 : 1;
    else if (shown.items.size() < page.limit)
      shown.items.push_back(*std::move(*found));
    else if (shown.has_more = true; !counts_all)
      break;
  }
  if (page.counts)
    shown.total = counts_all ? matches : count_indexed(disk_, filter, bounds);
  return shown;
}

expected<schedule_page> schedule_store::list(const schedule_filter& filter,
                                             const page_request& page) const {
  search_bounds bounds;
  return list(filter, page, bounds);
}

}  // namespace carillon::storage
