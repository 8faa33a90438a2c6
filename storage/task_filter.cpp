#include "storage/task_filter.hpp"

#include <algorithm>
#include <string_view>

#include "storage/match_words.hpp"
#include "storage/schedule_store.hpp"

namespace carillon::storage {
namespace {

constexpr std::size_t titles_max = 10'000;
constexpr std::size_t steps_between_questions = 4'096;

template <class Value>
bool is_one_of(const std::vector<Value>& wanted, const Value& found) {
  return wanted.empty() || std::ranges::find(wanted, found) != wanted.end();
}

bool holds_text(const task_spec& spec, std::string_view text) {
  return contains(spec.task_type, text) || contains(spec.payload, text)
         || contains(spec.unique_id, text) || (spec.target && contains(spec.target->url, text))
         || std::ranges::any_of(spec.tags, [&](const auto& tag) { return contains(tag, text); });
}

bool state_matches(const task_filter& filter, const task& subject) {
  if (!is_one_of(filter.statuses, status_of(subject)))
    return false;
  if (filter.reasons.empty() && filter.ended.empty())
    return true;
  const auto* end = std::get_if<ended>(&subject.state);
  return end != nullptr && is_one_of(filter.reasons, end->reason) && filter.ended.holds(end->at);
}

bool origin_matches(const task_filter& filter, const task_spec& spec) {
  if (!filter.schedules.empty() && !(spec.schedule && is_one_of(filter.schedules, *spec.schedule)))
    return false;
  if (!filter.batches.empty() && !(spec.batch && is_one_of(filter.batches, spec.batch->batch)))
    return false;
  if (filter.is_scheduled && (spec.schedule.has_value() != *filter.is_scheduled || is_errand(spec)))
    return false;
  if (filter.is_command && (!spec.command || is_errand(spec)))
    return false;
  return is_one_of(filter.created_by, spec.created_by);
}

}  // namespace

bool task_matcher::title_holds(const schedule_id& maker) {
  if (const auto known = titles_.find(maker); known != titles_.end())
    return known->second;
  const auto found = schedule_store{disk_}.load(maker);
  if (titles_.size() >= titles_max)
    titles_.clear();
  return titles_[maker] = found && *found && contains((*found)->spec->name, *filter_.text);
}

bool task_matcher::operator()(const task& subject) {
  const auto& spec = *subject.spec;
  const auto has_tag = [&](const auto& tag) {
    return std::ranges::find(spec.tags, tag) != spec.tags.end();
  };
  if (!state_matches(filter_, subject) || !origin_matches(filter_, spec)
      || !is_one_of(filter_.task_types, spec.task_type))
    return false;
  if (!filter_.tags.empty() && std::ranges::none_of(filter_.tags, has_tag))
    return false;
  if (!filter_.created.holds(moment_of(subject.id)) || !filter_.planned.holds(spec.scheduled_for))
    return false;
  if (!payload_matches(filter_.payload, spec.payload))
    return false;
  return !filter_.text || holds_text(spec, *filter_.text)
         || (spec.schedule && title_holds(*spec.schedule));
}

bool search_bounds::go_on(std::size_t steps) {
  if (left_) {
    is_over_ = is_over_ || *left_ < steps;
    *left_ -= std::min(steps, *left_);
    return !is_over_;
  }
  unasked_ += steps;
  if (unasked_ >= steps_between_questions) {
    unasked_ = 0;
    is_over_ = is_over_ || (is_wanted_ && !is_wanted_());
  }
  return !is_over_;
}

}  // namespace carillon::storage
