#include "http/task_waits.hpp"

#include <utility>

namespace carillon::http {

void answer_at_end(const api& with, preferred wait, task_ptr subject,
                   std::function<response(const task&, const std::vector<task_news>*)> show,
                   const responder& reply) {
  if (!wait)
    return reply(
        [show = std::move(show), subject = std::move(subject)] { return show(*subject, nullptr); });
  auto over = [&with, wait = *wait, subject, show, reply] {
    auto answer_with = [wait, subject, show, reply](const expected<task_details>& found) {
      // It may be gone already: then it was last seen at its beginning.
      auto what = found ? show(found->subject, &found->news) : show(*subject, nullptr);
      what.headers.emplace_back("Preference-Applied", "wait=" + std::to_string(wait.count()));
      reply(std::move(what));
    };
    with.core.find(subject->id, carillon::answer<task_details>{std::move(answer_with)});
  };
  const auto is_wanted = [reply] { return reply.wanted(); };
  if (!with.core.await_end(subject->id, *wait, is_wanted, std::move(over)))
    reply([show, subject] { return show(*subject, nullptr); });
}

}  // namespace carillon::http
