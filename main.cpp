#include "actors/scheduler.hpp"
#include "config/command_line.hpp"
#include "config/logging.hpp"
#include "http/api.hpp"
#include "http/bearer.hpp"
#include "http/server.hpp"
#include "http/tables.hpp"
#include "model/duration.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

// The composition root: read settings, open the store, spawn, serve, stop in reverse order.

// Read by jemalloc at its start: memory that a burst has used goes back to the system after 2 s.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "dirty_decay_ms:2000";
}

namespace {

using namespace carillon;

constexpr int exit_fault = 1;
constexpr int exit_disk_failure = 74;  // EX_IOERR of sysexits(3)

int fail(const problem& cause) {
  std::fprintf(stderr, "carillon: %s\n", cause.detail.c_str());
  return exit_fault;
}

/// What is on disk is unknown: nothing more may be answered, so nothing is cleaned up.
[[noreturn]] void end_on_disk_failure() {
  log(log_level::error, "the disk failed, nothing more is written: ending");
  std::_Exit(exit_disk_failure);
}

scheduler_settings to_scheduler_settings(const settings& from) {
  scheduler_settings to;
  to.data_folder = from.store.data;
  to.block_cache_bytes = from.store.block_cache_bytes;
  to.memtable_bytes = from.store.memtable_bytes;
  to.free_bytes_min = from.store.free_bytes_min;
  to.write_queue_bytes_max = from.store.write_queue_bytes_max;
  to.commands_in_flight_max = static_cast<std::size_t>(from.http.commands_in_flight_max);
  to.actor_threads = static_cast<unsigned>(from.actors.threads);
  to.awake_tasks_max = static_cast<std::size_t>(from.actors.awake_tasks_max);
  to.horizon = from.actors.horizon;
  to.delivery_slots = static_cast<std::size_t>(from.delivery.slots);
  to.connections_per_host_max = from.delivery.connections_per_host_max;
  to.connect_timeout = from.delivery.connect_timeout;
  to.answer_bytes_max = from.delivery.answer_bytes_max;
  to.ca_file = from.delivery.ca_file;
  to.guard = *make_address_guard(from.delivery.allow_targets);  // checked with the settings
  to.manual_clock = from.clock.mode == clock_mode::manual;
  to.manual_clock_start = from.clock.start;
  return to;
}

http::server_settings to_server_settings(const http_settings& from) {
  http::server_settings to;
  to.listen.clear();
  for (const auto& place : from.listen)
    to.listen.push_back(format_endpoint(place));
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
  return {core,
          *make_address_guard(from.delivery.allow_targets),
          from.delivery.timeout_default,
          from.leases.duration_default,
          from.leases.duration_max,
          from.leases.wait_max,
          from.leases.max};
}

sigset_t block_stop_signals() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return stops;
}

/// Connections, calls and the store share the open files: as many as the system grants.
void raise_open_files_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0)
    return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

/// Lets what is under way end, at most the grace time; a second signal hastens.
void stop(http::server& server, scheduler& core, const settings& values, const sigset_t& stops) {
  log(log_level::info, "stopping", {{"grace", format_duration_words(values.shutdown.grace)}});
  std::atomic<bool> hurry = false;
  std::atomic<bool> done = false;
  std::thread second_signal{[&] {
    constexpr timespec step{0, 50'000'000};
    while (!done && !hurry)
      hurry = sigtimedwait(&stops, nullptr, &step) > 0;
  }};
  server.stop_accepting();
  core.drain(values.shutdown.grace, hurry);
  server.drain(hurry ? duration{0} : std::chrono::seconds{1});
  done = true;
  second_signal.join();
}

int serve(const settings& values) {
  const auto stops = block_stop_signals();
  raise_open_files_limit();
  start_logging(values.log);
  auto core = scheduler::open(to_scheduler_settings(values), end_on_disk_failure);
  if (!core)
    return fail(core.error());
  const auto token = http::load_or_create_token(values.store.data + "/admin.token");
  if (!token)
    return fail(token.error());
  const http::bearer gatekeeper{{http::bearer::hash(*token)}};
  const http::api surfaces = to_api(values, **core);
  const std::span<const http::route> tables[] = {
      http::service_surface(),     http::tasks_surface(),     http::native_surface(),
      http::queue_surface(),       http::schedules_surface(), http::preview_surface(),
      http::definitions_surface(), http::runs_surface(),      http::events_surface(),
      http::agents_surface()};
  http::server server{to_server_settings(values.http), http::router{tables}, surfaces, &gatekeeper};
  if (const auto started = server.start(); !started)
    return fail(started.error());
  for (const auto& address : server.addresses())
    log(log_level::info, "listening", {{"address", address}});
  int signal = 0;
  sigwait(&stops, &signal);
  stop(server, **core, values, stops);
  log(log_level::info, "stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  const auto wanted = read_command_line(arguments, read_environment(environ));
  if (const auto* done = std::get_if<done_command>(&wanted)) {
    std::fputs(done->text.c_str(), done->exit_code == 0 ? stdout : stderr);
    return done->exit_code;
  }
  return serve(std::get<serve_command>(wanted).values);
}
