#include "tests/support/actor_world.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <utility>

#include "actors/event_hub.hpp"
#include "actors/house.hpp"
#include "actors/schedule_prepare.hpp"
#include "storage/queue_record.hpp"
#include "storage/schedule_store.hpp"
#include "storage/zone_files.hpp"
#include "tests/support/stepped_ports.hpp"

namespace carillon::test {
namespace {

class test_config : public caf::actor_system_config {
public:
  test_config() { set("scheduler.policy", caf::atom("testing")); }
};

template <class T>
answer<T> fill(const slot<T>& where) {
  return answer<T>{[where](expected<T> value) { where->emplace(std::move(value)); }};
}

template <class T>
slot<T> empty_slot() {
  return std::make_shared<std::optional<expected<T>>>();
}

}  // namespace

/// One life of the server, from its start to its kill.
struct actor_world::life {
  explicit life(actor_world& world)
      : engine{world.disk_},
        store{engine},
        writer{store},
        lookups{store},
        calls{world, time},
        commands{world.commands()},
        system{config} {
    const auto epoch = ++world.epoch_;
    time.set(world.now_);
    home.settings.server_epoch = epoch;
    home.settings.seed = epoch;
    home.settings.delivery_slots = world.settings_.delivery_slots;
    home.settings.calls_per_host = world.settings_.calls_per_host;
    home.settings.starts_per_host = world.settings_.starts_per_host;
    home.settings.ready_head_max = 8;
    home.settings.sweep_interval = world.settings_.sweep_interval;
    home.settings.keep = world.settings_.keep;
    home.settings.awake_tasks_max = 2 * shard_count;
    home.time = &time;
    home.manual_time = world.settings_.manual_clock ? &time : nullptr;
    home.writer = &writer;
    home.lookups = &lookups;
    home.queries = &lookups;
    home.housekeeping = &lookups;
    home.calls = &calls;
    home.commands = &commands;
    home.runs = &runs;
    home.printed = [](const task_id&, std::size_t) { return "printed"; };
    home.webhooks = &webhooks;
    home.drop_logs = [](const std::vector<task_id>&) {};
    home.zones = &zones;
    home.ids = world.ids_.get();
    home.dedupe = &dedupe;
    for (const auto& claim : storage::schedule_store{engine}.dedupe_claims())
      dedupe.restore(claim);
    home.gates = &gates;
    home.queue_rules = &queues;
    auto holders = store.key_holders();
    std::ranges::move(queues.restore(store), std::back_inserter(holders));
    gates.restore(holders, world.now_);
    spawn_house(system, home);
    resume_house(home);
  }
  ~life() {
    writer.die();
    lookups.die();
    calls.die();
    commands.die();
    close_house(home);
    timeline().run();
  }

  caf::scheduler::test_coordinator& timeline() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }

  storage::memory_engine engine;
  storage::task_store store;
  settable_clock time;
  storage::zone_files zones;
  dedupe_table dedupe;
  house home;
  key_gates gates{home};
  queue_book queues;
  stepped_writer writer;
  stepped_lookups lookups;
  recorded_calls calls;
  recorded_commands commands;
  run_feed runs{0};
  webhook_keys webhooks{"a key"};
  test_config config;
  caf::actor_system system;
};

actor_world::actor_world(std::uint64_t seed, const world_settings& settings)
    : random_{seed}, settings_{settings}, now_{settings.begins} {
  ids_ = std::make_unique<id_generator>([this] { return random_(); });
  begin_life();
}

actor_world::~actor_world() = default;

void actor_world::begin_life() {
  life_ = std::make_unique<life>(*this);
  if (settings_.settles_at_start)
    settle();
}

instant actor_world::now() const {
  return life_ ? life_->time.now() : now_;
}

// -- what a client does ------------------------------------------------------------

slot<created_task> actor_world::create(task_spec spec) {
  const auto result = empty_slot<created_task>();
  spec.created_at = now();
  const auto id =
      spec.unique_id.empty() ? ids_->next(now()) : ids_->next_beside(spec.unique_id, now());
  create_tasks batch;
  batch.tasks.push_back({id, std::make_shared<const task_spec>(std::move(spec)), fill(result)});
  caf::anon_send(life_->home.shard_for(id), std::move(batch));
  return result;
}

