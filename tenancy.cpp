#include "tenancy.hpp"

#include "model/log.hpp"
#include "storage/tenant_folders.hpp"
#include "tenancy_await.hpp"
#include "wiring.hpp"

namespace carillon {
tenancy::tenancy(const settings& values, scheduler& own, std::function<void()> on_disk_failure)
    : values_{values}, own_{own}, on_disk_failure_{std::move(on_disk_failure)} {
  const auto& set = values.tenants;
  defaults_ = {set.requests_per_second, set.burst, set.requests_at_once, set.open_tasks,
               set.schedules};
}

tenancy::~tenancy() {
  finish();
}

// -- the one thread ---------------------------------------------------------------

void tenancy::post(std::function<void()> job) {
  const std::lock_guard lock{jobs_mutex_};
  if (finishing_)
    return;  // whoever waits is answered as the job goes
  jobs_.push_back(std::move(job));
  wake_.notify_one();
}

void tenancy::run() {
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock lock{jobs_mutex_};
      wake_.wait(lock, [this] { return finishing_ || !jobs_.empty(); });
      if (finishing_)
        return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

void tenancy::finish() {
  {
    const std::lock_guard lock{jobs_mutex_};
    finishing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable())
    thread_.join();
  jobs_.clear();
}

// -- start and stop ---------------------------------------------------------------

expected<void> tenancy::open() {
  const auto known = own_.tenants();
  if (!known)
    return known.error();
  for (const auto& each : *known) {
    if (each.stage == tenant_stage::open) {
      rooms_.emplace(each.name, open_room(each));
      continue;
    }
    log(log_level::info, "taking away what was left of a tenant",
        {{"tenant", each.name}, {"stage", std::string{to_string(each.stage)}}});
    if (const auto gone = forget(each); !gone)
      return gone.error();
  }
  return {};
}

void tenancy::start(const std::string& public_url, http::server& server) {
  public_url_ = public_url;
  server_ = &server;
  for (auto& [name, each] : rooms_)
    begin(each);
  thread_ = std::thread{[this] { run(); }};
}

void tenancy::begin(room& opened) const {
  if (!opened.core)
    return;
  opened.core->set_public_url(public_url_ + "/t/" + opened.facts.name);
  opened.core->start();
}

void tenancy::drain(duration limit, const std::atomic<bool>& hurry) {
  std::vector<std::thread> all;
  const std::shared_lock lock{rooms_mutex_};
  for (auto& [name, each] : rooms_)
    if (each.core)
      all.emplace_back([&core = *each.core, limit, &hurry] { core.drain(limit, hurry); });
  for (auto& each : all)
    each.join();
}

scheduler_settings tenancy::settings_of(const std::string& name) const {
  auto to = to_scheduler_settings(values_);
  to.data_folder = storage::tenant_folder(values_.store.data, name);
  to.memtable_bytes = values_.tenants.memtable_bytes;
  to.block_cache_bytes = values_.tenants.block_cache_bytes;
  to.actor_threads = 1;
  to.backups.clear();
  // A command could read whatever the server can, and so what other tenants have.
  to.runs_commands = false;
  to.api_commands = false;
  to.tenant = name;
  if (to.manual_clock)
    to.manual_clock_start = own_.now();
  return to;
}

tenancy::room tenancy::open_room(const tenant& facts) const {
  const auto fail = [&](std::string why) {
    log(log_level::error, "a tenant is not served: its store does not open",
        {{"tenant", facts.name}, {"cause", why}});
    return room{facts, nullptr, std::make_shared<http::tenant_door>(facts.name, nullptr),
                std::move(why)};
  };
  if (!storage::has_tenant_folder(values_.store.data, facts.name))
    return fail("its folder is not there");
  auto opened = open_store(facts);
  return opened ? *std::move(opened) : fail(opened.error().detail);
}

expected<tenancy::room> tenancy::open_store(const tenant& facts) const {
  auto core = scheduler::open(settings_of(facts.name), on_disk_failure_);
  if (!core)
    return core.error();
  auto surfaces = std::make_shared<http::api>(to_api(values_, **core));
  surfaces->path_prefix = "/t/" + facts.name;
  room made{facts,
            *std::move(core),
            std::make_shared<http::tenant_door>(facts.name, std::move(surfaces)),
            {}};
  apply_quotas(made);
  return made;
}

void tenancy::apply_quotas(const room& of) const {
  const auto quotas = quotas_of(of.facts.limits, defaults_);
  of.door->set_quotas(quotas);
  if (of.core)
    of.core->set_limits({quotas.open_tasks, quotas.schedules});
}

// -- what requests ask ------------------------------------------------------------

std::shared_ptr<const principal> tenancy::who_has(const token_digest& digest) const {
  const std::shared_lock lock{rooms_mutex_};
  for (const auto& [name, each] : rooms_)
    if (each.core)
      if (auto found = each.core->who_has(digest))
        return found;
  return nullptr;
}

std::shared_ptr<http::tenant_door> tenancy::find(std::string_view name) const {
  const std::shared_lock lock{rooms_mutex_};
  const auto found = rooms_.find(name);
  if (found == rooms_.end() || found->second.facts.stage != tenant_stage::open)
    return nullptr;
  return found->second.door;
}

http::tenant_view tenancy::view_of(const room& one) const {
  return {one.facts, quotas_of(one.facts.limits, defaults_),
          one.core ? one.core->usage() : scheduler_usage{}, one.door->count(), one.trouble};
}

std::vector<http::tenant_view> tenancy::all() const {
  const std::shared_lock lock{rooms_mutex_};
  std::vector<http::tenant_view> found;
  for (const auto& [name, each] : rooms_)
    found.push_back(view_of(each));
  return found;
}

std::optional<http::tenant_view> tenancy::look_at(std::string_view name) const {
  const std::shared_lock lock{rooms_mutex_};
  const auto found = rooms_.find(name);
  return found == rooms_.end() ? std::nullopt : std::optional{view_of(found->second)};
}

// -- the operator's store ---------------------------------------------------------

expected<tenant> tenancy::save(const tenant& facts) const {
  return await<tenant>([&](answer<tenant> reply) { own_.save_tenant(facts, std::move(reply)); });
}

/// Its folder first: a row without it is found at the next start.
expected<void> tenancy::forget(const tenant& facts) const {
  if (auto gone = storage::remove_tenant_folder(values_.store.data, facts.name); !gone)
    return gone;
  const auto removed =
      await<tenant>([&](answer<tenant> reply) { own_.remove_tenant(facts, std::move(reply)); });
  return removed ? expected<void>{} : expected<void>{removed.error()};
}

}  // namespace carillon
