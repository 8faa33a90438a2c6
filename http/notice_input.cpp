#include "http/work_input.hpp"
#include "model/task_notices.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t urls_max = 10;
constexpr std::size_t url_bytes_max = 2'048;
constexpr std::size_t event_bytes_max = 64;
constexpr std::uint32_t all_events = (1U << notice_count) - 1;

/// A URL, or several.
void read_urls(const api& with, body_reader& in, std::string_view name, notice_rules& rules) {
  const auto given = in.any(name);
  if (given && given->kind == json::kind::string)
    rules.urls = {in.text(name, {1, url_bytes_max}).value_or("")};
  else
    rules.urls = in.texts(name, {1, url_bytes_max}, urls_max);
  for (const auto& url : rules.urls)
    check_url(with, in, name, url);
}

void read_events(body_reader& in, notice_rules& rules) {
  if (!in.has("events"))
    return;
  rules.events = 0;
  for (const auto& word : in.texts("events", {1, event_bytes_max}, notice_count)) {
    const auto known = parse_notice(word);
    if (!known) {
      in.refuse("events",
                "must be of task.queued, task.processing, task.completed, task.failed, "
                "task.expired, task.canceled, group.first_failed, group.all_completed, "
                "group.all_failed and group.partial_completion",
                word);
      continue;
    }
    rules.events |= 1U << static_cast<unsigned>(*known);
  }
}

}  // namespace

notice_rules read_notices(const api& with, body_reader& in, fault_list& faults) {
  notice_rules rules;
  const auto given = in.any("notifications");
  if (!given || given->kind == json::kind::null)
    return rules;
  rules.events = all_events;
  if (given->kind != json::kind::object) {
    read_urls(with, in, "notifications", rules);
    return rules;
  }
  body_reader inner{*given, in.location_of("notifications"), faults};
  inner.require(inner.has("url") ? "url" : "urls");
  read_urls(with, inner, inner.has("url") ? "url" : "urls", rules);
  read_events(inner, rules);
  inner.finish();
  return rules;
}

}  // namespace carillon::http
