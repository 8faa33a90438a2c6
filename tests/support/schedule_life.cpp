#include "tests/support/schedule_life.hpp"

#include "tests/model/test_zones.hpp"

#include <algorithm>
#include <utility>

namespace carillon::test {
namespace {

/// Version 8, with a random part that differs with the number.
schedule_id a_schedule_id(std::uint64_t number) {
  auto id = an_id(number);
  id.bytes[6] = 0x80;
  for (std::size_t at = 8; at < 15; ++at)
    id.bytes[at] = static_cast<std::uint8_t>(number * 0x9E3779B97F4A7C15ULL >> (at % 8 * 8));
  return id;
}

std::string_view word_of(const task& subject) {
  const auto status = status_of(subject);
  if (const auto* waiting = std::get_if<queued>(&subject.state))
    return waiting->held ? "held" : "queued";
  if (status == task_status::skipped || status == task_status::canceled)
    return to_string(std::get<ended>(subject.state).reason);
  return to_string(status);
}

std::string line_of(const task& subject) {
  const auto& spec = *subject.spec;
  auto line = shown(spec.scheduled_for);
  if (spec.stands_for)
    line += "-" + shown(spec.stands_for->last);
  line += " " + std::string{word_of(subject)};
  if (spec.stands_for)
    line += " x" + std::to_string(spec.stands_for->count);
  if (spec.cause != trigger_cause::schedule)
    line += " " + std::string{to_string(spec.cause)};
  return line;
}

}  // namespace

schedule_spec a_schedule(std::string expr) {
  schedule_spec spec;
  spec.name = "a schedule";
  spec.expr = std::move(expr);
  spec.work.task_type = "mail";
  return spec;
}

std::string shown(instant at) {
  const auto text = format_instant(at);
  const auto clock = text.substr(11, text.ends_with(":00Z") ? 5 : text.size() - 12);
  const bool is_noons_day = text.substr(0, 10) == format_instant(noon).substr(0, 10);
  return is_noons_day ? clock : text.substr(5, 5) + " " + clock;
}

recurrence rule_of(const schedule& subject) {
  static const test_zones zones;
  auto made = recurrence::compile(recurrence_spec_of(subject), zones, "expr", "timezone");
  if (!made)
    FAIL(made.error().detail << ": " << made.error().faults.front().message);
  return *std::move(made);
}

// -- keys -----------------------------------------------------------------------

std::optional<task_id> claimed_keys::claim(const std::string& key, duration window, instant now,
                                           const task_id& claimer) {
  for (const auto* known : {&unsaved_, &saved_})
    if (const auto found = known->find(key); found != known->end() && found->second.until > now)
      return found->second.task;
  unsaved_[key] = {key, claimer, now + window};
  return std::nullopt;
}

void claimed_keys::save(const std::vector<schedule_lifecycle::dedupe_claim>& claims) {
  unsaved_.clear();
  for (const auto& one : claims)
    saved_[one.key] = one;
}

// -- time and requests ------------------------------------------------------------

namespace {

schedule draft(const schedule_spec& spec, instant born, std::uint64_t number) {
  schedule fresh;
  fresh.id = a_schedule_id(number);
  fresh.spec = std::make_shared<const schedule_spec>(spec);
  fresh.created_at = born;
  return fresh;
}

}  // namespace

schedule_life::schedule_life(const schedule_spec& spec, instant born, bool enabled,
                             std::uint64_t number)
    : now{born},
      last{{draft(spec, born, number), rule_of(draft(spec, born, number))}},
      state_{last.next} {
  save_then_act(schedule_lifecycle::create(state_.subject.id, state_.subject.spec, state_.rule,
                                           enabled, around()));
}

schedule_lifecycle::surroundings schedule_life::around() {
  return {now, [this] { return an_id(++ids_); }, &keys_};
}

schedule_life& schedule_life::go_to(instant when) {
  while (state_.subject.wake_at && *state_.subject.wake_at <= when) {
    now = std::max(now, *state_.subject.wake_at);
    if (!tell(schedule_event::tick{}).last.changed)
      break;  // it waits for a message
  }
  now = when;
  return *this;
}

schedule_life& schedule_life::sleep_until(instant when) {
  now = when;
  return tell(schedule_event::tick{});
}

schedule_life& schedule_life::tell(const schedule_change& what) {
  do {
    auto made = schedule_lifecycle::apply(state_, what, around());
    REQUIRE(made.has_value());
    save_then_act(*std::move(made));
  } while (last.again);
  return *this;
}

bool schedule_life::refuses(const schedule_change& what) {
  const auto made = schedule_lifecycle::apply(state_, what, around());
  keys_.give_back();
  return !made && made.error().kind == problem_kind::conflict;
}

schedule_life& schedule_life::edit(const schedule_spec& spec) {
  auto changed = state_.subject;
  changed.spec = std::make_shared<const schedule_spec>(spec);
  if (spec.expr != this->spec().expr)
    changed.counted_last.reset();
  auto rule = rule_of(changed);
  schedule_event::edit asked{changed.spec, rule, rule.counted_last()};
  for (const auto& [id, one] : tasks_)
    if (one.spec->cause == trigger_cause::schedule && one.spec->scheduled_for > now)
      asked.answered.push_back(one.spec->scheduled_for);
  std::ranges::sort(asked.answered);
  return tell(asked);
}

std::int64_t schedule_life::backfill(instant from, instant to, bool dry_run) {
  schedule_event::backfill asked{from, to, dry_run};
  for (const auto& [id, one] : tasks_) {
    const auto& made = *one.spec;
    if (made.cause != trigger_cause::api && made.cause != trigger_cause::event)
      asked.answered.push_back(
          {made.scheduled_for, made.stands_for ? made.stands_for->last : made.scheduled_for});
  }
  std::ranges::sort(asked.answered, {}, &recorded_range::first);
  tell(asked);
  return last.count;
}

// -- tasks ------------------------------------------------------------------------

const task& schedule_life::of(instant planned) const {
  const task* found = nullptr;
  for (const auto& [id, one] : tasks_)
    if (one.spec->scheduled_for == planned)
      found = &one;
  if (found == nullptr)
    FAIL("no record of " << shown(planned) << " in " << ledger());
  return *found;
}

schedule_life& schedule_life::tell_task(const task_id& id, const task_event& what) {
  deliver(id, what);
  if (!delays_messages)
    settle();
  return *this;
}

schedule_life& schedule_life::start(instant planned) {
  tell_task(planned, event::grant{runner_kind::lease, 7, "worker-1", std::chrono::hours{1}});
  REQUIRE(status_of(of(planned)) == task_status::processing);
  return *this;
}

schedule_life& schedule_life::finish(instant planned) {
  if (status_of(of(planned)) != task_status::processing)
    start(planned);
  return tell_task(planned, event::succeeded{std::get<processing>(of(planned).state).token});
}

// -- decisions ----------------------------------------------------------------------

void schedule_life::save_then_act(schedule_lifecycle::decision made) {
  last = std::move(made);
  if (!last.changed)
    return keys_.give_back();
  keys_.save(last.claims);
  state_ = last.next;
  for (const auto& one : last.made)
    tasks_.emplace(one.next.id, one.next);
  for (const auto& one : last.orders)
    under_way_.push_back({one.id, one.event});
  if (!delays_messages)
    settle();
}

void schedule_life::deliver(const task_id& id, const task_event& what) {
  auto& subject = tasks_.at(id);
  const auto made = lifecycle::apply(subject, what, now);
  if (!made || !made->changed)
    return;
  subject = made->next;
  under_way_.push_back({id, schedule_change{news_of(subject)}});
}

void schedule_life::settle() {
  const auto kept = last;
  while (!under_way_.empty()) {
    const auto next = std::move(under_way_.front());
    under_way_.pop_front();
    if (const auto* order = std::get_if<task_event>(&next.what)) {
      deliver(next.id, *order);
      continue;
    }
    auto made = schedule_lifecycle::apply(state_, std::get<schedule_change>(next.what), around());
    REQUIRE(made.has_value());
    state_ = made->next;
    keys_.save(made->claims);
    for (const auto& one : made->made)
      tasks_.emplace(one.next.id, one.next);
    for (const auto& one : made->orders)
      under_way_.push_back({one.id, one.event});
  }
  last = kept;
}

void schedule_life::forget_open() {
  state_.open.clear();
  for (const auto& [id, one] : tasks_)
    if (!has_ended(one))
      state_.open.push_back(news_of(one).now);
}

void schedule_life::crash() {
  under_way_.clear();
  keys_.give_back();
  forget_open();
  tell(schedule_event::restored{});
  tell(schedule_event::tick{});
}

void schedule_life::lose(const schedule_change& what) {
  REQUIRE(schedule_lifecycle::apply(state_, what, around()).has_value());
  keys_.give_back();
  crash();
}

std::string schedule_life::ledger() const {
  std::vector<const task*> records;
  for (const auto& [id, one] : tasks_)
    records.push_back(&one);
  std::ranges::stable_sort(records, {}, [](const task* one) { return one->spec->scheduled_for; });
  std::string all;
  for (const auto* one : records)
    all += (all.empty() ? "" : ", ") + line_of(*one);
  return all;
}

}  // namespace carillon::test
