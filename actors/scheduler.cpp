#include "actors/scheduler.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <filesystem>
#include <future>
#include <map>
#include <thread>

#include "actors/no_commands.hpp"
#include "actors/scheduler_parts.hpp"
#include "model/log.hpp"
#include "storage/crypto.hpp"
#include "storage/data_folder.hpp"
#include "storage/key_file.hpp"
#include "storage/list_build.hpp"
#include "storage/rocksdb_engine.hpp"
#include "storage/schedule_store.hpp"

namespace carillon {
namespace {

/// Of one task shown; older news stays in the store.
constexpr std::size_t news_shown_max = 1'000;

/// Keeps the key apart from others.
constexpr std::string_view cursor_purpose = "carillon: places in lists, 1";

/// How long before the end of the server's grace time commands are told to end: theirs is inside.
constexpr duration commands_margin = std::chrono::seconds{6};

house_settings to_house_settings(const scheduler_settings& from, std::uint64_t epoch,
                                 std::uint64_t seed) {
  house_settings to;
  to.awake_tasks_max = from.awake_tasks_max;
  to.horizon = from.horizon;
  to.delivery_slots = from.delivery_slots;
  to.calls_per_host = from.calls_per_host;
  to.starts_per_host = from.starts_per_host;
  to.command_slots = from.command_slots;
  to.server_epoch = epoch;
  to.seed = seed;
  to.sweep_interval = from.sweep_interval;
  to.keep = from.keep;
  to.api_commands = from.api_commands;
  to.audit_keep_for = from.audit_keep_for;
  return to;
}

http_client_settings to_client_settings(const scheduler_settings& from) {
  http_client_settings to;
  to.connections_per_host_max = from.connections_per_host_max;
  to.answer_bytes_max = from.answer_bytes_max;
  to.connect_timeout = from.connect_timeout;
  to.ca_file = from.ca_file;
  to.guard = from.guard;
  return to;
}

/// Its lines without the end of the last one, as $(...) of a shell has it.
std::string end_of_output(const storage::run_logs& logs, const task_id& run,
                          std::size_t bytes_max) {
  constexpr std::size_t lines_max = 4'096;
  const auto page = logs.read(run, -static_cast<std::int64_t>(lines_max), lines_max);
  std::string text;
  if (!page)
    return text;
  for (const auto& line : page->lines) {
    if (line.stream != storage::log_stream::out)
      continue;
    if (!text.empty() && !line.continued)
      text += '\n';
    text += line.text;
  }
  return text.size() <= bytes_max ? text : text.substr(text.size() - bytes_max);
}

}  // namespace

scheduler::parts::parts(const scheduler_settings& wanted,
                        std::unique_ptr<storage::disk_engine> opened, std::string_view store_key,
                        std::uint64_t epoch, std::function<void()> on_disk_failure)
    : settings{wanted},
      disk{std::move(opened)},
      store{*disk},
      ids{kernel_random{}},
      logs{wanted.data_folder + "/logs"},
      runs{epoch << 32},
      webhooks{store_key},
      cursor_key{storage::hmac_sha256(store_key, {cursor_purpose})},
      writer{store, std::move(on_disk_failure)},
      lookups{store, 1, "lookups"},
      queries{store, 1, "queries"},
      searches{store, 2, "searches"},
      aside{store, 1, "previews"},
      housekeeping{store, 1, "housekeeping"},
      backups{store, 1, "backups"},
      calls{to_client_settings(wanted)},
      config{wanted.actor_threads},
      system{config} {
  tokens.set_tenant(wanted.tenant);
  home.settings = to_house_settings(wanted, epoch, kernel_random{}());
  home.changes.begin(epoch << 32);
  home.time = &real_time;
  if (wanted.manual_clock) {
    const auto left_at = store.manual_time().value_or(real_time.now());
    manual_time.set(wanted.manual_clock_start.value_or(left_at));
    home.time = &manual_time;
    home.manual_time = &manual_time;
  }
  home.writer = &writer;
  home.lookups = &lookups;
  home.housekeeping = &housekeeping;
  home.queries = &queries;
  home.rest_after = [this](duration worked) { return rest_after(worked); };
  home.calls = &calls;
  home.webhooks = &webhooks;
  home.zones = &zones;
  home.refresh_zones = [this] { return zones.refresh(); };
  home.ids = &ids;
  home.dedupe = &dedupe;
  for (const auto& claim : storage::schedule_store{*disk}.dedupe_claims())
    dedupe.restore(claim);
  home.gates = &gates;
  home.queue_rules = &queues;
  restore_gates();
  definitions.restore(store);
  open_commands();
  spawn_house(system, home);
}

void scheduler::parts::restore_gates() {
  auto holders = store.key_holders();
  std::ranges::move(queues.restore(store), std::back_inserter(holders));
  gates.restore(holders, home.time->now());
}

void scheduler::parts::open_commands() {
  home.runs = &runs;
  home.printed = [this](const task_id& run, std::size_t bytes_max) {
    return end_of_output(logs, run, bytes_max);
  };
  home.drop_logs = [this](std::vector<task_id> gone) {
    housekeeping.post([this, gone = std::move(gone)](const storage::task_store&) {
      for (const auto& run : gone)
        logs.remove(run);
    });
  };
  if (settings.runs_commands)
    open_process_host();
  else
    commands = std::make_unique<no_commands>();
  home.commands = commands.get();
}

void scheduler::parts::open_process_host() {
  // The mark of our children must not depend on how the folder was named.
  std::error_code ignored;
  auto folder = std::filesystem::canonical(settings.data_folder, ignored).string();
  if (const auto left = end_leftovers(folder); left > 0)
    log(log_level::warn, "ended processes that an earlier life of the server had left",
        {{"count", std::to_string(left)}});
  process_host_settings host;
  host.open_log = [this](const task_id& run, const log_rules& rules) {
    return logs.create(run, rules);
  };
  host.time = home.time;
  host.on_output = [this](const task_id& run) { runs.printed(run); };
  host.data_folder = std::move(folder);
  commands = std::make_unique<process_host>(std::move(host));
}

/// A crash may come between the removal of a task and that of what it printed.
void scheduler::parts::drop_lost_logs() {
  housekeeping.post([this](const storage::task_store& known) {
    std::vector<task_id> lost;
    logs.for_each([&](const task_id& run) {
      const auto found = known.load(parse_run_id(run).task);
      if (found && !*found)
        lost.push_back(run);
    });
    for (const auto& run : lost)
      logs.remove(run);
  });
}

void scheduler::start() {
  resume_house(parts_->home);
  parts_->compare_zones();
  parts_->drop_lost_logs();
  parts_->write_stats_again_and_again();
}

/// The zones may have changed while the server was down.
void scheduler::parts::compare_zones() {
  const auto now = zones.database_version();
  const auto before = storage::schedule_store{*disk}.zone_version();
  if (now == before)
    return;
  if (!before.empty()) {
    log(log_level::info, "the zones have changed: next moments are computed anew",
        {{"from", before}, {"to", now}});
    for (const auto& keeper : home.keepers)
      caf::anon_send(keeper, zones_changed{});
  }
  storage::change_set changes;
  storage::encode_zone_version(now, changes);
  writer.submit(std::move(changes), [](storage::commit_status) {});
}

/// Nothing speaks to the actors any more when they are closed.
scheduler::parts::~parts() {
  commands.reset();
  lookups.stop();
  queries.stop();
  is_closing = true;
  searches.stop();
  aside.stop();
  housekeeping.stop();
  backups.stop();
  write_stats();
  writer.stop();
  close_house(home);
}

expected<std::unique_ptr<scheduler>> scheduler::open(const scheduler_settings& settings,
                                                     std::function<void()> on_disk_failure) {
  const auto database = storage::open_data_folder(settings.data_folder);
  if (!database)
    return database.error();
  const auto store_key = storage::load_or_make_key(settings.data_folder + "/store.key");
  if (!store_key)
    return store_key.error();
  auto disk = storage::open_rocksdb(
      {*database, settings.block_cache_bytes, settings.memtable_bytes, settings.free_bytes_min});
  if (!disk)
    return disk.error();
  storage::task_store store{**disk};
  const auto epoch = store.begin_epoch();
  if (!epoch)
    return epoch.error();
  const auto moved = store.rehome_ready(former_delivery_queue);
  if (!moved)
    return moved.error();
  if (*moved > 0)
    log(log_level::info, "moved tasks that wait to be delivered to the queues of their hosts",
        {{"count", std::to_string(*moved)}});
  const auto listed = storage::build_lists(store, **disk);
  if (!listed)
    return listed.error();
  if (*listed > 0)
    log(log_level::info, "built the indexes of lists", {{"tasks", std::to_string(*listed)}});
  auto made = std::make_unique<parts>(settings, *std::move(disk), *store_key, *epoch,
                                      std::move(on_disk_failure));
  if (const auto loaded = made->load_secrets(); !loaded)
    return loaded.error();
  if (const auto loaded = made->load_tokens(); !loaded)
    return loaded.error();
  return std::unique_ptr<scheduler>{new scheduler{std::move(made)}};
}

scheduler::scheduler(std::unique_ptr<parts> made) : parts_{std::move(made)} {}
scheduler::~scheduler() = default;

instant scheduler::now() const {
  return parts_->home.time->now();
}

// -- commands -----------------------------------------------------------------

void scheduler::create(
    std::vector<std::pair<std::shared_ptr<const task_spec>, answer<created_task>>> tasks) {
  std::map<unsigned, create_tasks> by_shard;
  for (auto& [spec, reply] : tasks) {
    if (has_all_tasks()) {
      reply(too_many_tasks);
      continue;
    }
    const auto id = spec->unique_id.empty() ? parts_->ids.next(now())
                                            : parts_->ids.next_beside(spec->unique_id, now());
    by_shard[shard_of(id)].tasks.push_back(
        {id, std::move(spec), counted(under_way(parts_->tasks_under_way, std::move(reply)))});
  }
  for (auto& [shard, made] : by_shard)
    caf::anon_send(parts_->home.shards[shard], std::move(made));
}

void scheduler::ask(std::vector<task_ask> asks) {
  std::map<unsigned, ask_tasks> by_shard;
  for (auto& one : asks) {
    one.reply = counted(std::move(one.reply));
    by_shard[shard_of(one.id)].asks.push_back(std::move(one));
  }
  for (auto& [shard, batch] : by_shard)
    caf::anon_send(parts_->home.shards[shard], std::move(batch));
}

void scheduler::request(task_request wanted) {
  const auto& queue = parts_->home.queue_for(wanted.queue);
  caf::anon_send(queue, request_tasks{std::move(wanted)});
}

bool scheduler::allows_api_commands() const {
  return parts_->settings.api_commands;
}

bool scheduler::admits() const {
  return parts_->commands_in_flight < parts_->settings.commands_in_flight_max
         && parts_->writer.queued_bytes() < parts_->settings.write_queue_bytes_max;
}

readiness scheduler::ready() const {
  if (!parts_->writer.has_room())
    return {false, "the disk is full"};
  if (!admits())
    return {false, "more is under way than can be written"};
  return {true, "", parts_->home.timers_rearmed.load()};
}

// -- questions to the store ----------------------------------------------------

void scheduler::find(const task_id& id, answer<task_details> reply) const {
  parts_->queries.post([id, reply = std::move(reply)](const storage::task_store& store) {
    auto found = store.load(id);
    if (!found)
      return reply(found.error());
    if (!*found)
      return reply(problem{problem_kind::not_found, "no such task"});
    auto news = store.news_of(id, news_shown_max);
    if (!news)
      return reply(news.error());
    reply(task_details{**std::move(found), *std::move(news)});
  });
}

void scheduler::run_aside(std::function<void()> job) const {
  parts_->aside.post([job = std::move(job)](const storage::task_store&) { job(); });
}

// -- the manual clock and the end ----------------------------------------------

bool scheduler::has_manual_clock() const {
  return parts_->home.manual_time != nullptr;
}

void scheduler::advance(instant to, answer<instant> reply) {
  const auto note = [this, reply = std::move(reply)](expected<instant> moved) {
    if (!moved)
      return reply(std::move(moved));
    storage::change_set changes;
    storage::encode_manual_time(*moved, changes);
    parts_->writer.submit(std::move(changes),
                          [reply, moved](storage::commit_status) { reply(moved); });
  };
  caf::anon_send(parts_->home.clock, advance_clock{to, answer<instant>{note}});
}

void scheduler::drain(duration limit, const std::atomic<bool>& hurry) {
  const auto& home = parts_->home;
  std::vector<std::future<void>> ended;
  for (const auto& runner :
       {runner_actor{home.dispatcher}, runner_actor{home.inner_runner},
        runner_actor{home.commands_runner}, runner_actor{home.services_runner}}) {
    auto done = std::make_shared<std::promise<void>>();
    ended.push_back(done->get_future());
    caf::anon_send(runner, stop_deliveries{
                               answer<bool>{[done](const expected<bool>&) { done->set_value(); }}});
  }
  const auto all_ended = [&](duration within) {
    const auto until = std::chrono::steady_clock::now() + within;
    return std::ranges::all_of(
        ended, [&](const auto& one) { return one.wait_until(until) == std::future_status::ready; });
  };
  caf::anon_send(home.services_runner, end_commands{false});
  constexpr auto step = std::chrono::milliseconds{50};
  bool told_commands = false;
  for (duration waited{0}; waited < limit && !hurry; waited += step) {
    if (all_ended(step))
      return;
    if (!told_commands && waited + commands_margin >= limit) {
      caf::anon_send(home.commands_runner, end_commands{false});
      told_commands = true;
    }
  }
  for (const auto* runner : {&home.commands_runner, &home.services_runner})
    caf::anon_send(*runner, end_commands{true});
  if (!all_ended(std::chrono::seconds{2}))
    log(log_level::warn, "attempts were still under way at the end");
}

}  // namespace carillon
