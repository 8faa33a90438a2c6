#include "http/event_stream.hpp"
#include "http/problem_response.hpp"
#include "http/query.hpp"
#include "http/runner_runs.hpp"
#include "http/schema_link.hpp"
#include "http/task_commands.hpp"

#include <limits>

// What commands printed: pages, all of it as it came, and line by line while it comes.

namespace carillon::http {
namespace {

constexpr std::int64_t from_default = -1'000;
constexpr std::int64_t page_default = 1'000;
constexpr std::int64_t page_max = 10'000;
constexpr std::int64_t attempts_max = 1'000'000'000;
constexpr std::int64_t replay_default = 5'000;
constexpr std::int64_t replay_max = 50'000;
constexpr std::size_t batch_lines = 500;
constexpr std::size_t raw_piece_bytes = 64 * 1024;
constexpr query_reader::range any_line{std::numeric_limits<std::int32_t>::min(),
                                       std::numeric_limits<std::int64_t>::max()};

/// Names are kept short: there are many lines. Broken UTF-8 is made readable by the writer.
void write_line(json::writer& out, const storage::log_line& line) {
  out.begin_object();
  out.field("n", line.number);
  out.field("ts", line.time.time_since_epoch().count());
  out.field("stream", storage::to_string(line.stream));
  out.field("text", line.text);
  if (line.continued)
    out.field("continued", true);
  out.end_object();
}

// -- a page ------------------------------------------------------------------------

struct page_range {
  std::int64_t from;
  std::size_t limit;
};

page_range read_range(query_reader& query) {
  const auto from = query.integer("from", any_line, from_default);
  return {from, static_cast<std::size_t>(query.limit(page_default, page_max))};
}

response show_page(const storage::log_page& page, bool has_ended, std::string_view schema) {
  json::writer out;
  out.begin_object();
  if (!schema.empty())
    out.field("$schema", schema);
  out.key("lines").begin_array();
  for (const auto& line : page.lines)
    write_line(out, line);
  out.end_array();
  out.field("first_available", page.first_available);
  out.field("total_lines", page.total_lines);
  out.field("truncated", page.first_available > 0);
  out.field("finalized", has_ended);
  out.end_object();
  return {200, out.take()};
}

/// Answers with a page of the run's log.
void give_page(const scheduler& core, const runner_run& run, page_range range, std::string schema,
               responder reply) {
  auto show = [has_ended = run.status == "ended", schema = std::move(schema),
               reply](const storage::log_page& page) { reply(show_page(page, has_ended, schema)); };
  core.read_log(run.id, range.from, range.limit,
                or_problem<storage::log_page>(reply, std::move(show)));
}

}  // namespace

void get_log(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto range = read_range(query);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  find_run(with, asked,
           [&core = with.core, range, schema = schema_link(asked, "LogPageBody.json"),
            reply](expected<runner_run> run) {
             if (!run)
               return reply(std::move(run).error());
             give_page(core, *run, range, schema, reply);
           });
}

void get_task_log(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto range = read_range(query);
  const auto attempt = static_cast<int>(query.integer("attempt", {0, attempts_max}, 0));
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  auto show = [&core = with.core, range, attempt, reply](const task_details& found) {
    const auto runs = runner_runs_of(found.subject);
    const auto run = attempt == 0 && !runs.empty() ? std::optional{runs.front()}
                                                   : runner_run_of(found.subject, attempt);
    if (!run)
      return reply(problem{problem_kind::not_found, "the task has no such log"});
    give_page(core, *run, range, {}, reply);
  };
  with.core.find(*id, or_problem<task_details>(reply, std::move(show)));
}

// -- all of it ---------------------------------------------------------------------

namespace {

/// Sends a log piece by piece: the next is read when the one before has left.
class raw_copy : public std::enable_shared_from_this<raw_copy> {
public:
  raw_copy(const scheduler& core, task_id run, std::shared_ptr<stream> line)
      : core_{core}, run_{run}, line_{std::move(line)} {}

  void start() {
    line_->begin(200, {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}},
                 "text/plain");
    next();
  }

private:
  void next() {
    auto send = [self = shared_from_this()](expected<storage::log_bytes> found) {
      if (!found)
        return;  // dropped before its end: the client sees that something is missing
      if (found->bytes.empty())
        return self->line_->finish();
      self->offset_ = found->offset + found->bytes.size();
      self->line_->write(std::move(found->bytes), [self](bool sent) {
        if (sent)
          self->next();
      });
    };
    core_.read_raw_log(run_, offset_, raw_piece_bytes,
                       carillon::answer<storage::log_bytes>{std::move(send)});
  }

  const scheduler& core_;
  task_id run_;
  std::shared_ptr<stream> line_;
  std::uint64_t offset_ = 0;
};

}  // namespace

void stream_raw_log(const api& with, request asked, std::shared_ptr<stream> line) {
  find_run(with, asked, [&core = with.core, asked, line](expected<runner_run> run) {
    if (!run)
      return answer_whole(line, to_response(run.error(), asked));
    std::make_shared<raw_copy>(core, run->id, line)->start();
  });
}

