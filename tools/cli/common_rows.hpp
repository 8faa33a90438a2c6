#pragma once

#include "tools/cli/verb.hpp"

// Parameters and columns that rows of several files share.

namespace carillon::cli {

constexpr parameter id_of(std::string_view help) {
  return {"ID", "id", place::path, form::text, "ID", help, true};
}
constexpr parameter name_in_path(std::string_view name, std::string_view field,
                                 std::string_view help) {
  return {name, field, place::path, form::text, name, help, true};
}
constexpr parameter query(std::string_view name, std::string_view field, std::string_view word,
                          std::string_view help) {
  return {name, field, place::query, form::text, word, help};
}
constexpr parameter words_of_query(std::string_view name, std::string_view field,
                                   std::string_view word, std::string_view help) {
  return {name, field, place::query, form::list, word, help};
}
constexpr parameter text(std::string_view name, std::string_view field, std::string_view word,
                         std::string_view help) {
  return {name, field, place::body, form::text, word, help};
}
constexpr parameter number(std::string_view name, std::string_view field, std::string_view help) {
  return {name, field, place::body, form::number, "N", help};
}
constexpr parameter texts(std::string_view name, std::string_view field, std::string_view word,
                          std::string_view help) {
  return {name, field, place::body, form::list, word, help};
}
constexpr parameter json_value(std::string_view name, std::string_view field,
                               std::string_view help) {
  return {name, field, place::body, form::json, "JSON", help};
}

inline constexpr parameter list_limit =
    query("--limit", "limit", "N", "At most so many; the server says how many it allows.");
inline constexpr parameter list_offset =
    query("--offset", "offset", "N", "So many are passed over.");
inline constexpr parameter list_cursor =
    query("--cursor", "cursor", "CURSOR", "Goes on where the page before ended.");
inline constexpr parameter wait_header = {
    "--wait",      "Prefer: wait=",
    place::header, form::text,
    "SECONDS",     "Answers when the task has ended, or so many seconds are over (60 at most)."};
inline constexpr parameter idempotency_key = {"--idempotency-key",
                                              "Idempotency-Key: ",
                                              place::header,
                                              form::text,
                                              "KEY",
                                              "The same key again gets the first answer again."};
inline constexpr parameter if_match = {
    "--if-match", "If-Match: ", place::header,
    form::text,   "TAG",        "Only if it is still the one with this tag."};
inline constexpr parameter wait_timeout = {
    "--timeout", "timeout",  place::here,
    form::text,  "DURATION", "Gives up after so long: 30s, 10m; without it the wait has no end."};
inline constexpr parameter detach = {"--detach", "detach", place::here,
                                     form::flag, "",       "Does not wait for the end."};

inline constexpr parameter only_list[] = {list_limit, list_offset};
inline constexpr parameter only_pages[] = {list_limit, list_offset, list_cursor};

inline constexpr column task_columns[] = {{"ID", "id"},
                                          {"STATUS", "status"},
                                          {"TYPE", "task_type"},
                                          {"TARGET", "target.url"},
                                          {"SCHEDULED FOR", "scheduled_for"},
                                          {"ATTEMPTS", "attempts[#]"},
                                          {"REASON", "reason"}};
inline constexpr view shows_tasks = {"tasks", task_columns};

}  // namespace carillon::cli
