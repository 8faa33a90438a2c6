#include <algorithm>

#include "actors/marks.hpp"
#include "actors/scheduler_parts.hpp"
#include "model/log.hpp"
#include "storage/crypto.hpp"
#include "storage/event_source_store.hpp"

// The secrets that sign deliveries and events, and the addresses at which targets call back.

namespace carillon {
namespace {

const problem no_such_secret{problem_kind::not_found, "no such secret"};
const problem too_many{problem_kind::invalid,
                       "the name has " + std::to_string(secrets_of_name_max) + " secrets already"};
const problem disk_full{problem_kind::unavailable, "the disk is full: nothing was saved"};

}  // namespace

expected<void> scheduler::parts::load_secrets() {
  auto found = storage::load_secrets(*disk, webhooks.seal_key());
  if (!found)
    return found.error();
  for (auto& each : *found) {
    if (each.key.empty())
      log(log_level::error, "a secret cannot be read: it was sealed with another store.key",
          {{"id", to_secret_text(each.what.id)}, {"name", each.what.name}});
    webhooks.put(std::move(each));
  }
  auto known_sources = storage::load_event_sources(*disk, webhooks.seal_key());
  if (!known_sources)
    return known_sources.error();
  for (auto& each : *known_sources) {
    if (each.key.empty())
      log(log_level::error,
          "the secret of a source of events cannot be read: it was sealed with another store.key",
          {{"name", each.name}});
    sources.put(std::move(each));
  }
  return {};
}

/// Those whose time is over go when a new one comes.
void scheduler::parts::drop_expired_secrets(storage::change_set& changes) {
  const auto now = home.time->now();
  for (const auto& each : webhooks.all())
    if (has_expired(each.what, now)) {
      storage::encode_secret_removal(each.what.id, changes);
      webhooks.take(each.what.id);
    }
}

void scheduler::parts::end_secret_under_way(const std::string& name) {
  const std::lock_guard lock{secret_changes};
  secrets_under_way.erase(secrets_under_way.find(name));
}

std::string scheduler::random_key() {
  return storage::random_bytes(secret_bytes_made);
}

void scheduler::add_secret(new_secret asked, answer<webhook_secret> reply) {
  storage::kept_secret made{
      {parts_->ids.next(now()), std::move(asked.name), now(), asked.expires_at},
      std::move(asked.key)};
  const std::lock_guard lock{parts_->secret_changes};
  const auto& name = made.what.name;
  auto& under_way = parts_->secrets_under_way;
  if (parts_->webhooks.count(name, now()) + under_way.count(name) >= secrets_of_name_max)
    return reply(too_many);
  under_way.insert(name);
  storage::change_set changes;
  parts_->drop_expired_secrets(changes);
  storage::encode_secret(made, parts_->webhooks.seal_key(), changes);
  leave_mark(reply, made.what.id, changes);
  parts_->writer.submit(std::move(changes),
                        [this, made = std::move(made),
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          const bool durable = status == storage::commit_status::durable;
                          if (durable)
                            parts_->webhooks.put(made);
                          parts_->end_secret_under_way(made.what.name);
                          if (!durable)
                            return reply(disk_full);
                          reply(made.what);
                        });
}

void scheduler::end_secret(const task_id& id, std::optional<instant> expires_at,
                           answer<webhook_secret> reply) {
  const std::lock_guard lock{parts_->secret_changes};
  auto changed = parts_->webhooks.find(id);
  if (!changed || has_expired(changed->what, now()))
    return reply(no_such_secret);
  if (changed->key.empty())
    return reply(problem{problem_kind::conflict, "the secret cannot be read: remove it"});
  changed->what.expires_at = expires_at;
  storage::change_set changes;
  storage::encode_secret(*changed, parts_->webhooks.seal_key(), changes);
  leave_mark(reply, id, changes);
  parts_->writer.submit(std::move(changes),
                        [this, changed = *std::move(changed),
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          if (status != storage::commit_status::durable)
                            return reply(disk_full);
                          parts_->webhooks.replace(changed);
                          reply(changed.what);
                        });
}

void scheduler::remove_secret(const task_id& id, answer<webhook_secret> reply) {
  const std::lock_guard lock{parts_->secret_changes};
  auto gone = parts_->webhooks.take(id);
  if (!gone)
    return reply(no_such_secret);
  storage::change_set changes;
  storage::encode_secret_removal(id, changes);
  leave_mark(reply, id, changes);
  parts_->writer.submit(std::move(changes),
                        [this, gone = *std::move(gone),
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          if (status == storage::commit_status::durable)
                            return reply(gone.what);
                          parts_->webhooks.put(gone);
                          reply(disk_full);
                        });
}

std::vector<webhook_secret> scheduler::secrets() const {
  std::vector<webhook_secret> found;
  for (auto& each : parts_->webhooks.all())
    if (!has_expired(each.what, now()))
      found.push_back(std::move(each.what));
  return found;
}

std::size_t scheduler::count_secrets(std::string_view name) const {
  return parts_->webhooks.count(name, now());
}

void scheduler::set_public_url(std::string url) {
  parts_->webhooks.set_public_url(std::move(url));
}

bool scheduler::is_callback(const task_id& id, std::uint64_t token,
                            std::string_view signature) const {
  return parts_->webhooks.is_callback(id, token, signature);
}

}  // namespace carillon
