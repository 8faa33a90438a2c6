#include "client_commands.hpp"
#include "config/command_line.hpp"
#include "config/logging.hpp"
#include "door.hpp"
#include "http/bearer.hpp"
#include "http/recorder.hpp"
#include "http/request_meter.hpp"
#include "http/server.hpp"
#include "http/tables.hpp"
#include "model/duration.hpp"
#include "service_manager.hpp"
#include "store_commands.hpp"
#include "tenancy.hpp"
#include "wiring.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
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
constexpr int exit_usage = 2;          // as for every fault of the configuration
constexpr int exit_disk_failure = 74;  // EX_IOERR of sysexits(3)

int fail(const problem& cause) {
  if (!cause.faults.empty()) {
    std::fputs(fault_lines(cause).c_str(), stderr);
    return exit_usage;
  }
  std::fprintf(stderr, "carillon: %s\n", cause.detail.c_str());
  return exit_fault;
}

/// What is on disk is unknown: nothing more may be answered, so nothing is cleaned up.
[[noreturn]] void end_on_disk_failure() {
  log(log_level::error, "the disk failed, nothing more is written: ending");
  std::_Exit(exit_disk_failure);
}

/// SIGTERM and SIGINT stop the server, SIGHUP reloads its definitions.
sigset_t block_signals() {
  sigset_t all;
  sigemptyset(&all);
  for (const int each : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&all, each);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // beyond a limit on files, writes fail and are told
  return all;
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
void stop(http::server& server, scheduler& core, tenancy& tenants, const settings& values,
          const sigset_t& signals) {
  log(log_level::info, "stopping", {{"grace", format_duration_words(values.shutdown.grace)}});
  std::atomic<bool> hurry = false;
  std::atomic<bool> done = false;
  std::thread second_signal{[&] {
    constexpr timespec step{0, 50'000'000};
    while (!done && !hurry) {
      const int signal = sigtimedwait(&signals, nullptr, &step);
      hurry = signal > 0 && signal != SIGHUP;
    }
  }};
  server.stop_accepting();
  std::thread others{[&] { tenants.drain(values.shutdown.grace, hurry); }};
  core.drain(values.shutdown.grace, hurry);
  others.join();
  server.drain(hurry ? duration{0} : std::chrono::seconds{1});
  done = true;
  second_signal.join();
  tenants.finish();
}

/// Of its first address.
int port_of(const http::server& server) {
  const auto addresses = server.addresses();
  const auto& first = addresses.front();
  return std::stoi(first.substr(first.rfind(':') + 1));
}

/// Where others reach it when nobody says: encrypted if it can be.
std::string url_of(const http::server& server) {
  const auto places = server.places();
  const auto& last = places.back();  // those with TLS come last
  return last.speaks_tls
             ? "https://" + std::ranges::find_if(places, &http::server::place::speaks_tls)->address
             : "http://" + places.front().address;
}

/// What the data folder says of where the server listens, and which certificate it shows there.
class place_note {
public:
  place_note(std::string data_folder, http::server::place first, const door& entrance)
      : data_folder_{std::move(data_folder)}, first_{std::move(first)}, entrance_{entrance} {
    beat();
  }

  /// A reload may have brought another certificate.
  void beat() {
    auto shown = first_.speaks_tls ? entrance_.certificate()->fingerprint() : std::string{};
    if (shown != noted_)
      note_address(data_folder_, first_.address, shown);
    noted_ = std::move(shown);
  }

private:
  std::string data_folder_;
  http::server::place first_;
  const door& entrance_;
  std::optional<std::string> noted_;
};

using answer_function = std::function<void(expected<definition_changes>)>;

/// Returns when the server is to stop.
void wait_for_stop(const sigset_t& signals, operator_file& file,
                   const std::function<void()>& beat) {
  // A reload that meets another one is done when that has ended.
  const auto wants_again = std::make_shared<std::atomic<bool>>(false);
  const answer_function done = [wants_again](expected<definition_changes> outcome) {
    const bool met_another = !outcome && outcome.error().kind == problem_kind::conflict;
    if (met_another)
      *wants_again = true;
    else
      log_reload(outcome);
  };
  while (true) {
    beat();
    constexpr timespec step{0, 250'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &step);
    if (signal == SIGHUP || (signal < 0 && wants_again->exchange(false)))
      file.reload(answer<definition_changes>{done});
    else if (signal > 0)
      return;
  }
}

/// Due work is done from here on.
void begin(const settings& values, scheduler& core, tenancy& tenants, http::server& server) {
  const auto& set = values.http.public_url.text;
  const auto url = set.empty() ? url_of(server) : set;
  core.set_public_url(url);
  core.start();
  tenants.start(url, server);
  for (const auto& [address, speaks_tls] : server.places())
    log(log_level::info, "listening",
        {{"address", address}, {"scheme", speaks_tls ? "https" : "http"}});
}

/// The operator's token is the one in the file.
expected<void> let_operator_in(const std::string& data_folder, scheduler& core) {
  const auto token = http::load_or_create_token(data_folder + "/admin.token");
  if (!token)
    return token.error();
  core.set_operator_token(http::bearer::hash(*token));
  return {};
}

/// Whose token that is: the operator's, or a tenant's.
http::bearer::look_up look_up_in(const scheduler& core, const tenancy& tenants) {
  return [&core, &tenants](const token_digest& digest) {
    auto found = core.who_has(digest);
    return found ? found : tenants.who_has(digest);
  };
}

int serve(serve_command wanted) {
  const auto& values = wanted.values;
  const auto signals = block_signals();
  keep_private(values.log);
  raise_open_files_limit();
  start_logging(values.log);
  http::recorder desk;  // outlives the core, which may answer to its end
  const auto core = scheduler::open(to_scheduler_settings(values), end_on_disk_failure);
  if (!core)
    return fail(core.error());
  operator_file file{std::move(wanted.file), **core};
  if (const auto applied = file.apply(std::move(wanted.definitions)); !applied)
    return fail(applied.error());
  if (const auto known = let_operator_in(values.store.data, **core); !known)
    return fail(known.error());
  const auto entrance = door::open(values, **core);
  if (!entrance)
    return fail(entrance.error());
  if ((*entrance)->has_files())
    file.read_first([entrance = *entrance] { return entrance->reload(); });
  tenancy tenants{values, **core, end_on_disk_failure};
  if (const auto opened = tenants.open(); !opened)
    return fail(opened.error());
  http::bearer gatekeeper{look_up_in(**core, tenants), (*entrance)->strangers()};
  auto surfaces = to_api(values, **core);
  surfaces.tenants = &tenants;
  surfaces.reload = [&file](answer<definition_changes> reply) { file.reload(std::move(reply)); };
  http::request_meter meter{http::all_surfaces()};
  surfaces.requests = &meter;
  http::server server{to_server_settings(values.http), http::router{http::all_surfaces()}, surfaces,
                      &gatekeeper};
  server.count_into(meter);
  if (const auto* const certificate = (*entrance)->certificate())
    server.show(*certificate);
  server.serve(tenants);
  server.record_at(desk);
  surfaces.facts = [&file, &server] {
    return http::server_facts{CARILLON_VERSION, port_of(server), file.loaded_at()};
  };
  std::optional<place_note> note;
  const auto note_place = [&] {
    note.emplace(values.store.data, server.places().front(), **entrance);
  };
  if (const auto started = server.start(note_place); !started)
    return fail(started.error());
  begin(values, **core, tenants, server);
  service_manager manager;
  manager.ready();
  wait_for_stop(signals, file, [&] {
    manager.beat(**core);
    (*entrance)->beat();
    note->beat();
  });
  manager.stopping();
  stop(server, **core, tenants, values, signals);
  log(log_level::info, "stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  const auto environment = read_environment(environ);
  if (is_client_command(arguments))
    return run_client(arguments, environment);
  auto wanted = read_command_line(arguments, environment, client_commands());
  if (const auto* done = std::get_if<done_command>(&wanted)) {
    std::fputs(done->text.c_str(), done->exit_code == 0 ? stdout : stderr);
    return done->exit_code;
  }
  if (const auto* wanted_check = std::get_if<check_command>(&wanted))
    return check(*wanted_check);
  if (const auto* wanted_backup = std::get_if<backup_command>(&wanted))
    return backup(*wanted_backup);
  if (const auto* wanted_restore = std::get_if<restore_command>(&wanted))
    return restore(*wanted_restore);
  return serve(std::get<serve_command>(std::move(wanted)));
}