slot<task_ptr> actor_world::ask(const task_id& id, task_event what) {
  const auto result = empty_slot<task_ptr>();
  ask_tasks batch;
  batch.asks.push_back({id, std::move(what), fill(result)});
  caf::anon_send(life_->home.shard_for(id), std::move(batch));
  return result;
}

slot<std::vector<task_ptr>> actor_world::lease(const std::string& queue, std::size_t max,
                                               duration lease, duration wait) {
  const auto result = empty_slot<std::vector<task_ptr>>();
  task_request wanted;
  wanted.queue = queue;
  wanted.max = max;
  wanted.wait = wait;
  wanted.grant.runner = runner_kind::lease;
  wanted.grant.lease = lease;
  wanted.reply = fill(result);
  caf::anon_send(life_->home.queue_for(queue), request_tasks{std::move(wanted)});
  return result;
}

slot<storage::bulk_row> actor_world::start_bulk(bulk_action action, storage::task_filter filter) {
  const auto result = empty_slot<storage::bulk_row>();
  caf::anon_send(life_->home.bulk_jobs,
                 carillon::start_bulk{action, std::move(filter), fill(result)});
  return result;
}

slot<storage::bulk_row> actor_world::ask_bulk(const task_id& job, bulk_request what) {
  const auto result = empty_slot<storage::bulk_row>();
  caf::anon_send(life_->home.bulk_jobs, carillon::ask_bulk{job, what, fill(result)});
  return result;
}

slot<queue_settings> actor_world::change_queue(const std::string& queue,
                                               const queue_change& change) {
  const auto result = empty_slot<queue_settings>();
  caf::anon_send(life_->home.queue_for(queue), carillon::change_queue{queue, change, fill(result)});
  return result;
}

slot<schedule_ptr> actor_world::create_schedule(schedule_spec spec, bool enabled) {
  const auto result = empty_slot<schedule_ptr>();
  auto rule = compile_rule(spec, now(), now(), life_->zones, {"expr", "timezone"});
  if (!rule) {
    result->emplace(rule.error());
    return result;
  }
  const auto id = ids_->next_schedule(now());
  caf::anon_send(life_->home.keeper_for(id),
                 make_schedule{id, std::make_shared<const schedule_spec>(std::move(spec)),
                               *std::move(rule), enabled, fill(result)});
  return result;
}

slot<schedule_outcome> actor_world::ask_schedule(
    const schedule_id& id, std::variant<schedule_change, schedule_patch> what) {
  const auto result = empty_slot<schedule_outcome>();
  ask_schedules batch;
  batch.asks.push_back({id, std::move(what), fill(result)});
  caf::anon_send(life_->home.keeper_for(id), std::move(batch));
  return result;
}

slot<published_event> actor_world::publish(new_event what) {
  const auto result = empty_slot<published_event>();
  carillon::publish(life_->home, std::move(what), fill(result));
  return result;
}

// -- what the world does -----------------------------------------------------------

void actor_world::settle() {
  while (run_a_round())
    ;
}

bool actor_world::run_a_round() {
  bool busy = life_->timeline().run() > 0;
  busy |= life_->lookups.step();
  busy |= life_->writer.step(SIZE_MAX);
  busy |= life_->timeline().clock().advance_time(duration{0}) > 0;
  return busy;
}

void actor_world::stir() {
  for (auto steps = random_() % 12; steps > 0; --steps) {
    switch (random_() % 4) {
      case 0:
        life_->lookups.step();
        break;
      case 1:
        life_->writer.step(1 + random_() % 4);
        break;
      default:
        for (auto messages = random_() % 8; messages > 0; --messages)
          life_->timeline().try_run_once();
    }
  }
}

/// Time passes in small pieces, as it does for timers that arm others.
void actor_world::advance(duration step) {
  while (step > duration{0}) {
    const auto piece = std::min(step, duration{250});
    step -= piece;
    now_ += piece;
    life_->time.set(now_);
    life_->timeline().clock().advance_time(piece);
    settle();
  }
}

