#include "http/batch_stream.hpp"

#include <deque>
#include <mutex>
#include <utility>

#include "actors/gather.hpp"
#include "http/batch_input.hpp"
#include "http/line_splitter.hpp"
#include "http/problem_response.hpp"
#include "http/trace_input.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t line_bytes_max = 1 << 20;
/// Lines that may be under way before reading stops: a few groups of the writer.
constexpr std::size_t lines_under_way_max = 8'192;
/// Refused lines that are told one by one; the others are counted.
constexpr std::int64_t refusals_told_max = 1'000;

void write_refusal(std::string& to, std::int64_t number, const problem& why) {
  json::writer out;
  out.begin_object();
  out.field("line", number);
  out.field("status", status_of(why.kind));
  out.field("detail", why.detail);
  out.key("errors").begin_array();
  for (const auto& found : why.faults) {
    out.begin_object().field("location", found.location);
    out.field("message", found.message).end_object();
  }
  out.end_array().end_object();
  to += out.text() + "\n";
}

std::string first_line(const opened_batch& opened) {
  const auto& [view, is_new, feed] = opened;
  json::writer out;
  out.begin_object();
  out.field("batch_id", to_batch_text(view.subject.id));
  out.field("status", to_string(status_of(view.subject)));
  out.field("is_new", is_new);
  out.field("known", feed ? feed->taken_count() : view.counts.total());
  out.field("next_line", feed ? feed->first_free() : view.counts.total());
  out.end_object();
  return out.take() + "\n";
}

/// One stream. Calls come from the connection's thread, from actors and from the writer's: all
/// state is behind the mutex, and the stream is only called outside it.
class batch_stream : public std::enable_shared_from_this<batch_stream> {
public:
  batch_stream(const api& with, request asked, std::shared_ptr<stream> line)
      : with_{with}, asked_{std::move(asked)}, line_{std::move(line)} {}

  void pump();

private:
  using lock = std::lock_guard<std::mutex>;

  /// The lines of one piece of the body, under way together.
  struct group {
    std::int64_t last_line;  ///< The number after the last one.
    bool is_decided = false;
    std::string refusals;
  };

  void on_piece(expected<std::string> piece);
  void on_header(const std::string& line);
  void on_opened(expected<opened_batch> opened);
  void submit(std::vector<std::string> lines);
  bool take(const std::string& line, std::int64_t number, std::vector<task_spec>& to,
            std::string& refusals);
  void on_decided(const std::shared_ptr<group>& done,
                  const std::vector<expected<created_task>>& outcomes);
  void seal();
  void on_sealed(expected<batch_view> outcome);

  // With the mutex held.
  void note_acknowledged();
  void stop(std::string detail);
  void refuse(std::string& to, std::int64_t number, const problem& why);
  void end(std::int64_t total, bool is_sealed);

  const api& with_;
  request asked_;
  std::shared_ptr<stream> line_;
  std::mutex mutex_;
  line_splitter splitter_{line_bytes_max};
  std::optional<batch_header> header_;
  std::shared_ptr<batch_feed> feed_;
  std::vector<std::string> backlog_;           ///< Came with the header, and wait for the opening.
  std::deque<std::shared_ptr<group>> groups_;  ///< In the order of their lines.
  std::int64_t next_line_ = 0;
  std::int64_t acknowledged_ = -1;  ///< To be told; -1: it is.
  std::int64_t added_ = 0;
  std::int64_t refused_ = 0;
  std::size_t under_way_ = 0;
  std::string answers_;      ///< To be sent.
  std::string stop_detail_;  ///< Why no more is taken; empty: there is no reason.
  bool reading_ = false;
  bool opening_ = false;
  bool writing_ = false;
  bool at_end_ = false;
  bool draining_ = false;  ///< All is said, but the client sends on: it is heard out.
  bool sealing_ = false;
  bool ended_ = false;  ///< The last line is among the answers, or nobody listens.
  bool finished_ = false;
};

/// One line for all groups that were decided since the last one.
void batch_stream::note_acknowledged() {
  if (acknowledged_ >= 0)
    answers_ += R"({"acknowledged":)" + std::to_string(std::exchange(acknowledged_, -1)) + "}\n";
}

