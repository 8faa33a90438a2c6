#include <utility>

#include "actors/gather.hpp"
#include "http/batch_input.hpp"
#include "http/batch_output.hpp"
#include "http/batch_stream.hpp"
#include "http/task_commands.hpp"
#include "http/trace_input.hpp"

namespace carillon::http {
namespace {

using view_answer = carillon::answer<batch_view>;

using batch_spec_ptr = std::shared_ptr<const batch_spec>;

/// The header Idempotency-Key is the batch's idempotency_key.
expected<batch_spec_ptr> with_key(const batch_spec_ptr& spec, const request& asked) {
  const std::string key{asked.header("idempotency-key")};
  if (key.empty() || key == spec->idempotency_key)
    return spec;
  fault_list faults;
  if (!spec->idempotency_key.empty())
    faults.add("header.idempotency-key", "must be the idempotency_key of the body", key);
  else if (key.size() > 255)
    faults.add("header.idempotency-key", "must have at most 255 bytes", key);
  if (!faults.empty())
    return std::move(faults).to_problem();
  auto keyed = *spec;
  keyed.idempotency_key = key;
  return std::make_shared<const batch_spec>(std::move(keyed));
}

/// Makes the children that are missing and seals the batch.
void fill_small_batch(const api& with, const small_batch& whole, const opened_batch& opened,
                      const view_answer& done) {
  const auto feed = opened.feed;
  const auto finish = [&with, feed, done](const std::vector<expected<created_task>>& all) {
    for (const auto& outcome : all)
      if (!outcome)
        return done(outcome.error());
    with.core.ask_batch(feed->batch(), batch_event::seal{}, done, feed->session());
  };
  const auto ticket = feed->enter();
  if (!ticket)
    return done(problem{problem_kind::conflict, "another request has taken the batch over"});
  std::vector<std::shared_ptr<const task_spec>> missing;
  for (std::size_t at = 0; at < whole.tasks.size(); ++at) {
    const auto number = static_cast<std::uint32_t>(at);
    if (feed->is_taken(number))
      continue;
    auto spec = *whole.tasks[at];
    spec.batch = batch_place{feed->batch(), number};
    missing.push_back(std::make_shared<const task_spec>(std::move(spec)));
  }
  if (missing.empty())
    return finish({});
  const auto outcomes = std::make_shared<gather<created_task>>(
      missing.size(), [finish, ticket](const auto& all) { finish(all); });
  std::vector<std::pair<std::shared_ptr<const task_spec>, carillon::answer<created_task>>> asked;
  for (std::size_t at = 0; at < missing.size(); ++at)
    asked.emplace_back(std::move(missing[at]), slot_of(outcomes, at));
  with.core.create(std::move(asked));
}

}  // namespace

void open_small_batch(const api& with, const request& asked, responder reply) {
  auto whole = read_small_batch(with, asked.body, origin_of(asked));
  if (!whole)
    return reply(std::move(whole).error());
  if (!admit(with, reply))
    return;
  auto spec = with_key(whole->header.spec, asked);
  if (!spec)
    return reply(std::move(spec).error());
  with.core.open_batch(
      *std::move(spec),
      carillon::answer<opened_batch>{
          [&with, reply, whole = *std::move(whole)](expected<opened_batch> opened) {
            if (!opened)
              return reply(std::move(opened).error());
            const view_answer done{[reply, is_new = opened->is_new](expected<batch_view> outcome) {
              if (!outcome)
                return reply(std::move(outcome).error());
              reply(response{is_new ? 201 : 200,
                             native_batch(*outcome),
                             {{"Location", "/v1/batches/" + to_batch_text(outcome->subject.id)}}});
            }};
            if (!opened->feed)
              return done(std::move(opened->view));
            fill_small_batch(with, whole, *opened, done);
          },
          reply.mark()});
}

}  // namespace carillon::http
