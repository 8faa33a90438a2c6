#include "config/settings_table.hpp"

#include "model/duration.hpp"

#include <algorithm>

namespace carillon {

namespace {

using namespace std::chrono_literals;

template <auto Section, auto Name>
auto& at(settings& all) {
  return all.*Section.*Name;
}

constexpr setting_bounds from(std::int64_t min, std::int64_t max) {
  return {min, max};
}
constexpr setting_bounds bytes(std::size_t min, std::size_t max) {
  return {static_cast<std::int64_t>(min), static_cast<std::int64_t>(max)};
}
constexpr setting_bounds from(duration min, duration max) {
  return {min.count(), max.count()};
}

using all = settings;

// clang-format off
const setting_row rows[] = {
  {"store.data", at<&all::store, &store_settings::data>, from(1, 4096),
   "Folder that holds everything the server knows; made when it is absent.", {"--data", "DIR"}},
  {"store.write_queue_bytes_max", at<&all::store, &store_settings::write_queue_bytes_max>,
   bytes(mib, 16 * gib),
   "Bytes that wait to be written; beyond it commands are answered 503."},
  {"store.block_cache_bytes", at<&all::store, &store_settings::block_cache_bytes>,
   bytes(mib, 1024 * gib),
   "Memory for blocks read from the store."},
  {"store.memtable_bytes", at<&all::store, &store_settings::memtable_bytes>, bytes(mib, 4 * gib),
   "Memory for rows written but not yet sorted into files."},
  {"store.free_bytes_min", at<&all::store, &store_settings::free_bytes_min>, bytes(0, 1024 * gib),
   "Free space on the disk below which no more writes are taken (503, disk full)."},
  {"store.backups", at<&all::store, &store_settings::backups>, from(0, 4096),
   "Folder below which POST /v1/backup may make backups; empty: nowhere."},

  {"http.listen", at<&all::http, &http_settings::listen>, from(0, 64),
   "Addresses to serve on without encryption; port 0 takes any free one.",
   {"--listen", "HOST:PORT"}},
  {"http.tls_listen", at<&all::http, &http_settings::tls_listen>, from(0, 64),
   "Addresses to serve on with TLS."},
  {"http.tls_certificate", at<&all::http, &http_settings::tls_certificate>, from(0, 4096),
   "PEM file of the server's certificate, followed by those that vouch for it."},
  {"http.tls_key", at<&all::http, &http_settings::tls_key>, from(0, 4096),
   "PEM file of the certificate's key, without a passphrase; not for every user to read."},
  {"http.public_url", at<&all::http, &http_settings::public_url>, {},
   "Where targets reach this server to call back; empty: its first address, one with TLS if any.",
   {"--public-url", "URL"}},
  {"http.insecure_bind", at<&all::http, &http_settings::insecure_bind>, {},
   "Whether http.listen may name addresses beyond the loopback, where nothing is encrypted."},
  {"http.hosts", at<&all::http, &http_settings::hosts>, from(0, 1024),
   "Names by which clients ask, beside addresses, localhost and the host of http.public_url."},
  {"http.allowed_origins", at<&all::http, &http_settings::allowed_origins>, from(0, 1024),
   "Origins whose pages may use the server from a browser."},
  {"http.io_threads", at<&all::http, &http_settings::io_threads>, from(1, 64),
   "Threads that read and write sockets."},
  {"http.connections_max", at<&all::http, &http_settings::connections_max>, from(1, 1'000'000),
   "Connections open at a time; further ones are refused."},
  {"http.header_bytes_max", at<&all::http, &http_settings::header_bytes_max>, bytes(kib, mib),
   "Size of a request's head; beyond it 431."},
  {"http.headers_max", at<&all::http, &http_settings::headers_max>, from(1, 10'000),
   "Header fields of a request; beyond it 431."},
  {"http.body_bytes_max", at<&all::http, &http_settings::body_bytes_max>, bytes(kib, gib),
   "Size of a request's body; beyond it 413."},
  {"http.stream_bytes_max", at<&all::http, &http_settings::stream_bytes_max>,
   bytes(kib, 1024 * gib),
   "Size of a streamed body (NDJSON); beyond it 413."},
  {"http.header_timeout", at<&all::http, &http_settings::header_timeout>, from(100ms, 10min),
   "Time for the head of a request to arrive."},
  {"http.body_timeout", at<&all::http, &http_settings::body_timeout>, from(100ms, 1h),
   "Time for the body of a request, or the next piece of a streamed one, to arrive."},
  {"http.idle_timeout", at<&all::http, &http_settings::idle_timeout>, from(100ms, 1h),
   "Time a connection is kept open between two requests."},
  {"http.write_timeout", at<&all::http, &http_settings::write_timeout>, from(100ms, 1h),
   "Time for a client to take an answer, or the next piece of a streamed one."},
  {"http.answer_timeout", at<&all::http, &http_settings::answer_timeout>, from(100ms, 1h),
   "Time for a command to be answered; beyond it 503."},
  {"http.commands_in_flight_max", at<&all::http, &http_settings::commands_in_flight_max>,
   from(1, 1'000'000),
   "Commands taken but not yet answered; beyond it 503."},

  {"jwt.keys_file", at<&all::jwt, &jwt_settings::keys_file>, from(0, 4096),
   "JWKS file of the keys that sign JSON Web Tokens; empty with an empty jwt.keys_url: none is taken."},
  {"jwt.keys_url", at<&all::jwt, &jwt_settings::keys_url>, from(0, 2048),
   "Where the issuer publishes these keys instead: https, or http on the loopback."},
  {"jwt.refresh_interval", at<&all::jwt, &jwt_settings::refresh_interval>, from(1s, 24h),
   "Time between two looks at jwt.keys_url; a token with an unknown key has it looked at sooner."},
  {"jwt.ca_file", at<&all::jwt, &jwt_settings::ca_file>, from(0, 4096),
   "PEM file of the authorities that vouch for jwt.keys_url; empty: the system's."},
  {"jwt.issuer", at<&all::jwt, &jwt_settings::issuer>, from(0, 1024),
   "What the claim iss must be."},
  {"jwt.audience", at<&all::jwt, &jwt_settings::audience>, from(0, 1024),
   "What the claim aud must be, or have among others."},
  {"jwt.algorithms", at<&all::jwt, &jwt_settings::algorithms>, from(1, 3),
   "How tokens may be signed."},
  {"jwt.leeway", at<&all::jwt, &jwt_settings::leeway>, from(0s, 60s),
   "By how much the issuer's clock may differ."},
  {"jwt.scope_claim", at<&all::jwt, &jwt_settings::scope_claim>, from(1, 256),
   "The claim that has the scopes: a text with blanks between them, or a list."},
  {"jwt.tenant_claim", at<&all::jwt, &jwt_settings::tenant_claim>, from(1, 256),
   "The claim that names the tenant; a token without it belongs to none."},

  {"actors.threads", at<&all::actors, &actor_settings::threads>, from(1, 64),
   "Threads that decide."},
  {"actors.awake_tasks_max", at<&all::actors, &actor_settings::awake_tasks_max>,
   from(64, 10'000'000),
   "Tasks kept in memory at a time; the others rest in the store."},
  {"actors.horizon", at<&all::actors, &actor_settings::horizon>, from(1s, 2min),
   "How far ahead of their time timers are kept in memory."},

  {"clock.mode", at<&all::clock, &clock_settings::mode>, {},
   "Where the time comes from; a manual clock stands until it is moved over HTTP.",
   {"--clock", "MODE"}},
  {"clock.start", at<&all::clock, &clock_settings::start>, {},
   "Where a manual clock starts; empty: the latest time in the store, else the real time."},

  {"delivery.slots", at<&all::delivery, &delivery_settings::slots>, from(1, 100'000),
   "HTTP attempts in flight at a time."},
  {"delivery.per_host_concurrency", at<&all::delivery, &delivery_settings::per_host_concurrency>,
   from(1, 10'000),
   "HTTP attempts in flight at a time to one host and port."},
  {"delivery.per_host_rate", at<&all::delivery, &delivery_settings::per_host_rate>,
   from(0, 1'000'000),
   "HTTP attempts that begin in a second at one host and port, evenly spread; 0: any number."},
  {"delivery.connections_per_host_max",
   at<&all::delivery, &delivery_settings::connections_per_host_max>, from(1, 10'000),
   "Outgoing connections to one host."},
  {"delivery.connect_timeout", at<&all::delivery, &delivery_settings::connect_timeout>,
   from(100ms, 5min),
   "Time for an outgoing connection to be made."},
  {"delivery.answer_bytes_max", at<&all::delivery, &delivery_settings::answer_bytes_max>,
   bytes(0, 16 * mib),
   "How much of a target's answer is kept; the rest is dropped."},
  {"delivery.ca_file", at<&all::delivery, &delivery_settings::ca_file>, from(0, 4096),
   "PEM file of the authorities that vouch for targets; empty: the system's."},
  {"delivery.allow_targets", at<&all::delivery, &delivery_settings::allow_targets>, from(0, 1024),
   "Private networks that targets may be in, \"127.0.0.1:9000\" with a port; public addresses are "
   "always allowed.",
   {"--allow-target", "CIDR"}},
  {"delivery.timeout_default", at<&all::delivery, &delivery_settings::timeout_default>,
   from(100ms, 24h),
   "Time of an attempt whose task names none."},

  {"leases.duration_default", at<&all::leases, &lease_settings::duration_default>,
   from(100ms, 168h),
   "Length of a lease when the worker names none."},
  {"leases.duration_max", at<&all::leases, &lease_settings::duration_max>, from(100ms, 168h),
   "Longest lease a worker may ask for."},
  {"leases.wait_max", at<&all::leases, &lease_settings::wait_max>, from(0s, 10min),
   "Longest time a lease call may wait for work."},
  {"leases.max", at<&all::leases, &lease_settings::max>, from(1, 100'000),
   "Tasks that one lease call may take."},

  {"commands.slots", at<&all::commands, &command_settings::slots>, from(1, 100'000),
   "Commands of jobs that run at a time; services have no bound."},
  {"commands.allow_api", at<&all::commands, &command_settings::allow_api>, {},
   "Whether pipelines, which anybody with access may make, may run commands (command.run)."},

  {"retention.keep_for", at<&all::retention, &retention_settings::keep_for>,
   from(0s, duration_max),
   "How long ended tasks are kept, counted from their creation; 0s: for ever."},
  {"retention.keep_runs", at<&all::retention, &retention_settings::keep_runs>, from(0, 1'000'000),
   "Ended tasks that are kept of each schedule, the newest; 0: all."},
  {"retention.sweep_interval", at<&all::retention, &retention_settings::sweep_interval>,
   from(1s, 24h),
   "Time between two looks for tasks that are kept no longer."},

  {"audit.keep_for", at<&all::audit, &audit_settings::keep_for>, from(0s, duration_max),
   "How long records of changes are kept; 0s: for ever."},
  {"tenants.max", at<&all::tenants, &tenants_settings::max>, from(0, 1'024),
   "Tenants beside the operator's own."},
  {"tenants.requests_per_second", at<&all::tenants, &tenants_settings::requests_per_second>,
   from(0, 1'000'000),
   "Requests of a tenant in a second, for whom nothing else was set; 0: any number."},
  {"tenants.burst", at<&all::tenants, &tenants_settings::burst>, from(0, 1'000'000),
   "Requests of a tenant that may come at once after a pause; 0: those of one second."},
  {"tenants.requests_at_once", at<&all::tenants, &tenants_settings::requests_at_once>,
   from(0, 1'000'000),
   "Requests of a tenant that are not answered yet, waits and streams too; 0: any number."},
  {"tenants.open_tasks", at<&all::tenants, &tenants_settings::open_tasks>, from(0, 1'000'000'000),
   "Tasks of a tenant that have not ended; 0: any number."},
  {"tenants.schedules", at<&all::tenants, &tenants_settings::schedules>, from(0, 1'000'000'000),
   "Schedules of a tenant that have not ended; 0: any number."},
  {"tenants.memtable_bytes", at<&all::tenants, &tenants_settings::memtable_bytes>,
   bytes(mib, 4 * gib),
   "Memory of each tenant for rows written but not yet sorted into files."},
  {"tenants.block_cache_bytes", at<&all::tenants, &tenants_settings::block_cache_bytes>,
   bytes(mib, 1024 * gib),
   "Memory of each tenant for blocks read from its store."},

  {"shutdown.grace", at<&all::shutdown, &shutdown_settings::grace>, from(0s, 1h),
   "Time for work in flight to end when the server is stopped."},

  {"log.level", at<&all::log, &log_settings::level>, {},
   "Least serious lines that are written.", {"--log-level", "LEVEL"}},
  {"log.format", at<&all::log, &log_settings::format>, {},
   "How lines are written; auto is text on a terminal and JSON otherwise.",
   {"--log-format", "FORMAT"}},
  {"log.core_dumps", at<&all::log, &log_settings::core_dumps>, {},
   "Whether a crash may leave a core dump, and a debugger look: both see tokens and secrets."},
};

constexpr setting_relation relations[] = {
  {"http.body_bytes_max", "http.stream_bytes_max"},
  {"http.body_bytes_max", "store.write_queue_bytes_max"},  // else such a body is never admitted
  {"leases.duration_default", "leases.duration_max"},
  {"leases.wait_max", "http.answer_timeout"},
};
// clang-format on

}  // namespace

std::span<const setting_row> settings_table() {
  return rows;
}

std::span<const setting_relation> settings_relations() {
  return relations;
}

const setting_row* find_setting(std::string_view key) {
  const auto* const found = std::ranges::find(rows, key, &setting_row::key);
  return found == std::end(rows) ? nullptr : found;
}

std::string environment_name(const setting_row& row) {
  std::string name = "CARILLON_";
  for (const char letter : row.key)
    name += letter == '.' ? '_' : static_cast<char>(letter >= 'a' ? letter - 'a' + 'A' : letter);
  return name;
}

}  // namespace carillon
