#include <future>

#include "http/bearer.hpp"
#include "model/log.hpp"
#include "storage/data_folder.hpp"
#include "storage/tenant_folders.hpp"
#include "tenancy.hpp"
#include "tenancy_await.hpp"

// What opens and closes tenants, and what is done to all of them: on the one thread.

namespace carillon {
namespace {

/// For answers that are on their way to clients of a tenant that is removed.
constexpr std::chrono::seconds last_answers{2};
/// In which its streams are cut off: connections look every second.
constexpr std::chrono::seconds streams_end{10};
constexpr std::chrono::seconds drain_before_removal{5};

constexpr std::string_view maker = "operator";

const problem no_such_tenant{problem_kind::not_found, "no such tenant"};
const problem being_removed{problem_kind::conflict, "the tenant is being removed"};

problem in_trouble(const std::string& name) {
  return {problem_kind::unavailable, "the store of the tenant " + name + " does not open"};
}

/// A token that may do everything in the scheduler.
expected<std::pair<access_token, std::string>> add_token_for_all(scheduler& core) {
  const std::string everything{to_string(right::admin)};
  const auto text = http::new_token();
  if (!text)
    return text.error();
  access_token wanted;
  wanted.name = everything;
  wanted.scopes = {everything};
  wanted.prefix = text->substr(0, token_prefix_bytes);
  wanted.digest = http::bearer::hash(*text);
  wanted.created_by = maker;
  const auto made = await<access_token>(
      [&](answer<access_token> reply) { core.add_token(wanted, std::move(reply)); });
  if (!made)
    return made.error();
  return std::pair{*made, *text};
}

}  // namespace

void tenancy::make(tenant wanted, answer<http::tenant_token> reply) {
  post([this, wanted = std::move(wanted), reply = std::move(reply)] { reply(make_now(wanted)); });
}

void tenancy::change(std::string name, http::tenant_change what, answer<http::tenant_view> reply) {
  post([this, name = std::move(name), what = std::move(what), reply = std::move(reply)] {
    reply(change_now(name, what));
  });
}

void tenancy::remove(std::string name, answer<http::tenant_view> reply) {
  post([this, name = std::move(name), reply = std::move(reply)] { remove_now(name, reply); });
}

void tenancy::give_token(std::string name, answer<http::tenant_token> reply) {
  post([this, name = std::move(name), reply = std::move(reply)] { reply(give_token_now(name)); });
}

void tenancy::advance(instant to, answer<instant> reply) {
  post([this, to, reply = std::move(reply)] { reply(advance_now(to)); });
}

void tenancy::make_backup(std::string to, answer<finished_backup> reply) {
  post([this, to = std::move(to), reply = std::move(reply)] {
    reply(await<finished_backup>([&](answer<finished_backup> made) {
      own_.make_backup(
          to, [this](const std::string& draft) { return copy_all(draft); }, std::move(made));
    }));
  });
}

// -- making -----------------------------------------------------------------------

expected<http::tenant_token> tenancy::make_now(tenant wanted) {
  if (rooms_.contains(wanted.name))
    return problem{problem_kind::conflict, "there is a tenant of this name already"};
  if (rooms_.size() >= static_cast<std::size_t>(values_.tenants.max))
    return problem{problem_kind::conflict,
                   "there are as many tenants as there may be: see tenants.max"};
  const auto folder = storage::tenant_folder(values_.store.data, wanted.name);
  if (storage::has_tenant_folder(values_.store.data, wanted.name))
    return problem{problem_kind::conflict,
                   "there is a folder of this name, which belongs to no tenant: " + folder};
  wanted.stage = tenant_stage::making;
  if (const auto noted = save(wanted); !noted)
    return noted.error();
  auto made = make_room(wanted);
  if (!made) {
    if (const auto gone = forget(wanted); !gone)
      log(log_level::error, "what was left of a tenant stays until the next start",
          {{"tenant", wanted.name}, {"cause", gone.error().detail}});
    return made.error();
  }
  auto& [opened, token] = *made;
  begin(opened);
  const std::unique_lock lock{rooms_mutex_};
  const auto& kept = rooms_.emplace(wanted.name, std::move(opened)).first->second;
  log(log_level::info, "made a tenant", {{"tenant", wanted.name}});
  return http::tenant_token{view_of(kept), std::move(token.first), std::move(token.second)};
}

/// Its row says that it is open when all of it is there.
expected<std::pair<tenancy::room, tenancy::token_and_text>> tenancy::make_room(
    const tenant& facts) const {
  if (auto there = storage::make_tenants_folder(values_.store.data); !there)
    return there.error();
  auto opened = open_store(facts);
  if (!opened)
    return opened.error();
  if (auto synced = storage::sync_folder(storage::tenant_folder(values_.store.data, "")); !synced)
    return synced.error();
  auto token = add_token_for_all(*opened->core);
  if (!token)
    return token.error();
  opened->facts.stage = tenant_stage::open;
  if (const auto noted = save(opened->facts); !noted)
    return noted.error();
  return std::pair{*std::move(opened), *std::move(token)};
}

expected<http::tenant_token> tenancy::give_token_now(const std::string& name) {
  const auto found = rooms_.find(name);
  if (found == rooms_.end())
    return no_such_tenant;
  if (!found->second.core)
    return in_trouble(name);
  auto made = add_token_for_all(*found->second.core);
  if (!made)
    return made.error();
  return http::tenant_token{view_of(found->second), std::move(made->first),
                            std::move(made->second)};
}

// -- changing and removing --------------------------------------------------------

expected<http::tenant_view> tenancy::change_now(const std::string& name,
                                                const http::tenant_change& what) {
  const auto found = rooms_.find(name);
  if (found == rooms_.end())
    return no_such_tenant;
  auto facts = found->second.facts;
  if (facts.stage != tenant_stage::open)
    return being_removed;
  facts.title = what.title.value_or(facts.title);
  facts.limits = what.limits.value_or(facts.limits);
  if (const auto noted = save(facts); !noted)
    return noted.error();
  const std::unique_lock lock{rooms_mutex_};
  found->second.facts = std::move(facts);
  apply_quotas(found->second);
  return view_of(found->second);
}

void tenancy::remove_now(const std::string& name, const answer<http::tenant_view>& reply) {
  const auto found = rooms_.find(name);
  if (found == rooms_.end())
    return reply(no_such_tenant);
  auto& one = found->second;
  auto facts = one.facts;
  facts.stage = tenant_stage::removing;
  if (const auto noted = save(facts); !noted)
    return reply(noted.error());
  std::unique_ptr<scheduler> core;
  {
    const std::unique_lock lock{rooms_mutex_};
    one.facts = facts;
    core = std::move(one.core);
    one.door->close();
    reply(view_of(one));
  }
  if (core && !close(*core, *one.door)) {
    // Whoever holds a stream may ask it still: it stays, and goes at the next start.
    log(log_level::error, "a tenant stays until the next start: streams of it do not end",
        {{"tenant", name}});
    const std::unique_lock lock{rooms_mutex_};
    one.trouble = "it is removed at the next start";
    left_.push_back(std::move(core));
    return;
  }
  core.reset();
  if (const auto gone = forget(facts); !gone) {
    log(log_level::error, "a tenant could not be removed: the next start tries again",
        {{"tenant", name}, {"cause", gone.error().detail}});
    const std::unique_lock lock{rooms_mutex_};
    one.trouble = gone.error().detail;
    return;
  }
  const std::unique_lock lock{rooms_mutex_};
  rooms_.erase(found);
  log(log_level::info, "removed a tenant", {{"tenant", name}});
}

/// Nobody is let in any more. When this returns true nobody asks the scheduler either.
bool tenancy::close(scheduler& core, http::tenant_door& door) {
  using std::chrono::steady_clock;
  server_->let_handlers_return();
  if (!door.wait_until_quiet(steady_clock::now() + streams_end))
    return false;
  server_->let_handlers_return();
  const std::atomic<bool> hurry = false;
  core.drain(drain_before_removal, hurry);
  // Requests that still wait are answered 503 as the scheduler goes.
  door.wait_until_left(steady_clock::now() + last_answers);
  return true;
}

// -- all of them ------------------------------------------------------------------

/// The operator's clock leads: at a start the others are set by it.
expected<instant> tenancy::advance_now(instant to) {
  auto moved = await<instant>([&](answer<instant> reply) { own_.advance(to, std::move(reply)); });
  if (!moved)
    return moved;
  std::vector<std::future<void>> all;
  for (auto& [name, each] : rooms_) {
    if (!each.core)
      continue;
    const auto done = std::make_shared<std::promise<void>>();
    all.push_back(done->get_future());
    each.core->advance(*moved,
                       answer<instant>{[done](const expected<instant>&) { done->set_value(); }});
  }
  for (auto& each : all)
    each.wait();
  return moved;
}

expected<std::int64_t> tenancy::copy_all(const std::string& draft) const {
  std::int64_t tasks = 0;
  if (rooms_.empty())
    return tasks;
  if (auto made = storage::make_tenants_folder(draft); !made)
    return made.error();
  for (const auto& [name, each] : rooms_) {
    if (each.facts.stage != tenant_stage::open)
      continue;
    if (!each.core)
      return in_trouble(name);  // a backup without it would be none
    const auto copied = each.core->copy_store(storage::tenant_folder(draft, name));
    if (!copied)
      return copied.error();
    tasks += *copied;
  }
  return tasks;
}

}  // namespace carillon
