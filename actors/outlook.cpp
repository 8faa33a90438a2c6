#include "actors/outlook.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "storage/schedule_store.hpp"

namespace carillon {
namespace {

/// When a task that waits will begin; empty: it waits for no time.
std::optional<instant> begin_of(const task& subject) {
  if (std::holds_alternative<scheduled>(subject.state))
    return due_at(subject);
  if (const auto* again = std::get_if<retrying>(&subject.state))
    return again->due_at;
  return std::nullopt;
}

task_ptr load_task(const storage::task_store& store, const task_id& id) {
  auto found = store.load_record(id);
  return found && *found ? std::make_shared<const task>(**std::move(found)) : nullptr;
}

/// The schedule and its moments; empty for one that cannot be read or fires no more.
std::optional<std::pair<schedule_ptr, moments>> load_rule(const storage::task_store& store,
                                                          const zone_source& zones,
                                                          const schedule_id& id) {
  auto found = storage::schedule_store{store.disk()}.load(id);
  if (!found || !*found || (*found)->status != schedule_status::active
      || !has_moments((*found)->spec->kind))
    return std::nullopt;
  auto subject = std::make_shared<const schedule>(**std::move(found));
  auto rule = recurrence::compile(recurrence_spec_of(*subject), zones, "", "");
  if (!rule)
    return std::nullopt;
  moments all{*subject, *std::move(rule)};
  return std::pair{std::move(subject), std::move(all)};
}

}  // namespace

// -- upcoming -------------------------------------------------------------------

bool upcoming_job::later::operator()(const planned_item& one, const planned_item& other) const {
  return std::tie(one.at, one.id) > std::tie(other.at, other.id);
}

upcoming_job::upcoming_job(const storage::task_store& store, const zone_source& zones,
                           upcoming_request asked)
    : store_{store}, zones_{zones}, asked_{std::move(asked)}, due_{store.disk()} {
  if (asked_.behind)
    asked_.from = std::max(asked_.from, asked_.behind->first);
}

/// A schedule wakes no later than its next moment comes, so what has not been woken up to a moment
/// has none before it.
bool upcoming_job::work(std::size_t steps) {
  for (; steps > 0; --steps) {
    if (++steps_ > steps_max) {
      page_.is_cut = true;
      return true;
    }
    const auto head = due_.peek();
    const bool is_next =
        head && head->moment < asked_.to && (heap_.empty() || head->moment <= heap_.front().at);
    if (is_next) {
      look_at(*head);
      due_.pop();
    } else if (heap_.empty() || !take_first()) {
      return true;
    }
  }
  return false;
}

void upcoming_job::look_at(const storage::due_moment& head) {
  if (names_schedule(head.id)) {
    auto found = load_rule(store_, zones_, head.id);
    if (!found)
      return;
    rules_.emplace(head.id, std::move(found->second));
    return push_next(found->first, planned_behind(*found->first, asked_.from));
  }
  if (head.moment < asked_.from)
    return;
  const auto waiting = load_task(store_, head.id);
  const auto at = waiting ? begin_of(*waiting) : std::nullopt;
  if (at)
    push({*at, head.id, waiting, nullptr});
}

void upcoming_job::push_next(const schedule_ptr& subject, instant after) {
  const auto& all = rules_.at(subject->id);
  for (auto at = all.next(after); at && at->at < asked_.to; at = all.next(at->at)) {
    ++steps_;
    if (is_planned(*subject, *at))
      return push({at->at, subject->id, nullptr, subject});
  }
  rules_.erase(subject->id);
}

void upcoming_job::push(planned_item item) {
  if (item.at < asked_.from || item.at >= asked_.to)
    return;
  heap_.push_back(std::move(item));
  std::ranges::push_heap(heap_, later{});
}

/// False: the page is full.
bool upcoming_job::take_first() {
  const auto& first = heap_.front();
  const bool is_shown =
      !asked_.behind
      || std::tie(first.at, first.id) > std::tie(asked_.behind->first, asked_.behind->second);
  if (is_shown && page_.items.size() == asked_.limit) {
    page_.has_more = true;
    return false;
  }
  std::ranges::pop_heap(heap_, later{});
  auto item = std::move(heap_.back());
  heap_.pop_back();
  if (item.source)
    push_next(item.source, item.at);
  if (is_shown)
    page_.items.push_back(std::move(item));
  return true;
}

// -- forecast -------------------------------------------------------------------

forecast_job::forecast_job(const storage::task_store& store, const zone_source& zones,
                           forecast_request asked)
    : store_{store},
      zones_{zones},
      asked_{std::move(asked)},
      due_{store.disk()},
      answer_{load_forecast{asked_.from, asked_.to, asked_.step}} {}

bool forecast_job::work(std::size_t steps) {
  for (; steps > 0; --steps) {
    const auto head = due_.peek();
    if (!head || head->moment >= asked_.to || answer_.is_cut)
      return true;
    look_at(*head);
    due_.pop();
  }
  return false;
}

void forecast_job::look_at(const storage::due_moment& head) {
  if (names_schedule(head.id)) {
    answer_.is_cut = ++looked_at_ > schedules_max;
    if (const auto found = load_rule(store_, zones_, head.id))
      add_schedule(*found->first, found->second);
    return;
  }
  if (head.moment < asked_.from)
    return;
  const auto waiting = load_task(store_, head.id);
  const auto at = waiting ? begin_of(*waiting) : std::nullopt;
  if (!at || *at < asked_.from || *at >= asked_.to)
    return;
  answer_.is_cut = ++answer_.tasks > tasks_max;
  const auto group = asked_.group_by ? group_name(*asked_.group_by, *waiting->spec) : "";
  answer_.load.add(group, *at, run_time_of(*waiting->spec));
}

void forecast_job::add_schedule(const schedule& subject, const moments& all) {
  const auto& work = subject.spec->work;
  task_spec made;
  made.task_type = work.task_type;
  made.target = work.target;
  made.runs_pipeline = work.runs_pipeline;
  made.command = work.command;
  made.schedule = subject.id;
  const auto group = asked_.group_by ? group_name(*asked_.group_by, made) : "";
  if (!answer_.load.add(group, subject, all, run_time_of(made), budget_))
    answer_.is_cut = true;
  ++answer_.schedules;
}

/// What the tasks of its schedule took lately, else those of its type, its queue, or all.
duration forecast_job::run_time_of(const task_spec& spec) const {
  for (const auto kind : {stat_group::schedule, stat_group::task_type, stat_group::queue}) {
    const auto& named = asked_.lately.by(kind).named;
    const auto known = named.find(group_name(kind, spec));
    if (known == named.end())
      continue;
    if (const auto mean = known->second.run_time.mean())
      return *mean;
  }
  return asked_.lately.all.run_time.mean().value_or(duration{0});
}

}  // namespace carillon
