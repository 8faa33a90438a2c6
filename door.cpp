#include "door.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <utility>

#include "actors/http_client.hpp"
#include "http/jwt_gate.hpp"
#include "model/log.hpp"

namespace carillon {
namespace {

using steady_time = std::chrono::steady_clock::time_point;
using namespace std::chrono_literals;

constexpr std::size_t keys_bytes_max = 256 * 1024;
constexpr auto fetch_timeout = 10s;
constexpr auto fetch_pause = 30s;  ///< After a fetch that failed, or that a token asked for.
constexpr int ok = 200;

jwt_rules to_jwt_rules(const jwt_settings& from) {
  return {from.issuer, from.audience,    from.algorithms,
          from.leeway, from.scope_claim, from.tenant_claim};
}

expected<std::shared_ptr<const http::jwt_keys>> read_keys_file(const std::string& path) {
  std::error_code ignored;
  const auto rights = std::filesystem::status(path, ignored).permissions();
  if ((rights & std::filesystem::perms::others_write) != std::filesystem::perms::none)
    return problem{problem_kind::invalid,
                   "the key file " + path + " may be written by every user; run chmod o-w on it"};
  std::ifstream file{path, std::ios::binary};
  std::string text(keys_bytes_max, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.eof())
    return problem{problem_kind::invalid, "the key file " + path + " cannot be read, or is larger "
                                          "than 256KiB"};
  auto keys = http::jwt_keys::read(text);
  if (!keys)
    return problem{problem_kind::invalid,
                   "the key file " + path + " cannot be used: " + keys.error().detail};
  return keys;
}

http_client_settings to_client_settings(const jwt_settings& from) {
  // The operator names the address, so that nothing has to be guarded from it.
  const std::array<std::string, 2> anywhere{"0.0.0.0/0", "::/0"};
  http_client_settings to;
  to.answer_bytes_max = keys_bytes_max;
  to.connect_timeout = fetch_timeout;
  to.ca_file = from.ca_file;
  to.guard = *make_address_guard(anywhere);
  return to;
}

// -- keys by address --------------------------------------------------------------

/// Fetches the keys at intervals, and when a token needs newer ones. Any thread.
class key_fetcher {
public:
  key_fetcher(const jwt_settings& from, http::jwt_gate& gate)
      : url_{from.keys_url},
        interval_{from.refresh_interval},
        gate_{gate},
        client_{to_client_settings(from)} {}

  void beat() {
    const std::lock_guard lock{mutex_};
    if (!is_fetching_ && now() >= next_at_)
      fetch();
  }

  /// Whether newer keys are on their way.
  bool hurry() {
    const std::lock_guard lock{mutex_};
    if (!is_fetching_ && now() - last_hurry_ >= fetch_pause) {
      last_hurry_ = now();
      fetch();
    }
    return is_fetching_;
  }

private:
  static steady_time now() { return std::chrono::steady_clock::now(); }

  /// Under the mutex.
  void fetch() {
    is_fetching_ = true;
    client_.start({url_,
                   "GET",
                   {{"Accept", "application/json"}},
                   std::make_shared<const std::string>(),
                   fetch_timeout},
                  [this](http_outcome outcome) { take(outcome); });
  }

  void take(const http_outcome& outcome) {
    const auto cause = use(outcome);
    if (!cause.empty())
      log(log_level::warn, "the keys of JSON Web Tokens stay as they were",
          {{"url", url_}, {"cause", cause}});
    const std::lock_guard lock{mutex_};
    is_fetching_ = false;
    next_at_ = now() + (cause.empty() ? interval_ : std::min<duration>(interval_, fetch_pause));
  }

  /// Why the answer cannot be used; empty: it is.
  std::string use(const http_outcome& outcome) {
    if (outcome.status == 0)
      return outcome.error;
    if (outcome.status != ok)
      return "the answer was " + std::to_string(outcome.status);
    if (outcome.is_body_cut)
      return "the answer was longer than 256KiB";
    auto keys = http::jwt_keys::read(outcome.body);
    if (!keys)
      return keys.error().detail;
    gate_.set_keys(*std::move(keys));
    return {};
  }

  const std::string url_;
  const duration interval_;
  http::jwt_gate& gate_;  ///< Outlives this.

  std::mutex mutex_;  ///< Guards what follows, but for the client.
  bool is_fetching_ = false;
  steady_time next_at_ = {};
  steady_time last_hurry_ = now() - fetch_pause;
  http_client client_;  ///< The last: when it has gone, nobody calls back.
};

}  // namespace

struct door::parts {
  std::optional<http::tls_certificate> certificate;
  std::string keys_file;
  std::optional<http::jwt_gate> gate;
  std::optional<key_fetcher> fetcher;
};

door::door(std::unique_ptr<parts> made) : parts_{std::move(made)} {}
door::~door() = default;

expected<std::shared_ptr<door>> door::open(const settings& values, scheduler& core) {
  auto made = std::make_unique<parts>();
  if (!values.http.tls_listen.empty())
    made->certificate.emplace(values.http.tls_certificate, values.http.tls_key);
  const auto& jwt = values.jwt;
  made->keys_file = jwt.keys_file;
  if (!jwt.keys_file.empty() || !jwt.keys_url.empty())
    made->gate.emplace(to_jwt_rules(jwt), [&core] { return core.now(); });
  if (!jwt.keys_url.empty()) {
    auto& fetcher = made->fetcher.emplace(jwt, *made->gate);
    made->gate->set_key_call([&fetcher] { return fetcher.hurry(); });
    fetcher.beat();
  }
  std::shared_ptr<door> opened{new door{std::move(made)}};
  if (const auto read = opened->reload(); !read)
    return read.error();
  return opened;
}

const http::tls_certificate* door::certificate() const {
  return parts_->certificate ? &*parts_->certificate : nullptr;
}

http::bearer::stranger_look_up door::strangers() {
  if (!parts_->gate)
    return {};
  return [gate = &*parts_->gate](std::string_view token, const token_digest& digest) {
    return gate->who_has(token, digest);
  };
}

bool door::has_files() const {
  return parts_->certificate || !parts_->keys_file.empty();
}

expected<void> door::reload() {
  if (parts_->certificate) {
    const auto loaded = parts_->certificate->load();
    if (!loaded)
      return loaded.error();
    if (*loaded)
      log(log_level::info, "the certificate was read",
          {{"sha256", parts_->certificate->fingerprint()}});
  }
  if (!parts_->keys_file.empty()) {
    auto keys = read_keys_file(parts_->keys_file);
    if (!keys)
      return keys.error();
    parts_->gate->set_keys(*std::move(keys));
  }
  return {};
}

void door::beat() {
  if (parts_->fetcher)
    parts_->fetcher->beat();
}

}  // namespace carillon