// -- line by line ------------------------------------------------------------------

namespace {

/// Where a client wants to begin.
struct log_start {
  std::int64_t from = from_default;  ///< Negative: counted from the end.
  std::int64_t replay_max = replay_default;
};

event_batch last_batch(std::int64_t total_lines) {
  json::writer out;
  out.begin_object().field("final_line", total_lines - 1).field("status", "ended").end_object();
  event_batch last{"", true};
  append_event(last.text, "done", out.text());
  return last;
}

/// Reads a run's lines for one client, as they come, up to the end of the run.
class log_follower : public std::enable_shared_from_this<log_follower> {
public:
  using give = std::function<void(event_batch)>;

  log_follower(const scheduler& core, task_id run, log_start start)
      : core_{core}, run_{run}, start_{start} {}

  /// What is new. One call at a time.
  void next(give reply);

private:
  void find_start(const give& reply);
  void read_lines(const give& reply);
  void show(const storage::log_page& page, const give& reply);
  void look_for_end(const give& reply);

  const scheduler& core_;
  task_id run_;
  log_start start_;
  std::optional<std::int64_t> next_;  ///< The line to be sent next, once it is known.
  bool has_ended_ = false;
};

void log_follower::next(give reply) {
  if (next_)
    return read_lines(reply);
  find_start(reply);
}

void log_follower::find_start(const give& reply) {
  auto found = [self = shared_from_this(), reply](expected<storage::log_page> page) {
    if (!page)
      return reply({"", true});
    const auto total = page->total_lines;
    const auto from = self->start_.from < 0 ? std::max<std::int64_t>(total + self->start_.from, 0)
                                            : self->start_.from;
    self->next_ = std::max(from, total - self->start_.replay_max);
    self->read_lines(reply);
  };
  core_.read_log(run_, -1, 1, carillon::answer<storage::log_page>{std::move(found)});
}

void log_follower::read_lines(const give& reply) {
  auto found = [self = shared_from_this(), reply](expected<storage::log_page> page) {
    if (!page)
      return reply({"", true});
    self->show(*page, reply);
  };
  core_.read_log(run_, *next_, batch_lines, carillon::answer<storage::log_page>{std::move(found)});
}

void log_follower::show(const storage::log_page& page, const give& reply) {
  std::string text;
  if (page.first_available > *next_) {
    json::writer out;
    out.begin_object().field("first_available", page.first_available).end_object();
    append_event(text, "rotated", out.text());
    next_ = page.first_available;
  }
  for (const auto& line : page.lines) {
    json::writer out;
    write_line(out, line);
    append_event(text, "line", out.text(), line.number);
    next_ = line.number + 1;
  }
  if (!text.empty())
    return reply({std::move(text)});
  if (has_ended_)
    return reply(last_batch(page.total_lines));
  look_for_end(reply);
}

/// Lines may have come just before the end: they are looked for once more.
void log_follower::look_for_end(const give& reply) {
  const auto name = parse_run_id(run_);
  auto found = [self = shared_from_this(), number = name.attempt,
                reply](expected<task_details> details) {
    const auto run = details ? runner_run_of(details->subject, number) : std::nullopt;
    self->has_ended_ = !run || run->status == "ended";  // a run that was deleted had ended
    if (self->has_ended_)
      return self->read_lines(reply);
    reply({});
  };
  core_.find(name.task, carillon::answer<task_details>{std::move(found)});
}

expected<log_start> read_start(const request& asked) {
  query_reader query{asked};
  log_start start;
  start.from = query.integer("from", any_line, from_default);
  start.replay_max = query.integer("replay_limit", {1, replay_max}, replay_default);
  if (auto checked = std::move(query).finish(); !checked)
    return std::move(checked).error();
  if (const auto seen = last_event_id(asked))
    start.from = *seen < any_line.max ? *seen + 1 : *seen;
  return start;
}

void follow(const scheduler& core, const task_id& run, log_start start,
            std::shared_ptr<stream> line) {
  const auto follower = std::make_shared<log_follower>(core, run, start);
  const auto events = std::make_shared<event_stream>(
      std::move(line), [follower](log_follower::give reply) { follower->next(std::move(reply)); });
  auto watch = core.runs().watch_output(run, [weak = std::weak_ptr{events}] {
    if (const auto stream = weak.lock())
      stream->wake();
  });
  events->start("", std::move(watch));
}

}  // namespace

void stream_log(const api& with, request asked, std::shared_ptr<stream> line) {
  const auto start = read_start(asked);
  if (!start)
    return answer_whole(line, to_response(start.error(), asked));
  find_run(with, asked, [&core = with.core, asked, start = *start, line](expected<runner_run> run) {
    if (!run)
      return answer_whole(line, to_response(run.error(), asked));
    follow(core, run->id, start, line);
  });
}

}  // namespace carillon::http
