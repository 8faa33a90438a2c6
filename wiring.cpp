#include "wiring.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <future>

#include "actors/file_mask.hpp"
#include "config/definitions_file.hpp"
#include "http/origin_rules.hpp"
#include "model/json.hpp"
#include "model/log.hpp"
#include "model/request_mark.hpp"

namespace carillon {

void keep_private(const log_settings& log) {
  if (!log.core_dumps)
    ::prctl(PR_SET_DUMPABLE, 0);
  mask_files();
}

scheduler_settings to_scheduler_settings(const settings& from) {
  scheduler_settings to;
  to.data_folder = from.store.data;
  to.block_cache_bytes = from.store.block_cache_bytes;
  to.memtable_bytes = from.store.memtable_bytes;
  to.free_bytes_min = from.store.free_bytes_min;
  to.backups = from.store.backups;
  to.write_queue_bytes_max = from.store.write_queue_bytes_max;
  to.commands_in_flight_max = static_cast<std::size_t>(from.http.commands_in_flight_max);
  to.actor_threads = static_cast<unsigned>(from.actors.threads);
  to.awake_tasks_max = static_cast<std::size_t>(from.actors.awake_tasks_max);
  to.horizon = from.actors.horizon;
  to.api_commands = from.commands.allow_api;
  to.command_slots = static_cast<std::size_t>(from.commands.slots);
  to.delivery_slots = static_cast<std::size_t>(from.delivery.slots);
  to.calls_per_host = static_cast<std::size_t>(from.delivery.per_host_concurrency);
  to.starts_per_host = from.delivery.per_host_rate;
  to.connections_per_host_max = from.delivery.connections_per_host_max;
  to.connect_timeout = from.delivery.connect_timeout;
  to.answer_bytes_max = from.delivery.answer_bytes_max;
  to.ca_file = from.delivery.ca_file;
  to.guard = *make_address_guard(from.delivery.allow_targets);  // checked with the settings
  if (from.retention.keep_for > duration{0})
    to.keep.age = from.retention.keep_for;
  if (from.retention.keep_runs > 0)
    to.keep.runs = from.retention.keep_runs;
  to.sweep_interval = from.retention.sweep_interval;
  to.audit_keep_for = from.audit.keep_for;
  to.manual_clock = from.clock.mode == clock_mode::manual;
  to.manual_clock_start = from.clock.start;
  return to;
}

http::server_settings to_server_settings(const http_settings& from) {
  http::server_settings to;
  to.listen.clear();
  for (const auto& place : from.listen)
    to.listen.push_back(format_endpoint(place));
  for (const auto& place : from.tls_listen)
    to.tls_listen.push_back(format_endpoint(place));
  for (const auto& each : from.hosts)
    to.hosts.push_back(each.text);
  for (const auto& each : from.allowed_origins)
    to.allowed_origins.push_back(each.text);
  if (const auto& url = from.public_url.text; !url.empty()) {
    to.hosts.push_back(http::host_of_url(url));
    to.allowed_origins.push_back(http::origin_of_url(url));
  }
  to.io_threads = static_cast<unsigned>(from.io_threads);
  to.connections_max = static_cast<std::size_t>(from.connections_max);
  to.header_bytes_max = from.header_bytes_max;
  to.headers_max = static_cast<std::size_t>(from.headers_max);
  to.body_bytes_max = from.body_bytes_max;
  to.stream_bytes_max = from.stream_bytes_max;
  to.header_timeout = from.header_timeout;
  to.body_timeout = from.body_timeout;
  to.idle_timeout = from.idle_timeout;
  to.write_timeout = from.write_timeout;
  to.answer_timeout = from.answer_timeout;
  return to;
}

http::api to_api(const settings& from, scheduler& core) {
  http::api to{core,
               *make_address_guard(from.delivery.allow_targets),
               from.delivery.timeout_default,
               from.leases.duration_default,
               from.leases.duration_max,
               from.leases.wait_max,
               from.leases.max};
  to.wait_max = std::min<duration>(to.wait_max, from.http.answer_timeout * 4 / 5);
  return to;
}

// -- the operator's file ----------------------------------------------------------

namespace {

std::string to_json(const definition_changes& outcome) {
  json::writer out;
  const auto write = [&out](std::string_view name, const std::vector<std::string>& all) {
    out.key(name).begin_array();
    for (const auto& each : all)
      out.string(each);
    out.end_array();
  };
  std::vector<std::string> changed;
  for (const auto& each : outcome.changed)
    changed.push_back(each.name);
  out.begin_object();
  write("added", outcome.added);
  write("changed", changed);
  write("removed", outcome.removed);
  out.end_object();
  return out.take();
}

/// At the start, by SIGHUP or by POST /api/reload: the file is who did it.
void record_change(scheduler& core, const std::string& file, const definition_changes& outcome) {
  if (outcome.added.empty() && outcome.changed.empty() && outcome.removed.empty())
    return;
  const auto mark = core.new_mark();
  mark->record.who_kind = "operator_file";
  mark->record.who_id = file;
  mark->record.action = "reload";
  mark->record.after = to_json(outcome);
  core.save_mark(mark->record, {}, {}, {});
}

}  // namespace

answer<definition_changes> operator_file::noting(answer<definition_changes> reply) const {
  return answer<definition_changes>{
      [at = loaded_at_, &core = core_, file = path_.value_or(""),
       reply = std::move(reply)](expected<definition_changes> outcome) {
        if (outcome) {
          *at = core.now();
          record_change(core, file, *outcome);
        }
        reply(std::move(outcome));
      }};
}

expected<definition_changes> operator_file::apply(std::vector<definition> wanted) {
  std::promise<expected<definition_changes>> outcome;
  core_.apply_definitions(
      std::move(wanted),
      noting(answer<definition_changes>{
          [&](expected<definition_changes> changes) { outcome.set_value(std::move(changes)); }}));
  return outcome.get_future().get();
}

void operator_file::reload(answer<definition_changes> reply) {
  if (!path_ && !more_)
    return reply(problem{problem_kind::invalid,
                         "the server was started without a file: name one with --config"});
  core_.run_aside([path = path_, more = more_, &core = core_, noted = noting(std::move(reply))] {
    if (more)
      if (const auto read = more(); !read)
        return noted(read.error());
    if (!path)
      return noted(definition_changes{});
    auto wanted = load_definitions(*path);
    if (!wanted)
      return noted(wanted.error());
    core.apply_definitions(*std::move(wanted), noted);
  });
}

void log_reload(const expected<definition_changes>& outcome) {
  if (outcome) {
    log(log_level::info, "reloaded the definitions",
        {{"added", std::to_string(outcome->added.size())},
         {"changed", std::to_string(outcome->changed.size())},
         {"removed", std::to_string(outcome->removed.size())}});
    return;
  }
  log(log_level::error, "the definitions stay as they were", {{"cause", outcome.error().detail}});
  for (const auto& each : outcome.error().faults)
    log(log_level::error, "a definition is at fault",
        {{"location", each.location}, {"message", each.message}, {"found", each.value}});
}

}  // namespace carillon
