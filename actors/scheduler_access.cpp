#include <algorithm>

#include "actors/marks.hpp"
#include "actors/scheduler_parts.hpp"
#include "storage/schedule_store.hpp"
#include "storage/token_store.hpp"

// Who may do what: tokens, and the agents that some of them act for.

namespace carillon {
namespace {

const problem no_such_agent{problem_kind::not_found, "no such agent"};
const problem no_such_token{problem_kind::not_found, "no such token"};
const problem disk_full{problem_kind::unavailable, "the disk is full: nothing was saved"};
const problem too_many{problem_kind::conflict, "there are too many tokens: revoke some"};

constexpr std::size_t tokens_max = 10'000;

}  // namespace

expected<void> scheduler::parts::load_tokens() {
  auto agents = storage::schedule_store{*disk}.agents();
  if (!agents)
    return agents.error();
  for (auto& each : *agents)
    tokens.set_agent(std::move(each));
  auto found = storage::load_tokens(*disk);
  if (!found)
    return found.error();
  for (auto& each : *found)
    tokens.put(std::move(each));
  return {};
}

// -- tokens -----------------------------------------------------------------------

/// Those whose time is over go when a new one comes.
void scheduler::parts::drop_expired_tokens(storage::change_set& changes) {
  const auto now = home.time->now();
  for (const auto& each : tokens.all())
    if (has_expired(each.token.expires_at, now)) {
      storage::encode_token_removal(each.token.id, changes);
      tokens.take(each.token.id);
    }
}

void scheduler::set_operator_token(const token_digest& digest) {
  parts_->tokens.set_operator(digest);
}

void scheduler::add_token(access_token asked, answer<access_token> reply) {
  asked.id = parts_->ids.next(now());
  asked.created_at = now();
  const std::lock_guard lock{parts_->token_changes};
  if (!asked.agent.empty() && !parts_->tokens.find_agent(asked.agent))
    return reply(no_such_agent);
  storage::change_set changes;
  parts_->drop_expired_tokens(changes);
  if (parts_->tokens.all().size() >= tokens_max)
    return reply(too_many);
  storage::encode_token(asked, changes);
  leave_mark(reply, asked.id, changes);
  // Good before it is durable, but nobody knows it before the answer: so whatever ends its agent
  // meanwhile finds it.
  parts_->tokens.put(asked);
  parts_->writer.submit(std::move(changes),
                        [this, asked = std::move(asked),
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          if (status == storage::commit_status::durable)
                            return reply(asked);
                          parts_->tokens.take(asked.id);
                          reply(disk_full);
                        });
}

void scheduler::remove_token(const task_id& id, const std::string& agent,
                             answer<access_token> reply) {
  const std::lock_guard lock{parts_->token_changes};
  const auto known = find_token(id);
  if (!known || known->token.agent != agent)
    return reply(no_such_token);
  parts_->tokens.take(id);
  storage::change_set changes;
  storage::encode_token_removal(id, changes);
  leave_mark(reply, id, changes);
  parts_->writer.submit(std::move(changes),
                        [this, gone = known->token,
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          if (status == storage::commit_status::durable)
                            return reply(gone);
                          parts_->tokens.put(gone);
                          reply(disk_full);
                        });
}

std::optional<token_book::entry> scheduler::find_token(const task_id& id) const {
  auto found = parts_->tokens.find(id);
  return found && !has_expired(found->token.expires_at, now()) ? found : std::nullopt;
}

std::vector<token_book::entry> scheduler::tokens() const {
  auto found = parts_->tokens.all();
  std::erase_if(
      found, [now = now()](const auto& each) { return has_expired(each.token.expires_at, now); });
  return found;
}

std::shared_ptr<const principal> scheduler::who_has(const token_digest& digest) const {
  return parts_->tokens.who_has(digest, now());
}

void scheduler::find_queues(std::vector<task_id> ids,
                            answer<std::vector<std::optional<std::string>>> reply) const {
  parts_->lookups.post(
      [ids = std::move(ids), reply = std::move(reply)](const storage::task_store& store) {
        std::vector<std::optional<std::string>> queues;
        queues.reserve(ids.size());
        for (const auto& id : ids) {
          const auto found = store.load_record(id);
          if (!found)
            return reply(found.error());
          queues.push_back(*found ? std::optional{queue_of(*(*found)->spec)} : std::nullopt);
        }
        reply(std::move(queues));
      });
}

// -- agents -----------------------------------------------------------------------

void scheduler::save_agent(agent subject, answer<agent> reply) {
  const std::lock_guard lock{parts_->token_changes};
  storage::change_set changes;
  storage::encode_agent_change(subject, false, changes);
  leave_mark(reply, parse_task_id(subject.id), changes);
  parts_->writer.submit(std::move(changes),
                        [this, subject = std::move(subject),
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          if (status != storage::commit_status::durable)
                            return reply(disk_full);
                          parts_->tokens.set_agent(subject);
                          reply(subject);
                        });
}

void scheduler::find_agent(std::string id, answer<agent> reply) const {
  parts_->queries.post(
      [id = std::move(id), reply = std::move(reply)](const storage::task_store& store) {
        auto found = storage::schedule_store{store.disk()}.find_agent(id);
        if (!found)
          return reply(found.error());
        if (!*found)
          return reply(no_such_agent);
        reply(**std::move(found));
      });
}

void scheduler::list_agents(answer<std::vector<agent>> reply) const {
  parts_->queries.post([reply = std::move(reply)](const storage::task_store& store) {
    reply(storage::schedule_store{store.disk()}.agents());
  });
}

void scheduler::remove_agent(std::string id, answer<agent> reply) {
  const std::lock_guard lock{parts_->token_changes};
  auto found = parts_->tokens.find_agent(id);
  if (!found)
    return reply(no_such_agent);
  auto its_tokens = parts_->tokens.take_agent(id);
  storage::change_set changes;
  storage::encode_agent_change(*found, true, changes);
  leave_mark(reply, parse_task_id(id), changes);
  for (const auto& each : its_tokens)
    storage::encode_token_removal(each.id, changes);
  parts_->writer.submit(std::move(changes),
                        [this, found = *std::move(found), its_tokens = std::move(its_tokens),
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          if (status == storage::commit_status::durable) {
                            // A change that came before this may have put it back.
                            parts_->tokens.take_agent(found.id);
                            return reply(found);
                          }
                          parts_->tokens.set_agent(found);
                          for (const auto& each : its_tokens)
                            parts_->tokens.put(each);
                          reply(disk_full);
                        });
}

}  // namespace carillon
