#include "model/task_notices.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/json.hpp"

namespace carillon {
namespace {

constexpr std::array<std::string_view, notice_count> words{
    "task.queued",      "task.processing",         "task.completed",     "task.failed",
    "task.expired",     "task.canceled",           "group.first_failed", "group.all_completed",
    "group.all_failed", "group.partial_completion"};

/// As deliveries of webhooks are tried.
constexpr retry_policy notice_retry{24, backoff_kind::steep, std::chrono::seconds{1},
                                    std::chrono::hours{24 * 365}};
constexpr duration notice_timeout = std::chrono::seconds{30};

std::optional<notice> notice_of(task_status status) {
  switch (status) {
    case task_status::queued:
      return notice::queued;
    case task_status::completed:
      return notice::completed;
    case task_status::failed:
      return notice::failed;
    case task_status::expired:
      return notice::expired;
    case task_status::canceled:
      return notice::canceled;
    default:
      return std::nullopt;
  }
}

std::string text_of(const task& subject, notice what, const lifecycle::group_counts* counts,
                    instant now) {
  json::writer out;
  out.begin_object().field("type", to_string(what)).field("timestamp", format_instant(now));
  out.key("data").begin_object();
  out.field("id", to_text(subject.id)).field("status", to_string(status_of(subject)));
  if (subject.spec->schedule)
    out.field("schedule_id", to_text(*subject.spec->schedule));
  out.field("scheduled_for", format_instant(subject.spec->scheduled_for));
  out.field("attempts", subject.attempts.size());
  if (const auto* end = std::get_if<ended>(&subject.state))
    out.field("reason", to_string(end->reason));
  if (!subject.attempts.empty() && !subject.attempts.back().error.empty())
    out.field("error", subject.attempts.back().error);
  if (counts != nullptr)
    out.key("counts")
        .begin_object()
        .field("total", counts->total)
        .field("completed", counts->completed)
        .field("failed", counts->failed)
        .field("open", counts->total - counts->completed - counts->failed)
        .end_object();
  out.end_object().end_object();
  return out.take();
}

void add(lifecycle::decision& made, notice what, const lifecycle::group_counts* counts,
         instant now) {
  auto& subject = made.next;
  if (!subject.spec->notices.wants(what))
    return;
  const auto text = text_of(subject, what, counts, now);
  for (const auto& url : subject.spec->notices.urls) {
    task_spec spec;
    spec.target.emplace().url = url;
    spec.payload = text;
    spec.created_at = now;
    spec.scheduled_for = now;
    spec.retry = notice_retry;
    spec.timeout = notice_timeout;
    spec.cause = trigger_cause::notice;
    const auto id = child_id(subject.id, ++subject.children_made, now);
    auto born = lifecycle::create(id, std::make_shared<const task_spec>(std::move(spec)), now);
    made.born.push_back(std::move(born.next));
  }
}

}  // namespace

std::string_view to_string(notice what) {
  return words[static_cast<std::size_t>(what)];
}

std::optional<notice> parse_notice(std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end())
    return std::nullopt;
  return static_cast<notice>(found - words.begin());
}

namespace lifecycle {

void add_notices(decision& made, std::optional<task_status> before, instant now) {
  const auto status = status_of(made.next);
  const auto what = notice_of(status);
  if (what && before != status)
    add(made, *what, nullptr, now);
}

void add_start_notice(decision& made, instant now) {
  add(made, notice::processing, nullptr, now);
}

void add_group_notice(decision& made, notice what, const group_counts& counts, instant now) {
  add(made, what, &counts, now);
}

}  // namespace lifecycle
}  // namespace carillon
