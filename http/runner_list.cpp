#include "http/runner_list.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <limits>

#include "http/lists.hpp"
#include "http/text.hpp"

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 1'000;
constexpr std::size_t page_end_max = 100'000;
/// Kept beyond the page's end before it is sorted out what lies behind it.
constexpr std::size_t slack = 1'000;

constexpr std::array<std::string_view, 6> sort_words{"task_name", "status",   "start_at",
                                                     "exit_code", "duration", "created_at"};
constexpr std::array<std::string_view, 4> trigger_words{"cron", "api", "service", "startup"};
constexpr std::array<std::string_view, 2> direction_words{"asc", "desc"};

std::vector<std::string_view> statuses_of(std::string_view word) {
  for (const auto known : runner_status_words())
    if (known == word)
      return {known};
  return {};
}

/// What did not begin comes before all that did; what has not ended lasts longest.
duration length_of(const runner_run& run) {
  if (!run.start_at)
    return duration{-1};
  return run.end_at ? *run.end_at - *run.start_at : duration::max();
}

std::strong_ordering compare(runner_sort by, const runner_run& one, const runner_run& other) {
  switch (by) {
    case runner_sort::task_name:
      return one.task_name <=> other.task_name;
    case runner_sort::status:
      if (one.status != other.status)
        return one.status <=> other.status;
      return one.end_reason <=> other.end_reason;
    case runner_sort::start_at:
      return one.start_at.value_or(instant_min) <=> other.start_at.value_or(instant_min);
    case runner_sort::exit_code:
      return one.exit_code <=> other.exit_code;
    case runner_sort::duration:
      return length_of(one) <=> length_of(other);
    case runner_sort::created_at:
      break;
  }
  return one.created_at <=> other.created_at;
}

runner_filter read_filter(query_reader& query) {
  runner_filter filter;
  filter.task_name = query.text("task_name");
  filter.statuses = read_words(
      query, "status", statuses_of,
      "must be pending, running, ended or a reason such as success, failed, stopped, timeout or "
      "skipped, or several of them with commas");
  if (const auto at = query.one_of("triggered_by", trigger_words))
    filter.triggered_by = trigger_words.at(*at);
  filter.created_from = query.moment("created_after");
  filter.created_to = query.moment("created_before");
  constexpr query_reader::range codes{std::numeric_limits<std::int32_t>::min(),
                                      std::numeric_limits<std::int32_t>::max()};
  filter.exit_code_min = query.integer("exit_code_min", codes, codes.min);
  filter.exit_code_max = query.integer("exit_code_max", codes, codes.max);
  filter.retries_only = query.flag("retries_only", false);
  filter.search = to_lower(query.text("search").value_or(""));
  return filter;
}

}  // namespace

bool runner_filter::matches(const runner_run& run) const {
  const auto is_wanted = [&](std::string_view word) {
    return word == run.status || word == run.end_reason;
  };
  if (task_name && run.task_name != *task_name)
    return false;
  if (!statuses.empty() && std::ranges::none_of(statuses, is_wanted))
    return false;
  if (triggered_by && run.triggered_by != *triggered_by)
    return false;
  if ((created_from && run.created_at < *created_from)
      || (created_to && run.created_at > *created_to))
    return false;
  if (run.exit_code < exit_code_min || run.exit_code > exit_code_max)
    return false;
  if (retries_only && run.number == 1)
    return false;
  return search.empty() || to_lower(run.task_name).find(search) != std::string::npos
         || to_uuid(run.id).find(search) != std::string::npos;
}

runner_list read_runner_list(query_reader& query) {
  runner_list asked{.filter = read_filter(query)};
  if (const auto at = query.one_of("sort_field", sort_words))
    asked.by = static_cast<runner_sort>(*at);
  asked.is_rising = query.one_of("sort_direction", direction_words) == 0;
  asked.limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  asked.offset = static_cast<std::size_t>(query.offset());
  if (asked.offset > page_end_max - asked.limit)
    query.refuse("offset", "must, with limit, be at most " + std::to_string(page_end_max)
                               + ": narrow the filter");
  return asked;
}

// -- the page --------------------------------------------------------------------

bool runner_page::before(const runner_run& one, const runner_run& other) const {
  auto order = compare(asked_.by, one, other);
  if (order == 0)
    order = one.created_at <=> other.created_at;
  if (order == 0)
    order = one.id <=> other.id;
  return asked_.is_rising ? order < 0 : order > 0;
}

void runner_page::add(runner_run run) {
  has_seen_any_ = true;
  if (!asked_.filter.matches(run))
    return;
  ++total_;
  kept_.push_back(std::move(run));
  if (kept_.size() >= 2 * (asked_.offset + asked_.limit) + slack)
    drop_behind_page();
}

void runner_page::drop_behind_page() {
  const auto end = std::min(asked_.offset + asked_.limit, kept_.size());
  const auto middle = kept_.begin() + static_cast<std::ptrdiff_t>(end);
  std::ranges::nth_element(
      kept_, middle, [this](const auto& one, const auto& other) { return before(one, other); });
  kept_.erase(middle, kept_.end());
}

std::vector<runner_run> runner_page::take() {
  drop_behind_page();
  std::ranges::sort(kept_,
                    [this](const auto& one, const auto& other) { return before(one, other); });
  const auto begin = std::min(asked_.offset, kept_.size());
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(begin));
  return std::move(kept_);
}

}  // namespace carillon::http
