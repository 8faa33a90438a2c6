#include "model/task_callback.hpp"

namespace carillon::lifecycle {

bool may_call_back(const processing& state) {
  return state.runner == runner_kind::callback || state.runner == runner_kind::delivery;
}

decision hand_over(const task& subject, const event::handed_over& news) {
  decision made{subject};
  made.next.state = processing{runner_kind::callback, news.token};
  note_answer(made, news);
  return made;
}

decision make_progress(const task& subject, const event::progressed& news, instant now) {
  decision made{subject};
  note_progress(made, news.progress, news.message, now);
  return made;
}

void note_progress(decision& made, std::optional<double> progress, const std::string& message,
                   instant now) {
  if (!progress && message.empty())
    return;
  made.news.push_back({now, "progress", "", message, progress});
  ++made.next.news_count;
}

}  // namespace carillon::lifecycle
