#include "http/task_commands.hpp"

#include <utility>

#include "http/problem_response.hpp"
#include "http/task_input.hpp"

namespace carillon::http {

std::optional<task_id> task_id_of(const request& asked, const responder& reply) {
  auto id = parse_task_id(asked.parameters.front());
  if (!id)
    reply(problem{problem_kind::not_found, "no such task"});
  return id;
}

bool admit(const api& with, const responder& reply) {
  if (with.core.admits())
    return true;
  reply(problem{problem_kind::unavailable, "more is under way than can be written, try again"});
  return false;
}

bool may_be_run(const schedule& subject) {
  return !subject.spec->file || subject.spec->file->api_trigger;
}

response run_refusal(const request& asked) {
  return refuse(403, "API triggering is disabled for this task", asked);
}

void create_one(const api& with, expected<std::shared_ptr<const task_spec>> spec, show_task show,
                std::string location_prefix, preferred wait, responder reply) {
  if (!spec)
    return reply(std::move(spec).error());
  if (!admit(with, reply))
    return;
  carillon::answer<created_task> created{
      [&with, show, location_prefix = std::move(location_prefix), wait,
       reply](expected<created_task> made) {
        if (!made)
          return reply(std::move(made).error());
        auto describe = [show, location_prefix, is_new = made->is_new](
                            const task& subject, const std::vector<task_news>* news) {
          static const std::vector<task_news> no_news;
          return response{is_new ? 201 : 200,
                          show(subject, news == nullptr ? &no_news : news),
                          {{"Location", location_prefix + to_uuid(subject.id)}}};
        };
        answer_at_end(with, wait, std::move(made->subject), std::move(describe), reply);
      },
      reply.mark()};
  with.core.create({{*std::move(spec), std::move(created)}});
}

void ask_one(const api& with, const request& asked, task_event what, show_task show,
             responder reply, preferred wait) {
  const auto id = task_id_of(asked, reply);
  if (!id || !admit(with, reply))
    return;
  carillon::answer<task_ptr> decided{
      [&with, show, wait, reply](expected<task_ptr> outcome) {
        if (!outcome)
          return reply(std::move(outcome).error());
        auto describe = [show](const task& subject, const std::vector<task_news>*) {
          return response{200, show(subject, nullptr)};
        };
        answer_at_end(with, wait, *std::move(outcome), std::move(describe), reply);
      },
      reply.mark()};
  with.core.ask({{*id, std::move(what), std::move(decided)}});
}

void find_one(const api& with, const request& asked, show_task show, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  with.core.find(*id, carillon::answer<task_details>{[show, reply](expected<task_details> found) {
    if (!found)
      return reply(std::move(found).error());
    reply(response{200, show(found->subject, &found->news)});
  }});
}

void report_one(const api& with, const request& asked, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  auto news = read_component_news(with, asked.body);
  if (!news)
    return reply(std::move(news).error());
  if (!admit(with, reply))
    return;
  carillon::answer<task_ptr> decided{[reply](expected<task_ptr> outcome) {
                                       if (!outcome)
                                         return reply(std::move(outcome).error());
                                       reply(response{202, R"({"accepted":true})"});
                                     },
                                     reply.mark()};
  with.core.ask({{*id, event::report{*std::move(news)}, std::move(decided)}});
}

}  // namespace carillon::http
