#include <algorithm>
#include <array>
#include <utility>

#include "http/api.hpp"
#include "http/event_stream.hpp"
#include "http/lists.hpp"
#include "http/problem_response.hpp"
#include "http/tables.hpp"
#include "http/work_output.hpp"

// GET /v1/stream: everything that changes, as it happens.

namespace carillon::http {
namespace {

constexpr std::size_t batch_changes = 512;
constexpr std::string_view kinds_wanted =
    "must be task, schedule, batch, bulk, queue or host, or several of them with commas";
constexpr std::string_view statuses_wanted =
    "must be a status of tasks or schedules, or several of them with commas";

/// Which changes a client wants. What is not asked of them is empty.
struct change_filter {
  std::vector<change_kind> kinds;
  std::vector<std::string> statuses;
  std::string task_type;
  std::string tag;
  std::optional<schedule_id> schedule;
  std::optional<task_id> task;
  std::optional<batch_id> batch;

  [[nodiscard]] bool wants(const change& one) const;
};

template <class Values, class Value>
bool is_among(const Values& wanted, const Value& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool change_filter::wants(const change& one) const {
  const auto is_own = [&](change_kind kind, const std::optional<task_id>& id) {
    return one.kind == kind && one.id == *id;
  };
  return is_among(kinds, one.kind) && is_among(statuses, one.status)
         && (task_type.empty() || one.task_type == task_type)
         && (tag.empty() || std::ranges::find(one.tags, tag) != one.tags.end())
         && (!task || is_own(change_kind::task, task))
         && (!schedule || one.schedule == schedule || is_own(change_kind::schedule, schedule))
         && (!batch || one.batch == batch || is_own(change_kind::batch, batch));
}

std::vector<change_kind> kinds_of(std::string_view word) {
  for (std::size_t at = 0; at < change_kind_count; ++at)
    if (const auto kind = static_cast<change_kind>(at); to_string(kind) == word)
      return {kind};
  return {};
}

std::vector<std::string> statuses_of(std::string_view word) {
  bool is_known = parse_task_status(word).has_value();
  for (std::size_t at = 0; at < schedule_status_count; ++at)
    is_known |= to_string(static_cast<schedule_status>(at)) == word;
  return is_known ? std::vector{std::string{word}} : std::vector<std::string>{};
}

template <class Parse>
std::optional<task_id> read_id(query_reader& query, std::string_view name, Parse parse,
                               std::string_view wanted) {
  const auto text = query.text(name);
  if (!text)
    return std::nullopt;
  const auto id = parse(*text);
  if (!id)
    query.refuse(name, std::string{wanted});
  return id;
}

change_filter read_filter(query_reader& query) {
  change_filter filter;
  filter.kinds = read_words(query, "kind", kinds_of, kinds_wanted);
  filter.statuses = read_words(query, "status", statuses_of, statuses_wanted);
  filter.task_type = query.text("task_type").value_or("");
  filter.tag = query.text("tag").value_or("");
  filter.schedule = read_id(query, "schedule_id", parse_task_id, "must be the id of a schedule");
  filter.task = read_id(query, "task_id", parse_task_id, "must be the id of a task");
  filter.batch = read_id(query, "batch_id", parse_batch_id, "must be the id of a batch");
  return filter;
}

// -- what is sent -----------------------------------------------------------------

void write_report(json::writer& out, const change_report& report) {
  out.key("report").begin_object();
  out.field("type", report.type);
  add_text(out, "component", report.component);
  add_text(out, "message", report.message);
  out.key("progress");
  report.progress ? out.number(*report.progress) : out.null();
  out.end_object();
}

void write_task(json::writer& out, const change& one) {
  out.field("task_id", to_text(one.id));
  out.field("status", one.status);
  add_text(out, "reason", one.reason);
  add_text(out, "task_type", one.task_type);
  out.key("schedule_id");
  one.schedule ? out.string(to_text(*one.schedule)) : out.null();
  out.key("batch_id");
  one.batch ? out.string(to_batch_text(*one.batch)) : out.null();
  add_texts(out, "tags", one.tags);
  out.field("attempt", one.attempt);
  add(out, "scheduled_for", one.moment);
  if (one.report)
    write_report(out, *one.report);
}

std::string text_of(const change& one) {
  json::writer out;
  out.begin_object();
  out.field("at", format_instant(one.at));
  switch (one.kind) {
    case change_kind::task:
      write_task(out, one);
      break;
    case change_kind::schedule:
      out.field("schedule_id", to_text(one.id));
      out.field("name", one.name).field("status", one.status);
      add(out, "next_execution_at", one.moment);
      break;
    case change_kind::batch:
      out.field("batch_id", to_batch_text(one.id));
      out.field("name", one.name).field("status", one.status);
      break;
    case change_kind::bulk:
      out.field("job_id", "job_" + to_uuid(one.id));
      out.field("action", one.name).field("status", one.status);
      break;
    case change_kind::queue:
      out.field("queue", one.name).field("status", one.status);
      break;
    case change_kind::host:
      out.field("host", one.name).field("state", one.status);
      add(out, "open_until", one.moment);
      break;
  }
  out.end_object();
  return out.take();
}

/// Reads the feed for one client.
class change_follower {
public:
  change_follower(const change_feed& feed, change_filter filter, std::optional<std::int64_t> seen)
      : feed_{feed}, filter_{std::move(filter)}, seen_{feed.last_number()}, told_{seen_} {
    if (seen)
      seen_ = told_ = static_cast<std::uint64_t>(*seen);
  }

  [[nodiscard]] std::int64_t begins_at() const { return static_cast<std::int64_t>(seen_); }

  event_batch next() {
    event_batch batch;
    do {
      const auto news = feed_.after(seen_, batch_changes);
      if (news.has_gap) {
        seen_ = told_ = feed_.last_number();
        append_event(batch.text, "reset", "{}", static_cast<std::int64_t>(seen_));
        break;
      }
      if (news.items.empty())
        break;
      for (std::size_t at = 0; at < news.items.size(); ++at)
        append(batch.text, *news.items[at], news.first + at);
      seen_ = news.first + news.items.size() - 1;
      // One who wants little must not come back with a number that is long forgotten.
      if (seen_ - told_ >= batch_changes) {
        told_ = seen_;
        batch.text += "id: " + std::to_string(seen_) + "\n\n";
      }
    } while (batch.text.empty());
    return batch;
  }

private:
  void append(std::string& to, const change& one, std::uint64_t number) {
    if (!filter_.wants(one))
      return;
    told_ = number;
    const auto word = std::string{to_string(one.kind)} + '.' + std::string{one.what};
    append_event(to, word, text_of(one), static_cast<std::int64_t>(number));
  }

  const change_feed& feed_;
  change_filter filter_;
  std::uint64_t seen_;
  std::uint64_t told_;  ///< The client knows of this number.
};

void stream_changes(const api& with, request asked, std::shared_ptr<stream> line) {
  query_reader query{asked};
  auto filter = read_filter(query);
  const auto seen_before = query.integer("last_event_id", {0, INT64_MAX}, -1);
  if (const auto checked = std::move(query).finish(); !checked)
    return answer_whole(line, to_response(checked.error(), asked));
  // An EventSource that comes back sends the header, and the query it was made with.
  auto seen = last_event_id(asked);
  if (!seen && seen_before >= 0)
    seen = seen_before;
  auto& feed = with.core.changes();
  const auto follower = std::make_shared<change_follower>(feed, std::move(filter), seen);
  std::string hello;
  append_event(hello, "hello", "{}", follower->begins_at());
  const auto events = std::make_shared<event_stream>(
      std::move(line),
      [follower](const std::function<void(event_batch)>& reply) { reply(follower->next()); });
  // Before the hello: whoever has read that misses nothing.
  auto watch = feed.watch([weak = std::weak_ptr{events}] {
    if (const auto stream = weak.lock())
      stream->wake();
  });
  events->start(std::move(hello), std::move(watch));
}

constexpr route routes[] = {
    {"GET", "/v1/stream", nullptr, access::tasks_read, stream_changes},
};

}  // namespace

std::span<const route> stream_surface() {
  return routes;
}

}  // namespace carillon::http
