#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "http/api.hpp"
#include "http/exchange.hpp"

namespace carillon::http {

using preferred = std::optional<std::chrono::seconds>;

/// Answers with what `show` makes of the task: at once, or when it was preferred to wait, once the
/// task has ended or the wait is over, with the task as it is then. When too many wait already, it
/// is as if nothing had been preferred.
void answer_at_end(const api& with, preferred wait, task_ptr subject,
                   std::function<response(const task&, const std::vector<task_news>*)> show,
                   const responder& reply);

}  // namespace carillon::http