void actor_world::advance_manual(duration step) {
  const auto moved = start_advance(now() + step);
  settle();
  moved->value().value();  // decided and durable, or the test ends here
}

slot<instant> actor_world::start_advance(instant to) {
  const auto moved = empty_slot<instant>();
  caf::anon_send(life_->home.clock, advance_clock{to, fill(moved)});
  return moved;
}

void actor_world::wait(duration real_time) {
  begin_wait(real_time);
  settle();
}

void actor_world::begin_wait(duration real_time) {
  life_->timeline().clock().advance_time(real_time);
}

void actor_world::kill_and_restart(duration downtime) {
  now_ = now() + downtime;
  life_.reset();
  begin_life();
}

void actor_world::fail_commits(storage::commit_status how, int times) {
  life_->engine.fail(how, times);
}

void actor_world::end_command(std::size_t which, int exit_code) {
  life_->commands.end(which, exit_code);
}

std::vector<host_facts> actor_world::hosts() {
  const auto found = empty_slot<std::vector<host_facts>>();
  caf::anon_send(life_->home.dispatcher, list_hosts{"", fill(found)});
  settle();
  return found->value().value();
}

void actor_world::reset_host(const std::string& host) {
  caf::anon_send(life_->home.dispatcher, carillon::reset_host{host, {}});
}

slot<bool> actor_world::stop_deliveries() {
  const auto stopped = empty_slot<bool>();
  caf::anon_send(life_->home.dispatcher, carillon::stop_deliveries{fill(stopped)});
  return stopped;
}

void actor_world::answer_call(std::size_t which, int status, std::string error,
                              std::string retry_after, std::string body) {
  const auto& call = calls_[which];
  if (call.ended)
    return;
  http_outcome outcome;
  outcome.status = status;
  outcome.error = std::move(error);
  outcome.retry_after = std::move(retry_after);
  outcome.host_failed = status == 0;
  outcome.body = std::move(body);
  outcome.is_async = status == 202;
  life_->calls.end(call.ticket, outcome);
}

// -- what is to be seen ------------------------------------------------------------

void actor_world::write_behind(const storage::change_set& changes) {
  life_->store.commit({&changes});
}

actor_world::insides actor_world::look_inside() const {
  return {life_->home, life_->engine};
}

std::uint64_t actor_world::timers_rearmed() const {
  return life_->home.timers_rearmed;
}

std::uint64_t actor_world::tasks_swept() const {
  return life_->home.tasks_swept;
}

std::optional<schedule> actor_world::stored_schedule(const schedule_id& id) const {
  return storage::schedule_store{life_->engine}.load(id).value();
}

std::vector<schedule> actor_world::all_schedules() const {
  storage::schedule_filter all;
  all.statuses = {schedule_status::active, schedule_status::paused, schedule_status::ended,
                  schedule_status::canceled, schedule_status::deleted};
  return storage::schedule_store{life_->engine}.list(all, {SIZE_MAX, 0, {}})->items;
}

std::vector<open_task> actor_world::open_tasks(const schedule_id& id) const {
  return storage::schedule_store{life_->engine}.open_tasks(id);
}

std::optional<task> actor_world::stored(const task_id& id) const {
  return *life_->store.load(id);
}

std::vector<storage::event_row> actor_world::events() const {
  return storage::event_store{life_->engine}.list({}, {SIZE_MAX, 0, {}})->items;
}

std::vector<task> actor_world::all_stored() const {
  return life_->store.list({}, {SIZE_MAX, 0, {}})->items;
}

std::vector<std::string> actor_world::keys_in_use() const {
  return life_->home.gates->keys();
}

std::optional<storage::bulk_row> actor_world::stored_bulk(const task_id& job) const {
  return *storage::load_bulk(life_->engine, job);
}

queue_facts actor_world::stored_queue(const std::string& queue) const {
  return *storage::look_at_queue(life_->engine, queue);
}

std::size_t actor_world::actors_running() const {
  return life_->system.registry().running();
}

std::int64_t actor_world::counted(task_status status) const {
  storage::task_filter filter;
  filter.statuses = {status};
  return *life_->store.count(filter);
}

}  // namespace carillon::test
