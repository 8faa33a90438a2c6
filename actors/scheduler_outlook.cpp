#include <algorithm>

#include "actors/limit_facts.hpp"
#include "actors/outlook.hpp"
#include "actors/scheduler_parts.hpp"

// The part of the scheduler that counts what was, foresees what is planned, and shows limits.

namespace carillon {
namespace {

/// A crash loses what was counted since the last time.
constexpr duration stats_interval = std::chrono::seconds{10};

/// How far back typical run times are looked for.
constexpr duration lately = std::chrono::hours{24};

/// Then others get in between.
constexpr std::size_t piece_steps = 1'024;

template <class Job, class Answer>
void work_in_pieces(storage::reader& on, const std::shared_ptr<Job>& job,
                    const std::function<bool()>& is_wanted, const Answer& reply) {
  on.post([&on, job, is_wanted, reply](const storage::task_store&) {
    if (is_wanted && !is_wanted())
      return;
    if (job->work(piece_steps))
      reply(job->take());
    else
      work_in_pieces(on, job, is_wanted, reply);
  });
}

/// Keys of queues' own limits begin so.
bool is_queue_key(const std::string& key) {
  return key.starts_with('\0');
}

std::optional<key_limit> limit_of(const storage::task_store& store, const key_gate::view& seen) {
  if (!seen.line.empty())
    return *seen.line.front().best.limit;
  if (seen.holders.empty())
    return std::nullopt;
  const auto holder = store.load_record(seen.holders.front());
  return holder && *holder ? std::optional{(*holder)->spec->limit} : std::nullopt;
}

std::optional<limit_facts> look_at_limit(const house& home, const storage::task_store& store,
                                         const std::string& key) {
  auto seen = home.gates->find(key);
  if (!seen)
    return std::nullopt;
  limit_facts found{key, is_queue_key(key), {}, *std::move(seen)};
  if (found.is_queue) {
    found.key.erase(0, 1);
    found.limit = limit_of_queue(found.key, home.queue_rules->find(found.key).settings);
  } else {
    found.limit = limit_of(store, found.now);
  }
  return found;
}

}  // namespace

// -- what was -------------------------------------------------------------------

void scheduler::parts::write_stats() {
  storage::change_set changes;
  const auto page = counted.write(home.time->now(), changes);
  if (page.is_empty)
    return;
  writer.submit(std::move(changes), [this, number = page.number](storage::commit_status status) {
    // Not on the writer's thread: somebody may read meanwhile.
    housekeeping.post([this, number, status](const storage::task_store&) {
      counted.saved(number, status == storage::commit_status::durable, home.time->now());
    });
  });
}

/// Goes on by housekeeping's thread, which ends before the actors do.
void scheduler::parts::write_stats_again_and_again() {
  ring_after(home.alarms, stats_interval, [this] {
    housekeeping.post([this](const storage::task_store&) {
      write_stats();
      write_stats_again_and_again();
    });
  });
}

void scheduler::read_stats(stat_query asked, answer<stat_answer> reply) const {
  parts_->queries.post([&book = parts_->counted, asked = std::move(asked),
                        reply = std::move(reply)](const storage::task_store&) {
    const auto found = book.read(asked.grain, asked.from, asked.to);
    if (!found)
      return reply(found.error());
    reply(summarize(asked, *found));
  });
}

// -- what is planned --------------------------------------------------------------

void scheduler::list_upcoming(upcoming_request asked, std::function<bool()> is_wanted,
                              answer<upcoming_page> reply) const {
  auto& all = *parts_;
  all.aside.post([&all, asked = std::move(asked), is_wanted = std::move(is_wanted),
                  reply = std::move(reply)](const storage::task_store& store) {
    work_in_pieces(all.aside, std::make_shared<upcoming_job>(store, all.zones, asked), is_wanted,
                   reply);
  });
}

void scheduler::forecast(forecast_request asked, std::function<bool()> is_wanted,
                         answer<forecast_answer> reply) const {
  auto& all = *parts_;
  all.aside.post([&all, asked = std::move(asked), is_wanted = std::move(is_wanted),
                  reply = std::move(reply)](const storage::task_store& store) mutable {
    const auto now = all.home.time->now();
    const auto known = all.counted.read(stat_hours, stretch_of(now - lately, stat_hours.length),
                                        now + duration{1});
    if (!known)
      return reply(known.error());
    for (const auto& hour : *known)
      asked.lately.add(hour, stat_counter::names_max);
    work_in_pieces(all.aside, std::make_shared<forecast_job>(store, all.zones, std::move(asked)),
                   is_wanted, reply);
  });
}

// -- what holds back --------------------------------------------------------------

void scheduler::list_limits(std::string behind, std::size_t limit, answer<limit_page> reply) const {
  parts_->queries.post([&all = *parts_, behind = std::move(behind), limit,
                        reply = std::move(reply)](const storage::task_store& store) {
    auto keys = all.gates.keys();
    std::ranges::sort(keys);
    limit_page page;
    page.total = std::ssize(keys);
    auto at = std::ranges::upper_bound(keys, behind);
    for (; at != keys.end() && page.limits.size() < limit; ++at)
      if (auto found = look_at_limit(all.home, store, *at))
        page.limits.push_back(*std::move(found));
    page.has_more = at != keys.end();
    const auto& set = all.settings;
    page.own = {
        {"commands_in_flight", static_cast<std::int64_t>(set.commands_in_flight_max),
         static_cast<std::int64_t>(all.commands_in_flight)},
        {"write_queue_bytes", static_cast<std::int64_t>(set.write_queue_bytes_max),
         static_cast<std::int64_t>(all.writer.queued_bytes())},
        {"delivery_slots", static_cast<std::int64_t>(set.delivery_slots)},
        {"calls_per_host", static_cast<std::int64_t>(set.calls_per_host)},
        {"starts_per_host_a_second", set.starts_per_host},
        {"command_slots", static_cast<std::int64_t>(set.command_slots)},
    };
    reply(std::move(page));
  });
}

void scheduler::find_limit(std::string key, answer<limit_facts> reply) const {
  parts_->queries.post([&home = parts_->home, key = std::move(key),
                        reply = std::move(reply)](const storage::task_store& store) {
    if (auto found = look_at_limit(home, store, key))
      return reply(*std::move(found));
    reply(problem{problem_kind::not_found, "no task holds this key or waits for it"});
  });
}

}  // namespace carillon
