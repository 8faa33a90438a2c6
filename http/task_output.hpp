#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/task.hpp"

namespace carillon::http {

// The model into the words of each surface.

/// A task as the native surface shows it. With its events when `news` is given.
void write_native(json::writer& out, const task& subject,
                  const std::vector<task_news>* news = nullptr);
std::string native_task(const task& subject, const std::vector<task_news>* news = nullptr);

/// The attempts from `offset` on, oldest first.
std::string attempts_page(const task& subject, std::size_t offset, std::size_t limit);

/// A one-off task in 000's form (`taskType`, `triggeredAt`, status words in capitals).
void write_one_off(json::writer& out, const task& subject,
                   const std::vector<task_news>* news = nullptr);
std::string one_off_task(const task& subject, const std::vector<task_news>* news = nullptr);

/// 000's word for a status, and the statuses that a word stands for (in any case of letters); none
/// for an unknown one.
std::string_view one_off_word(task_status status);
std::vector<task_status> one_off_statuses(std::string_view word);
inline constexpr std::string_view one_off_words =
    "SCHEDULED, TRIGGERED, RUNNING, COMPLETED, FAILED, CANCELLED or EXPIRED";

}  // namespace carillon::http
