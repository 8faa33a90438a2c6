#include "actors/bulk_jobs.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "actors/gather.hpp"
#include "actors/marks.hpp"
#include "model/log.hpp"

namespace carillon {
namespace {

constexpr std::size_t piece_size = 256;
constexpr std::size_t open_jobs_max = 100;
constexpr std::size_t over_kept_max = 1'000;

/// How long a job waits when the disk was full or the store could not be read.
constexpr duration again_delay = std::chrono::seconds{1};

/// What has happened to a job, for those who look on.
std::string_view word_of(const bulk_job& before, const bulk_job& after, bool is_new) {
  if (is_new)
    return "created";
  return before.status == after.status ? "changed" : to_string(after.status);
}

const problem no_such_job{problem_kind::not_found, "no such job"};

}  // namespace

void bulk_jobs_state::init(bulk_actor::stateful_pointer<bulk_jobs_state> self, const house* home) {
  self_ = self;
  home_ = home;
}

// -- what an earlier life left ----------------------------------------------------

void bulk_jobs_state::on_resume() {
  home_->housekeeping->post(
      [to = caf::actor_cast<bulk_actor>(self_)](const storage::task_store& store) {
        auto rows = storage::load_bulks(store.disk());
        if (rows)
          for (auto& [job, filter] : *rows)
            if (!bulk::is_over(job))
              bulk::settle_interrupted(job, storage::look_at_piece(store, job));
        caf::anon_send(to, bulks_loaded{std::move(rows)});
      });
}

void bulk_jobs_state::on_loaded(bulks_loaded& found) {
  is_loaded_ = true;
  if (!found.rows) {
    log(log_level::error, "bulk jobs cannot be read: they do not go on",
        {{"reason", found.rows.error().detail}});
    found.rows = std::vector<storage::bulk_row>{};
  }
  std::ranges::reverse(*found.rows);  // the oldest first
  for (auto& row : *found.rows) {
    if (bulk::is_over(row.job))
      over_.push_back(row.job.id);
    else
      open({std::move(row)});
  }
  for (auto& ask : std::exchange(starts_, {}))
    on_start(ask);
  step();
}

// -- requests -------------------------------------------------------------------

void bulk_jobs_state::on_start(start_bulk& ask) {
  if (!is_loaded_) {
    starts_.push_back(std::move(ask));
    return;
  }
  if (jobs_.size() >= open_jobs_max)
    return ask.reply(
        problem{problem_kind::conflict, std::to_string(open_jobs_max) + " jobs are not over yet"});
  const auto now = home_->time->now();
  storage::bulk_row row;
  row.job.id = home_->ids->next(now);
  row.job.action = ask.action;
  row.job.created_at = now;
  row.filter = std::move(ask.filter);
  open({std::move(row), false, std::move(ask.reply)});
  step();
}

void bulk_jobs_state::open(open_job made) {
  const auto id = made.row.job.id;
  jobs_.emplace(id, std::move(made));
  queue_turn(id);
}

void bulk_jobs_state::queue_turn(const task_id& id) {
  if (jobs_.at(id).row.job.status == bulk_status::running
      && std::ranges::find(turns_, id) == turns_.end())
    turns_.push_back(id);
}

void bulk_jobs_state::on_ask(ask_bulk& ask) {
  asks_.push_back(std::move(ask));
  step();
}

void bulk_jobs_state::answer_next_ask() {
  const auto ask = std::move(asks_.front());
  asks_.pop_front();
  const auto known = jobs_.find(ask.job);
  if (known == jobs_.end()) {
    // It is over, or it never was: only the store knows.
    home_->housekeeping->post([ask, now = home_->time->now()](const storage::task_store& store) {
      auto found = storage::load_bulk(store.disk(), ask.job);
      if (!found || !*found)
        return ask.reply(found ? no_such_job : found.error());
      auto row = **std::move(found);
      if (const auto done = bulk::apply(row.job, ask.what, now); !done)
        return ask.reply(done.error());
      ask.reply(std::move(row));
    });
    return step();
  }
  auto row = known->second.row;
  if (const auto done = bulk::apply(row.job, ask.what, home_->time->now()); !done) {
    ask.reply(done.error());
    return step();
  }
  at_ = ask.job;
  step_began_ = std::chrono::steady_clock::now();
  save(std::move(row), ask.reply);
}

// -- turns ----------------------------------------------------------------------

/// The next step of anything, unless one is under way.
void bulk_jobs_state::step() {
  if (!is_loaded_ || at_)
    return;
  if (!asks_.empty())
    return answer_next_ask();
  if (is_resting_)
    return;
  while (!turns_.empty()) {
    const auto id = turns_.front();
    turns_.pop_front();
    const auto known = jobs_.find(id);
    if (known == jobs_.end() || known->second.row.job.status != bulk_status::running)
      continue;
    at_ = id;
    step_began_ = std::chrono::steady_clock::now();
    if (!known->second.row.job.total)
      return count_on(id);
    if (!known->second.row.job.piece.empty())
      return decide(known->second);
    return find_piece(known->second);
  }
}

/// Others go first; and after a rest only requests come in between.
void bulk_jobs_state::end_step(duration rest) {
  if (const auto known = jobs_.find(*std::exchange(at_, {})); known != jobs_.end())
    queue_turn(known->first);
  if (rest > duration{0}) {
    is_resting_ = true;
    self_->delayed_send(self_, rest, bulk_rested{});
  }
  step();
}

void bulk_jobs_state::on_rested() {
  is_resting_ = false;
  step();
}

// -- counting -------------------------------------------------------------------

void bulk_jobs_state::count_on(const task_id& id) {
  const auto& from = jobs_.at(id);
  home_->housekeeping->post([to = caf::actor_cast<bulk_actor>(self_), id, row = from.row,
                             behind = from.counted_to](const storage::task_store& store) {
    const auto& [job, filter] = row;
    if (!behind) {
      const auto known = storage::count_for_bulk(store, job.action, filter);
      if (!known || *known)
        return caf::anon_send(
            to, bulk_counted{known ? expected<std::int64_t>{**known} : known.error(), {}, true});
    }
    const auto seen = storage::find_for_bulk(store, job.action, filter, id, behind, SIZE_MAX);
    caf::anon_send(
        to, bulk_counted{static_cast<std::int64_t>(seen.ids.size()), seen.looked_at, seen.is_last});
  });
}

/// A job is on disk, and its starter answered, when the first look is over: small ones have their
/// total by then.
void bulk_jobs_state::on_counted(const bulk_counted& found) {
  auto& job = jobs_.at(*at_);
  if (!found.count) {
    if (job.is_on_disk)
      return end_step(again_delay);
    job.starter(found.count.error());
    jobs_.erase(*at_);
    return end_step(duration{0});
  }
  job.counted += *found.count;
  job.counted_to = found.looked_at;
  if (!found.is_last && job.is_on_disk)
    return end_step(rest_of_step());
  auto row = job.row;
  if (found.is_last)
    row.job.total = job.counted;
  save(std::move(row), std::exchange(job.starter, {}));
}

// -- pieces -----------------------------------------------------------------------

void bulk_jobs_state::find_piece(const open_job& from) {
  if (from.row.job.is_last_piece) {
    bulk_found none{{{}, from.row.job.looked_at, true}};
    return on_found(none);
  }
  home_->housekeeping->post(
      [to = caf::actor_cast<bulk_actor>(self_), row = from.row](const storage::task_store& store) {
        const auto& [job, filter] = row;
        caf::anon_send(to, bulk_found{storage::find_for_bulk(store, job.action, filter, job.id,
                                                             job.looked_at, piece_size)});
      });
}

void bulk_jobs_state::on_found(bulk_found& found) {
  auto row = jobs_.at(*at_).row;
  auto& [ids, looked_at, is_last] = found.piece;
  bulk::take(row.job, std::move(ids), looked_at, is_last, home_->time->now());
  save(std::move(row), {});
}

void bulk_jobs_state::decide(const open_job& from) {
  const auto& ids = from.row.job.piece;
  const auto whole = std::make_shared<gather<task_ptr>>(
      ids.size(), [to = caf::actor_cast<bulk_actor>(self_)](auto outcomes) {
        caf::anon_send(to, bulk_decided{std::move(outcomes)});
      });
  const auto event = bulk::event_of(from.row.job.action);
  std::map<unsigned, ask_tasks> by_shard;
  for (std::size_t at = 0; at < ids.size(); ++at)
    by_shard[shard_of(ids[at])].asks.push_back({ids[at], event, slot_of(whole, at)});
  for (auto& [shard, asks] : by_shard)
    self_->send(home_->shards[shard], std::move(asks));
}

/// What came of it is on disk with the next piece.
void bulk_jobs_state::on_decided(const bulk_decided& done) {
  auto& job = jobs_.at(*at_).row.job;
  bulk::note(job, done.outcomes);
  end_step(job.piece.empty() ? rest_of_step() : again_delay);
}

duration bulk_jobs_state::rest_of_step() const {
  if (!home_->rest_after)
    return duration{0};
  return home_->rest_after(
      std::chrono::ceil<duration>(std::chrono::steady_clock::now() - step_began_));
}

// -- on disk ----------------------------------------------------------------------

void bulk_jobs_state::save(storage::bulk_row row, answer<storage::bulk_row> reply) {
  storage::change_set changes;
  storage::encode_bulk_change(row, changes);
  leave_mark(reply, row.job.id, changes);
  if (bulk::is_over(row.job) && over_.size() >= over_kept_max)
    storage::encode_bulk_removal(over_.front(), changes);
  saving_ = saving{std::move(row), std::move(reply)};
  home_->writer->submit(std::move(changes),
                        [to = caf::actor_cast<bulk_actor>(self_)](storage::commit_status status) {
                          caf::anon_send(to, bulk_saved{status});
                        });
}

void bulk_jobs_state::on_saved(bulk_saved outcome) {
  auto [row, reply] = *std::exchange(saving_, {});
  auto& job = jobs_.at(*at_);
  if (outcome.status != storage::commit_status::durable) {
    reply(problem{problem_kind::unavailable, "the disk is full: nothing was saved"});
    if (!job.is_on_disk)
      jobs_.erase(*at_);
    return end_step(again_delay);
  }
  if (home_->changes.is_on())
    home_->changes.publish(
        change_of(row.job, word_of(job.row.job, row.job, !job.is_on_disk), home_->time->now()));
  const bool is_piece = row.job.piece != job.row.job.piece;
  job.row = row;
  job.is_on_disk = true;
  reply(std::move(row));
  if (bulk::is_over(job.row.job)) {
    over_.push_back(*at_);
    if (over_.size() > over_kept_max)
      over_.pop_front();
    jobs_.erase(*at_);
    return end_step(duration{0});
  }
  if (is_piece)
    return decide(job);
  end_step(rest_of_step());
}

bulk_actor::behavior_type bulk_jobs_behavior(bulk_actor::stateful_pointer<bulk_jobs_state> self,
                                             const house* home) {
  auto& state = self->state;
  state.init(self, home);
  return {
      [&state](start_bulk& ask) { state.on_start(ask); },
      [&state](ask_bulk& ask) { state.on_ask(ask); },
      [&state](resume_bulks) { state.on_resume(); },
      [&state](bulks_loaded& found) { state.on_loaded(found); },
      [&state](const bulk_counted& found) { state.on_counted(found); },
      [&state](bulk_found& found) { state.on_found(found); },
      [&state](bulk_saved outcome) { state.on_saved(outcome); },
      [&state](const bulk_decided& done) { state.on_decided(done); },
      [&state](bulk_rested) { state.on_rested(); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
