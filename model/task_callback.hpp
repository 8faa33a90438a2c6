#pragma once

#include <optional>
#include <string>

#include "model/task_lifecycle.hpp"

// Attempts that a target ends by calling back. For model/task_lifecycle.cpp alone.

namespace carillon::lifecycle {

/// Whether the target of the attempt may say how it goes. It may do so before its own answer has
/// arrived, which is when it takes the attempt over.
bool may_call_back(const processing& state);

/// From now on the attempt is its target's: no call of ours is under way.
decision hand_over(const task& subject, const event::handed_over& news);

decision make_progress(const task& subject, const event::progressed& news, instant now);
/// Somebody who holds the attempt said how far it is. Nothing to say, nothing noted.
void note_progress(decision& made, std::optional<double> progress, const std::string& message,
                   instant now);

/// What the target answered, unless there is no answer to this news: then an earlier one stays.
template <class News>
void note_answer(decision& made, const News& news) {
  if (news.http_status == 0 && news.answer.empty())
    return;
  auto& last = made.next.attempts.back();
  last.http_status = news.http_status;
  last.answer = news.answer;
  last.answer_cut = news.answer_cut;
}

}  // namespace carillon::lifecycle
