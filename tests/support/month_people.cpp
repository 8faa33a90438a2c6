#include "tests/support/month_people.hpp"

#include <algorithm>
#include <array>

namespace carillon::test {
namespace {

using namespace std::chrono_literals;

}  // namespace

void people::complain(const diary& about, const std::string& what) {
  record_.faults.push_back(to_text(about.id) + ": " + what);
}

// -- questions --------------------------------------------------------------------

void people::make_schedule() {
  create(random_schedule(random_, ++made_, {world_.now(), month_.to}));
}

void people::create(schedule_spec spec) {
  auto reply = world_.create_schedule(spec, random_.percent(95));
  creations_.push_back({std::move(spec), std::move(reply)});
}

std::optional<std::size_t> people::choose() {
  if (record_.schedules.empty())
    return std::nullopt;
  const auto who = random_.percent(35) ? favourite_ : random_.below(record_.schedules.size());
  const bool is_asked = std::ranges::find(requests_, who, &request::who) != requests_.end();
  if (is_asked || record_.schedules[who].closed_at)
    return std::nullopt;
  favourite_ = who;
  return who;
}

void people::ask_something() {
  const auto who = choose();
  if (!who)
    return;
  const auto& about = record_.schedules[*who];
  if (about.is_paused() && random_.percent(50))
    return ask(*who, verb::resume);
  const auto draw = random_.below(200);
  if (draw < 50)
    return ask_edit(*who);
  if (draw < 74)
    return ask(*who, about.is_paused() ? verb::resume : verb::pause);
  if (draw < 108)
    return ask(*who, verb::snooze);
  if (draw < 160)
    return ask(*who, verb::run);
  if (draw < 176)
    return ask(*who, verb::backfill);
  if (draw < 197)
    return ask_task(about);
  ask(*who, draw < 199 ? verb::cancel : verb::remove);
}

schedule_change people::change_for(verb what) {
  switch (what) {
    case verb::pause:
      return schedule_event::pause{};
    case verb::resume:
      return schedule_event::resume{};
    case verb::cancel:
      return schedule_event::cancel{};
    case verb::remove:
      return schedule_event::remove{};
    case verb::snooze:
      return schedule_event::snooze{random_.between(1min, 5h)};
    case verb::backfill: {
      const auto to = world_.now() - random_.between(0s, 3h);
      return schedule_event::backfill{to - random_.between(1min, 12h), to};
    }
    default:
      return random_.percent(70) ? schedule_event::run{}
                                 : schedule_event::run{trigger_cause::event, R"({"n":1})"};
  }
}

void people::ask(std::size_t who, verb what) {
  auto& about = record_.schedules[who];
  about.was_snoozed |= what == verb::snooze;
  requests_.push_back({who, what, {}, {}, world_.ask_schedule(about.id, change_for(what))});
}

void people::ask_edit(std::size_t who) {
  const auto& about = record_.schedules[who];
  auto spec = *about.definitions.back().spec;
  const bool has_rule = spec.kind != schedule_kind::event && spec.kind != schedule_kind::manual;
  if (has_rule && random_.percent(40))
    change_rule(spec, random_, world_.now(), month_);
  else if (has_rule && about.definitions.size() > 1 && random_.percent(50))
    spec = *random_.pick(about.definitions).spec;  // back to what it was
  else if (has_rule && random_.percent(40))
    change_window(spec, random_, world_.now(), month_);
  if (random_.percent(40))
    spec.lead = random_.percent(50) ? 0s : random_.between(1s, 10min);
  if (random_.percent(30))
    spec.catch_up.policy = static_cast<catch_up_policy>(random_.below(3));
  spec.description = std::to_string(++edits_);
  const auto next = std::make_shared<const schedule_spec>(std::move(spec));
  schedule_patch patch;
  patch.apply = [next](const schedule_spec&) -> expected<schedule_spec> { return *next; };
  if (random_.percent(20))
    patch.enabled = random_.percent(50);
  const auto enabled = patch.enabled;
  requests_.push_back(
      {who, verb::edit, next, enabled, world_.ask_schedule(about.id, std::move(patch))});
}

/// A person starts or cancels a task itself.
void people::ask_task(const diary& about) {
  auto open = world_.open_tasks(about.id);
  std::erase_if(open, [](const open_task& one) { return one.status == task_status::processing; });
  if (open.empty())
    return;
  const auto& one = random_.pick(open);
  if (random_.percent(30) && one.status == task_status::scheduled) {
    record_.triggered.insert(one.id);
    world_.ask(one.id, event::trigger{});
  } else {
    world_.ask(one.id, event::cancel{});
  }
}

void people::resume_all() {
  for (std::size_t who = 0; who < record_.schedules.size(); ++who)
    if (!record_.schedules[who].closed_at && record_.schedules[who].is_paused())
      ask(who, verb::resume);
}

void people::pause_all() {
  for (std::size_t who = 0; who < record_.schedules.size(); ++who)
    if (!record_.schedules[who].closed_at)
      ask(who, verb::pause);
}

// -- answers ------------------------------------------------------------------------

void people::begin_diary(const schedule& made) {
  diary begun{made.id, made.created_at, {{made.created_at, made.spec}}};
  if (made.paused_at)
    begun.pauses.push_back({made.created_at});
  record_.schedules.push_back(std::move(begun));
}

void people::note() {
  for (auto& [spec, reply] : std::exchange(creations_, {})) {
    if (const auto* made = good(reply))
      begin_diary(**made);
    else if (*reply && (*reply)->error().kind == problem_kind::unavailable)
      create(std::move(spec));  // they try again
    else if (!*reply)
      creations_.push_back({std::move(spec), std::move(reply)});
    else
      record_.faults.push_back(spec.expr + ": was refused");
  }
  for (const auto& asked : requests_)
    if (*asked.reply)
      note(asked, **asked.reply);
  std::erase_if(requests_, [](const request& one) { return one.reply->has_value(); });
}

void people::note(const request& asked, const expected<schedule_outcome>& answer) {
  auto& about = record_.schedules[asked.who];
  const auto stored = *world_.stored_schedule(about.id);
  if (!answer) {
    if (answer.error().kind == problem_kind::corrupt
        || answer.error().kind == problem_kind::not_found)
      complain(about, "answered " + answer.error().detail);
    if (asked.what == verb::edit && take_down(asked, stored))
      complain(about, "an edit was refused and done: " + answer.error().detail);
    return;
  }
  if (!take_down(asked, *answer->subject))
    complain(about, "a request was acknowledged and is not done");
  if (asked.what == verb::run)
    for (const auto& task : answer->made)
      if (task->spec->cause == trigger_cause::api || task->spec->cause == trigger_cause::event)
        about.runs.push_back(task->id);
  if (asked.what == verb::snooze)
    note_moved(about);
}

void people::note_moved(const diary& about) {
  for (const auto& one : world_.open_tasks(about.id))
    if (one.status == task_status::scheduled && one.due != one.planned)
      record_.moved[one.id] = one.due;
}

/// Whether the schedule shows what was asked; if so, it is written down.
bool people::take_down(const request& asked, const schedule& is) {
  auto& about = record_.schedules[asked.who];
  if (asked.what == verb::run || asked.what == verb::snooze || asked.what == verb::backfill)
    return true;
  if (asked.what != verb::edit)
    return take_down_status(asked, is);
  if (is.spec->description != asked.spec->description)
    return false;
  about.definitions.push_back({is.updated_at, asked.spec});
  if (!asked.enabled)
    return true;
  const bool is_as_asked = (is.status == schedule_status::paused) != *asked.enabled;
  if (is_as_asked && about.is_paused() == *asked.enabled)
    take_down_status({asked.who, *asked.enabled ? verb::resume : verb::pause, {}, {}, {}}, is);
  return is_as_asked;
}

bool people::take_down_status(const request& asked, const schedule& is) {
  auto& about = record_.schedules[asked.who];
  if (asked.what == verb::cancel || asked.what == verb::remove) {
    const bool is_closed =
        is.status == schedule_status::canceled || is.status == schedule_status::deleted;
    if (is_closed)
      about.closed_at = is.updated_at;
    return is_closed;
  }
  const bool is_paused = is.status == schedule_status::paused;
  if (is_paused && !about.is_paused())
    about.pauses.push_back({*is.paused_at});
  if (!is_paused && about.is_paused())
    about.pauses.back().to = is.updated_at;
  return is_paused == (asked.what == verb::pause);
}

void people::look_again() {
  const auto all = creations_.empty() ? std::vector<schedule>{} : world_.all_schedules();
  for (const auto& [spec, reply] : creations_)
    for (const auto& one : all)
      if (one.spec->name == spec.name)
        begin_diary(one);
  for (const auto& asked : requests_) {
    auto& about = record_.schedules[asked.who];
    const auto is = *world_.stored_schedule(about.id);
    about.runs_unanswered += asked.what == verb::run ? 1 : 0;
    if (asked.what == verb::snooze)
      note_moved(about);
    const bool is_done = take_down(asked, is);
    const bool is_edited =
        asked.what == verb::edit && is.spec->description == asked.spec->description;
    if (is_edited && !is_done)
      complain(about, "a request that was not answered is half done");
  }
  creations_.clear();
  requests_.clear();
}

}  // namespace carillon::test