void batch_stream::pump() {
  bool read = false;
  bool finish = false;
  bool all_decided = false;
  std::string piece;
  {
    const lock hold{mutex_};
    if (finished_)
      return;
    while (!groups_.empty() && groups_.front()->is_decided) {
      answers_ += groups_.front()->refusals;
      acknowledged_ = groups_.front()->last_line;
      groups_.pop_front();
    }
    read = !reading_ && !at_end_ && !opening_ && under_way_ < lines_under_way_max;
    reading_ |= read;
    all_decided = feed_ && at_end_ && !opening_ && !sealing_ && groups_.empty();
    sealing_ |= all_decided;
    if (!writing_ && (feed_ || ended_)) {
      note_acknowledged();
      piece = std::exchange(answers_, {});
    }
    writing_ |= !piece.empty();
    finish = ended_ && !writing_ && at_end_;
    finished_ = finish;
  }
  if (read)
    line_->read([self = shared_from_this()](expected<std::string> more) {
      self->on_piece(std::move(more));
    });
  if (all_decided)
    seal();
  if (!piece.empty())
    line_->write(std::move(piece), [self = shared_from_this()](bool sent) {
      {
        const lock hold{self->mutex_};
        self->writing_ = false;
        self->finished_ |= !sent;  // the client is gone; what is under way is made all the same
      }
      self->pump();
    });
  if (finish)
    line_->finish();
}

// -- what comes -------------------------------------------------------------------

void batch_stream::on_piece(expected<std::string> piece) {
  std::vector<std::string> lines;
  {
    const lock hold{mutex_};
    reading_ = false;
    const bool over = !piece || piece->empty();
    // After a cut the rest of a line is no line.
    if (piece)
      lines = over ? splitter_.finish() : splitter_.add(*piece);
    else
      stop("the request was cut off");
    at_end_ |= over;
    if (draining_)
      lines.clear();
  }
  if (!header_ && !lines.empty()) {
    const auto first = std::move(lines.front());
    lines.erase(lines.begin());
    backlog_ = std::move(lines);
    on_header(first);
  } else if (!header_ && at_end_ && !draining_) {
    on_header({});
  } else if (!lines.empty()) {
    submit(std::move(lines));
  }
  pump();
}

void batch_stream::on_header(const std::string& line) {
  auto header = line.size() > line_bytes_max
                    ? problem{problem_kind::invalid, "the header is longer than 1 MiB"}
                    : read_batch_header(with_, line, origin_of(asked_));
  {
    const lock hold{mutex_};
    opening_ = true;
    if (header)
      next_line_ = header->first_line;
  }
  if (!header)
    return on_opened(std::move(header).error());
  header_ = *std::move(header);
  with_.core.open_batch(header_->spec,
                        carillon::answer<opened_batch>{[self = shared_from_this()](auto opened) {
                          self->on_opened(std::move(opened));
                        }});
}

void batch_stream::on_opened(expected<opened_batch> opened) {
  const auto head = opened ? response{200, first_line(*opened), {}, "application/x-ndjson"}
                           : to_response(opened.error(), asked_);
  line_->begin(head.status, head.headers, head.content_type);
  std::vector<std::string> lines;
  {
    const lock hold{mutex_};
    opening_ = false;
    answers_ = head.body;
    lines = std::exchange(backlog_, {});
    if (opened)
      feed_ = opened->feed;
    draining_ = !feed_;
    if (opened && !feed_)
      end(opened->view.counts.total(), true);
    ended_ |= !opened;
  }
  if (feed_ && !lines.empty())
    submit(std::move(lines));
  pump();
}

// -- children ---------------------------------------------------------------------

