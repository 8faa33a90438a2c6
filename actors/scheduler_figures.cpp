#include <algorithm>
#include <mutex>

#include "actors/scheduler_parts.hpp"
#include "storage/batch_store.hpp"
#include "storage/counter.hpp"
#include "storage/keys.hpp"
#include "storage/queue_record.hpp"

// The part of the scheduler that tells of itself, and of the end of tasks to those who wait for it.

namespace carillon {
namespace {

constexpr double milliseconds_unit = 1e-3;
constexpr double microseconds_unit = 1e-6;

/// The others are one sum: names of queues come from whoever makes tasks.
constexpr std::size_t queues_shown_max = 100;

/// An actor that is behind by more must not keep the rest from being seen.
constexpr duration patience = std::chrono::seconds{1};

/// Figures that several parts of the server fill in. Answered with the last of them, or when the
/// patience is over.
class gathering {
public:
  gathering(server_figures known, std::size_t parts, answer<server_figures> reply)
      : figures_{std::move(known)}, missing_{parts}, reply_{std::move(reply)} {}

  template <class Fill>
  void note(Fill fill) {
    const std::lock_guard lock{mutex_};
    if (missing_ == 0)
      return;
    fill(figures_);
    if (--missing_ == 0)
      reply_(std::move(figures_));
  }

  void give_up() {
    const std::lock_guard lock{mutex_};
    if (std::exchange(missing_, 0) > 0)
      reply_(std::move(figures_));
  }

private:
  std::mutex mutex_;
  server_figures figures_;
  std::size_t missing_;
  answer<server_figures> reply_;
};
using gathering_ptr = std::shared_ptr<gathering>;

/// Adds a row for these actors, all silent as yet. How many they are.
template <class Actors>
std::size_t add_mailboxes(server_figures& figures, std::string_view name, const Actors& actors) {
  figures.mailboxes.push_back({name, 0, 0, actors.size()});
  return actors.size();
}

template <class Actors>
void ask_mailboxes(const gathering_ptr& all, std::size_t row, const Actors& actors) {
  for (const auto& actor : actors)
    caf::anon_send(actor, tell_mailbox{[all, row](std::size_t messages) {
                     all->note([&](server_figures& figures) {
                       auto& known = figures.mailboxes[row];
                       known.messages += messages;
                       known.longest = std::max(known.longest, messages);
                       --known.silent;
                     });
                   }});
}

// -- what the store knows -----------------------------------------------------------

std::optional<duration> age_of_next(const storage::task_store& store, const std::string& queue,
                                    instant now) {
  const auto head = store.scan_ready(queue, 1);
  if (head.empty())
    return std::nullopt;
  const auto next = store.load_record(head.front().id);
  const auto* waits = next && *next ? std::get_if<queued>(&(*next)->state) : nullptr;
  if (waits == nullptr)
    return std::nullopt;
  return std::max(now - waits->since, duration{0});
}

void look_at_queues(const storage::task_store& store, instant now, server_figures& figures) {
  auto all = storage::list_queues(store.disk());
  const auto shown = std::min(all.size(), queues_shown_max);
  std::ranges::partial_sort(
      all, all.begin() + static_cast<std::ptrdiff_t>(shown), std::ranges::greater{},
      [](const queue_facts& queue) { return queue.waiting + queue.processing; });
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (at < shown) {
      figures.queues.push_back({all[at].name, all[at].waiting, all[at].processing,
                                age_of_next(store, all[at].name, now)});
      continue;
    }
    figures.other_queues.waiting += all[at].waiting;
    figures.other_queues.processing += all[at].processing;
  }
}

void look_at_store(const storage::task_store& store, instant now, server_figures& figures) {
  const auto count = [&](const std::string& name) {
    return storage::read_counter(store.disk(), storage::keys::counter(name));
  };
  for (std::size_t at = 0; at < figures.tasks.size(); ++at)
    figures.tasks[at] = count(storage::keys::count_of_status(static_cast<task_status>(at)));
  for (std::size_t at = 0; at < figures.schedules.size(); ++at)
    figures.schedules[at] =
        count(storage::keys::count_of_schedules(static_cast<schedule_status>(at)));
  figures.batches_open =
      static_cast<std::int64_t>(storage::batch_store{store.disk()}.unfinished().size());
  look_at_queues(store, now, figures);
}

// -- what is in memory --------------------------------------------------------------

void look_at_house(const house& home, server_figures& figures) {
  const auto& counted = home.figures;
  figures.start_lag = counted.start_lag.read(milliseconds_unit);
  figures.due_moments.emplace_back("started", counted.due_started.value());
  for (const auto reason :
       {end_reason::expired, end_reason::overlap, end_reason::queue_full, end_reason::missed,
        end_reason::dst_repeat, end_reason::deduplicated, end_reason::blackout, end_reason::paused})
    figures.due_moments.emplace_back(
        to_string(reason), counted.due_unrun.at(static_cast<std::size_t>(reason)).value());
  for (std::size_t runner = 0; runner < runner_kind_count; ++runner)
    for (std::size_t outcome = 1; outcome < attempt_outcome_count; ++outcome)
      if (const auto count = counted.attempts[runner][outcome].value(); count > 0)
        figures.attempts.push_back({to_string(static_cast<runner_kind>(runner)),
                                    to_string(static_cast<attempt_outcome>(outcome)), count});
  figures.tasks_swept = home.tasks_swept;
  figures.timers_rearmed = home.timers_rearmed;
  figures.events_published = counted.events_published.value();
  figures.waiting_for_tasks = home.waiting.size();
  const auto keys = home.gates->count();
  figures.keys_in_use = keys.in_use;
  figures.key_holders = keys.holders;
  figures.key_queues_waiting = keys.queues_waiting;
}

void look_at_writer(const storage::writer& writer, const storage::engine& disk,
                    server_figures& figures) {
  const auto& counted = writer.figures();
  figures.writer_changes = counted.changes.read();
  figures.writer_bytes = counted.bytes.read();
  figures.commit_time = counted.commit_time.read(microseconds_unit);
  if (const auto* syncs = disk.sync_times())
    figures.sync_time = syncs->read(microseconds_unit);
  figures.commit_failures = counted.failures.value();
  figures.changes_queued = writer.queued_changes();
  figures.bytes_queued = writer.queued_bytes();
}

}  // namespace

