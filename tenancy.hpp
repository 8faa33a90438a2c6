#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

#include "actors/scheduler.hpp"
#include "config/settings.hpp"
#include "http/api.hpp"
#include "http/server.hpp"
#include "http/tenant_registry.hpp"

namespace carillon {

/// The tenants beside the operator's own: each has a scheduler of its own on a data folder of its
/// own, below the operator's. Which there are is in the operator's store.
///
/// Whatever opens or closes a scheduler, or needs all of them as they are, is done by one thread in
/// the order in which it is asked for; requests find their tenant without it.
class tenancy final : public http::tenant_registry {
public:
  /// `own` is the operator's scheduler and outlives this.
  tenancy(const settings& values, scheduler& own, std::function<void()> on_disk_failure);
  ~tenancy() override;
  tenancy(const tenancy&) = delete;
  tenancy& operator=(const tenancy&) = delete;

  /// Takes away what a crash has left half made or half removed, and opens the rest. One that does
  /// not open is told of and keeps nobody else from being served.
  expected<void> open();
  /// Carries on where the last life ended. `server`, which serves them, outlives finish().
  void start(const std::string& public_url, http::server& server);
  /// As scheduler::drain(), for all at once.
  void drain(duration limit, const std::atomic<bool>& hurry);
  /// Begins nothing more, and returns when what was begun is done.
  void finish();

  /// Null when no tenant has that token. Any thread.
  [[nodiscard]] std::shared_ptr<const principal> who_has(const token_digest& digest) const;

  [[nodiscard]] std::shared_ptr<http::tenant_door> find(std::string_view name) const override;
  [[nodiscard]] std::vector<http::tenant_view> all() const override;
  [[nodiscard]] std::optional<http::tenant_view> look_at(std::string_view name) const override;
  void make(tenant wanted, answer<http::tenant_token> reply) override;
  void change(std::string name, http::tenant_change what, answer<http::tenant_view> reply) override;
  void remove(std::string name, answer<http::tenant_view> reply) override;
  void give_token(std::string name, answer<http::tenant_token> reply) override;
  void advance(instant to, answer<instant> reply) override;
  void make_backup(std::string to, answer<finished_backup> reply) override;

private:
  /// What there is of one tenant. All of it is guarded by rooms_mutex_, but what `core` points to.
  struct room {
    tenant facts;
    std::unique_ptr<scheduler> core;  ///< Null: it does not open, or is being removed.
    std::shared_ptr<http::tenant_door> door;
    std::string trouble;
  };
  using token_and_text = std::pair<access_token, std::string>;

  /// Runs on the one thread, or never once finish() was called.
  void post(std::function<void()> job);
  void run();

  // -- on the one thread, or before it has anything to do
  [[nodiscard]] room open_room(const tenant& facts) const;
  [[nodiscard]] expected<room> open_store(const tenant& facts) const;
  void begin(room& opened) const;
  void apply_quotas(const room& of) const;
  [[nodiscard]] scheduler_settings settings_of(const std::string& name) const;
  expected<http::tenant_token> make_now(tenant wanted);
  expected<std::pair<room, token_and_text>> make_room(const tenant& facts) const;
  expected<http::tenant_view> change_now(const std::string& name, const http::tenant_change& what);
  void remove_now(const std::string& name, const answer<http::tenant_view>& reply);
  bool close(scheduler& core, http::tenant_door& door);
  expected<http::tenant_token> give_token_now(const std::string& name);
  expected<instant> advance_now(instant to);
  expected<std::int64_t> copy_all(const std::string& draft) const;
  expected<tenant> save(const tenant& facts) const;
  expected<void> forget(const tenant& facts) const;

  /// With rooms_mutex_ held.
  [[nodiscard]] http::tenant_view view_of(const room& one) const;

  settings values_;
  scheduler& own_;
  std::function<void()> on_disk_failure_;
  tenant_quotas defaults_;
  std::string public_url_;
  http::server* server_ = nullptr;

  mutable std::shared_mutex rooms_mutex_;  ///< Guards rooms_. Only the one thread changes it.
  std::map<std::string, room, std::less<>> rooms_;
  std::vector<std::unique_ptr<scheduler>> left_;  ///< Removed, but somebody may still ask them.

  std::mutex jobs_mutex_;  ///< Guards what follows.
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool finishing_ = false;
  std::thread thread_;
};

}  // namespace carillon