void batch_stream::submit(std::vector<std::string> lines) {
  auto ticket = feed_->enter();
  const auto made = std::make_shared<group>();
  std::vector<task_spec> tasks;
  {
    const lock hold{mutex_};
    if (!ticket)
      stop("another request has taken the batch over, or it is sealed");
    if (!stop_detail_.empty())
      return;
    groups_.push_back(made);
  }
  std::string refusals;
  for (const auto& line : lines)
    if (!take(line, next_line_++, tasks, refusals))
      break;
  {
    const lock hold{mutex_};
    made->last_line = next_line_;
    made->refusals = std::move(refusals);
    made->is_decided = tasks.empty();
    under_way_ += tasks.size();
  }
  if (tasks.empty())
    return;
  const auto outcomes = std::make_shared<gather<created_task>>(
      tasks.size(),
      [self = shared_from_this(), made, ticket = *std::move(ticket)](
          const std::vector<expected<created_task>>& all) { self->on_decided(made, all); });
  std::vector<std::pair<std::shared_ptr<const task_spec>, carillon::answer<created_task>>> asked;
  asked.reserve(tasks.size());
  for (std::size_t at = 0; at < tasks.size(); ++at)
    asked.emplace_back(std::make_shared<const task_spec>(std::move(tasks[at])),
                       slot_of(outcomes, at));
  with_.core.create(std::move(asked));
}

/// Reads a line; false when no more are taken.
bool batch_stream::take(const std::string& line, std::int64_t number, std::vector<task_spec>& to,
                        std::string& refusals) {
  if (number >= batch_children_max) {
    const lock hold{mutex_};
    stop("a batch has at most " + std::to_string(batch_children_max) + " tasks");
    --next_line_;
    return false;
  }
  const auto place = static_cast<std::uint32_t>(number);
  if (feed_->is_taken(place))
    return true;
  auto spec = line.size() > line_bytes_max
                  ? problem{problem_kind::invalid, "the line is longer than 1 MiB"}
                  : read_child(with_, *header_, line);
  if (spec) {
    spec->batch = batch_place{feed_->batch(), place};
    to.push_back(*std::move(spec));
    return true;
  }
  const lock hold{mutex_};
  refuse(refusals, number, spec.error());
  return true;
}

void batch_stream::on_decided(const std::shared_ptr<group>& done,
                              const std::vector<expected<created_task>>& outcomes) {
  {
    const lock hold{mutex_};
    under_way_ -= outcomes.size();
    done->is_decided = true;
    for (const auto& outcome : outcomes) {
      added_ += outcome ? 1 : 0;
      if (!outcome)
        stop(outcome.error().detail);
    }
  }
  pump();
}

void batch_stream::refuse(std::string& to, std::int64_t number, const problem& why) {
  if (++refused_ <= refusals_told_max)
    write_refusal(to, number, why);
}

/// No more lines are taken; what is under way is decided.
void batch_stream::stop(std::string detail) {
  at_end_ = true;
  if (stop_detail_.empty())
    stop_detail_ = std::move(detail);
}

// -- the end ----------------------------------------------------------------------

/// Everything that came is decided. What is not whole stays open, to be gone on with.
void batch_stream::seal() {
  bool is_whole = false;
  {
    const lock hold{mutex_};
    if (refused_ > 0 && stop_detail_.empty())
      stop_detail_ = "some lines were refused: mend them and repeat the request, or seal the batch";
    is_whole = stop_detail_.empty();
    if (!is_whole)
      end(feed_->taken_count() + added_, false);
  }
  if (!is_whole)
    return pump();
  with_.core.ask_batch(feed_->batch(), batch_event::seal{},
                       carillon::answer<batch_view>{[self = shared_from_this()](auto outcome) {
                         self->on_sealed(std::move(outcome));
                       }},
                       feed_->session());
}

void batch_stream::on_sealed(expected<batch_view> outcome) {
  {
    const lock hold{mutex_};
    if (!outcome)
      stop(outcome.error().detail);
    end(outcome ? outcome->counts.total() : feed_->taken_count() + added_, outcome.has_value());
  }
  pump();
}

void batch_stream::end(std::int64_t total, bool is_sealed) {
  note_acknowledged();
  json::writer out;
  out.begin_object();
  out.field("total", total);
  out.field("added", added_);
  out.field("refused", refused_);
  out.field("sealed", is_sealed);
  if (!stop_detail_.empty())
    out.field("detail", stop_detail_);
  out.end_object();
  answers_ += out.take() + "\n";
  ended_ = true;
}

}  // namespace

void open_batch_by_stream(const api& with, request asked, std::shared_ptr<stream> line) {
  std::make_shared<batch_stream>(with, std::move(asked), std::move(line))->pump();
}

}  // namespace carillon::http
