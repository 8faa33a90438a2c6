#pragma once

#include "config/endpoint.hpp"
#include "model/instant.hpp"
#include "model/jwt.hpp"
#include "model/log.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// Every limit and default of the server on one page. Bounds, names and descriptions are in
/// config/settings_table.cpp, row by row. Sizes are bytes (std::size_t), counts are int.
namespace carillon {

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;
inline constexpr std::size_t gib = 1024 * mib;

enum class clock_mode { real, manual };
enum class log_format { automatic, text, json };

struct store_settings {
  std::string data = "data";
  std::size_t write_queue_bytes_max = 64 * mib;
  std::size_t block_cache_bytes = 32 * mib;
  std::size_t memtable_bytes = 32 * mib;
  std::size_t free_bytes_min = 64 * mib;
  std::string backups;
};

/// The URL by which others reach the server, without a slash at the end. Empty: its first address.
struct public_url {
  std::string text;
};

/// A name that others have for the server, lower case.
struct host_name {
  std::string text;
};

/// Scheme, host and port of pages, as browsers write them: "https://jobs.example.com".
struct web_origin {
  std::string text;
};

struct http_settings {
  std::vector<endpoint> listen = {{"127.0.0.1", 8080}};
  std::vector<endpoint> tls_listen;
  std::string tls_certificate;
  std::string tls_key;
  carillon::public_url public_url;
  bool insecure_bind = false;    ///< Whether addresses beyond the loopback are served.
  std::vector<host_name> hosts;  ///< Beside IP addresses, localhost and that of public_url.
  std::vector<web_origin> allowed_origins;
  int io_threads = 1;
  int connections_max = 10'000;
  std::size_t header_bytes_max = 16 * kib;
  int headers_max = 100;
  std::size_t body_bytes_max = 1 * mib;
  std::size_t stream_bytes_max = 256 * mib;
  duration header_timeout = std::chrono::seconds{10};
  duration body_timeout = std::chrono::seconds{30};
  duration idle_timeout = std::chrono::seconds{75};
  duration write_timeout = std::chrono::seconds{30};
  duration answer_timeout = std::chrono::seconds{75};
  int commands_in_flight_max = 20'000;
};

/// JSON Web Tokens are taken when there are keys, from one place or the other.
struct jwt_settings {
  std::string keys_file;
  std::string keys_url;
  duration refresh_interval = std::chrono::minutes{10};
  std::string ca_file;
  std::string issuer;
  std::string audience;
  std::vector<jwt_algorithm> algorithms = {jwt_algorithm::rs256, jwt_algorithm::es256,
                                           jwt_algorithm::ps256};
  duration leeway = std::chrono::seconds{30};
  std::string scope_claim = "scope";
  std::string tenant_claim = "tenant";
};

struct actor_settings {
  int threads = 1;
  int awake_tasks_max = 16'384;
  duration horizon = std::chrono::seconds{60};
};

struct clock_settings {
  clock_mode mode = clock_mode::real;
  std::optional<instant>
      start;  ///< Manual clock only; empty: where the store ends, else real time.
};

struct delivery_settings {
  int slots = 1'024;
  int per_host_concurrency = 64;
  int per_host_rate = 0;  ///< A second; 0: any number.
  int connections_per_host_max = 64;
  duration connect_timeout = std::chrono::seconds{10};
  std::size_t answer_bytes_max = 16 * kib;
  std::string ca_file;                     ///< Empty: the system's.
  std::vector<std::string> allow_targets;  ///< What make_address_guard() takes; checked with it.
  duration timeout_default = std::chrono::seconds{30};
};

struct lease_settings {
  duration duration_default = std::chrono::seconds{60};
  duration duration_max = std::chrono::hours{12};
  duration wait_max = std::chrono::seconds{60};
  int max = 1'000;
};

struct command_settings {
  int slots = 1'000;
  bool allow_api = false;
};

struct retention_settings {
  duration keep_for{0};  ///< 0: for ever.
  int keep_runs = 0;     ///< 0: any number.
  duration sweep_interval = std::chrono::minutes{1};
};

struct audit_settings {
  duration keep_for = std::chrono::hours{24 * 90};  ///< 0: for ever.
};

/// Of each tenant but the operator's own, when nothing else was set for it. 0: any number.
struct tenants_settings {
  int max = 64;
  int requests_per_second = 0;
  int burst = 0;  ///< 0: the requests of one second.
  int requests_at_once = 1'000;
  int open_tasks = 0;
  int schedules = 0;
  std::size_t memtable_bytes = 4 * mib;
  std::size_t block_cache_bytes = 4 * mib;
};

struct shutdown_settings {
  duration grace = std::chrono::seconds{25};
};

struct log_settings {
  log_level level = log_level::info;
  log_format format = log_format::automatic;
  bool core_dumps = false;
};

struct settings {
  store_settings store;
  http_settings http;
  jwt_settings jwt;
  actor_settings actors;
  clock_settings clock;
  delivery_settings delivery;
  lease_settings leases;
  command_settings commands;
  retention_settings retention;
  audit_settings audit;
  tenants_settings tenants;
  shutdown_settings shutdown;
  log_settings log;
};

}  // namespace carillon