void scheduler::measure(answer<server_figures> reply) const {
  const auto& home = parts_->home;
  const std::array clocks{home.clock};
  const std::array dispatchers{home.dispatcher};
  server_figures figures;
  look_at_house(home, figures);
  look_at_writer(parts_->writer, *parts_->disk, figures);
  figures.commands_in_flight = parts_->commands_in_flight;
  std::size_t parts = 2;  // the store and the dispatcher's hosts
  parts += add_mailboxes(figures, "shard", home.shards);
  parts += add_mailboxes(figures, "keeper", home.keepers);
  parts += add_mailboxes(figures, "queue", home.queues);
  parts += add_mailboxes(figures, "clock", clocks);
  parts += add_mailboxes(figures, "dispatcher", dispatchers);
  const auto all = std::make_shared<gathering>(std::move(figures), parts, std::move(reply));
  std::size_t row = 0;
  ask_mailboxes(all, row++, home.shards);
  ask_mailboxes(all, row++, home.keepers);
  ask_mailboxes(all, row++, home.queues);
  ask_mailboxes(all, row++, clocks);
  ask_mailboxes(all, row++, dispatchers);
  caf::anon_send(home.dispatcher, count_hosts{[all](const host_counts& found) {
                   all->note([&](server_figures& figures) { figures.hosts = found; });
                 }});
  parts_->queries.post([all, now = home.time->now()](const storage::task_store& store) {
    server_figures found;
    look_at_store(store, now, found);
    all->note([&](server_figures& figures) {
      figures.has_store = true;
      figures.tasks = found.tasks;
      figures.schedules = found.schedules;
      figures.batches_open = found.batches_open;
      figures.queues = std::move(found.queues);
      figures.other_queues = std::move(found.other_queues);
    });
  });
  ring_after(home.alarms, patience, [all] { all->give_up(); });
}

/// The place is taken before the store is asked, and an end is on disk before it is told: so it is
/// heard of or found.
bool scheduler::await_end(const task_id& id, duration at_most, std::function<bool()> is_wanted,
                          std::function<void()> over) const {
  const auto& home = parts_->home;
  const auto number = home.waiting.enter(id, std::move(is_wanted), std::move(over));
  if (!number)
    return false;
  parts_->queries.post([&home, id, number](const storage::task_store& store) {
    const auto found = store.load_record(id);
    if (!found || !*found || has_ended(**found))
      home.waiting.leave(id, *number);
  });
  ring_after(home.alarms, at_most, [&home, id, number] { home.waiting.leave(id, *number); });
  return true;
}

}  // namespace carillon
