#include "http/event_stream.hpp"
#include "http/problem_response.hpp"
#include "http/query.hpp"
#include "http/runner_runs.hpp"

// GET /api/runs/stream: what becomes of all runs, as it happens.

namespace carillon::http {
namespace {

constexpr std::size_t batch_changes = 256;

std::string_view word_of(run_news what) {
  switch (what) {
    case run_news::created:
      return "run.created";
    case run_news::started:
      return "run.started";
    case run_news::updated:
      return "run.updated";
    case run_news::completed:
      return "run.completed";
    case run_news::failed:
      return "run.failed";
    case run_news::deleted:
      return "run.deleted";
  }
  return "run.updated";
}

/// A task that was not due yet is no run: nothing is said of it.
void append_change(std::string& out, const run_change& change) {
  const auto run = runner_run_of(*change.subject, change.attempt);
  if (!run)
    return;
  json::writer data;
  data.begin_object();
  if (change.what == run_news::deleted) {
    data.field("run_id", to_uuid(run->id)).field("task_name", run->task_name);
  } else {
    data.key("run");
    write_runner_run(data, *run);
  }
  data.end_object();
  append_event(out, word_of(change.what), data.text(), static_cast<std::int64_t>(change.number));
}

/// Reads the feed for one client.
class run_follower {
public:
  run_follower(const run_feed& feed, std::optional<std::int64_t> seen)
      : feed_{feed}, seen_{feed.last_number()} {
    if (!seen)
      return;
    const auto number = static_cast<std::uint64_t>(*seen);
    has_gap_ = number > seen_;  // of another life of the server
    if (!has_gap_)
      seen_ = number;
  }

  event_batch next() {
    event_batch batch;
    do {
      const auto news = feed_.after(seen_, batch_changes);
      if (std::exchange(has_gap_, false) || news.has_gap)
        append_event(batch.text, "reset", "{}");
      if (news.changes.empty())
        break;
      for (const auto& change : news.changes)
        append_change(batch.text, change);
      seen_ = news.changes.back().number;
    } while (batch.text.empty());
    return batch;
  }

private:
  const run_feed& feed_;
  std::uint64_t seen_;
  bool has_gap_ = false;
};

}  // namespace

void stream_runs(const api& with, request asked, std::shared_ptr<stream> line) {
  query_reader query{asked};
  if (const auto checked = std::move(query).finish(); !checked)
    return answer_whole(line, to_response(checked.error(), asked));
  auto& feed = with.core.runs();
  const auto follower = std::make_shared<run_follower>(feed, last_event_id(asked));
  const auto events = std::make_shared<event_stream>(
      std::move(line),
      [follower](const std::function<void(event_batch)>& reply) { reply(follower->next()); });
  auto watch = feed.watch([weak = std::weak_ptr{events}] {
    if (const auto stream = weak.lock())
      stream->wake();
  });
  events->start(std::string{ping_event}, std::move(watch));
}

}  // namespace carillon::http
