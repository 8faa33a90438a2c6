#include "http/task_stream.hpp"

#include <deque>
#include <mutex>
#include <utility>

#include "actors/gather.hpp"
#include "http/line_splitter.hpp"
#include "http/problem_response.hpp"
#include "http/task_input.hpp"
#include "http/trace_input.hpp"
#include "model/json.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t line_bytes_max = 1 << 20;
/// Lines that may be under way before reading stops: a few groups of the writer.
constexpr std::size_t lines_under_way_max = 8'192;

using outcome = expected<created_task>;

void write_line(json::writer& out, std::int64_t index, const outcome& made) {
  out.begin_object();
  out.field("index", index);
  if (made) {
    out.field("status", std::int64_t{made->is_new ? 201 : 200});
    out.field("id", to_text(made->subject->id));
    out.field("task_status", to_string(status_of(*made->subject)));
  } else {
    const auto& why = made.error();
    out.field("status", std::int64_t{status_of(why.kind)});
    out.field("detail", why.detail);
    out.key("errors").begin_array();
    for (const auto& found : why.faults) {
      out.begin_object().field("location", found.location);
      out.field("message", found.message).end_object();
    }
    out.end_array();
  }
  out.end_object();
}

/// One stream. Calls come from the connection's thread and from the writer's: all state is behind
/// the mutex, and the stream is only called outside it.
class creation_stream : public std::enable_shared_from_this<creation_stream> {
public:
  creation_stream(const api& with, task_origin origin, std::shared_ptr<stream> line)
      : with_{with}, origin_{std::move(origin)}, line_{std::move(line)} {}

  void start() {
    line_->begin(200, {}, "application/x-ndjson");
    pump();
  }

private:
  /// The lines of one piece of the body, under way together.
  struct batch {
    std::string answers;  ///< Empty until all are decided.
  };

  void on_piece(expected<std::string> piece);
  void submit(std::vector<std::string> lines);
  void on_decided(const std::shared_ptr<batch>& done, std::string answers, std::size_t lines);
  /// Reads or writes, whatever may go on.
  void pump();

  const api& with_;
  task_origin origin_;  ///< Of all of its tasks.
  std::shared_ptr<stream> line_;
  std::mutex mutex_;
  line_splitter splitter_{line_bytes_max};
  std::deque<std::shared_ptr<batch>> batches_;  ///< In the order of their lines.
  std::int64_t next_index_ = 0;
  std::size_t under_way_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool at_end_ = false;
  bool finished_ = false;
};

void creation_stream::pump() {
  bool read = false;
  bool finish = false;
  std::string piece;
  {
    const std::lock_guard lock{mutex_};
    if (finished_)
      return;
    read = !reading_ && !at_end_ && under_way_ < lines_under_way_max;
    reading_ |= read;
    while (!writing_ && !batches_.empty() && !batches_.front()->answers.empty()) {
      piece += batches_.front()->answers;
      batches_.pop_front();
    }
    writing_ |= !piece.empty();
    finish = at_end_ && !writing_ && batches_.empty();
    finished_ = finish;
  }
  if (read)
    line_->read([self = shared_from_this()](expected<std::string> more) {
      self->on_piece(std::move(more));
    });
  if (!piece.empty())
    line_->write(std::move(piece), [self = shared_from_this()](bool sent) {
      {
        const std::lock_guard lock{self->mutex_};
        self->writing_ = false;
        self->finished_ |= !sent;  // the client is gone; what is under way is made all the same
      }
      self->pump();
    });
  if (finish)
    line_->finish();
}

void creation_stream::on_piece(expected<std::string> piece) {
  std::vector<std::string> lines;
  {
    const std::lock_guard lock{mutex_};
    reading_ = false;
    at_end_ = !piece || piece->empty();
    if (piece)
      lines = at_end_ ? splitter_.finish() : splitter_.add(*piece);
    under_way_ += lines.size();
  }
  if (!lines.empty())
    submit(std::move(lines));
  pump();
}

void creation_stream::submit(std::vector<std::string> lines) {
  const auto made = std::make_shared<batch>();
  const auto first = next_index_;
  next_index_ += std::ssize(lines);
  {
    const std::lock_guard lock{mutex_};
    batches_.push_back(made);
  }
  const auto outcomes = std::make_shared<gather<created_task>>(
      lines.size(), [self = shared_from_this(), made, first](const std::vector<outcome>& all) {
        std::string answers;
        for (std::size_t at = 0; at < all.size(); ++at) {
          json::writer out;
          write_line(out, first + static_cast<std::int64_t>(at), all[at]);
          answers += out.text();
          answers += '\n';
        }
        self->on_decided(made, std::move(answers), all.size());
      });
  std::vector<std::pair<std::shared_ptr<const task_spec>, carillon::answer<created_task>>> tasks;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    auto reply = slot_of(outcomes, at);
    auto spec = lines[at].size() > line_bytes_max
                    ? problem{problem_kind::invalid, "the line is longer than 1 MiB"}
                    : read_native_task(with_, lines[at], origin_);
    if (spec)
      tasks.emplace_back(*std::move(spec), std::move(reply));
    else
      reply(std::move(spec).error());
  }
  if (!tasks.empty())
    with_.core.create(std::move(tasks));
}

void creation_stream::on_decided(const std::shared_ptr<batch>& done, std::string answers,
                                 std::size_t lines) {
  {
    const std::lock_guard lock{mutex_};
    done->answers = std::move(answers);
    under_way_ -= lines;
  }
  pump();
}

}  // namespace

void create_from_stream(const api& with, request asked, std::shared_ptr<stream> line) {
  std::make_shared<creation_stream>(with, origin_of(asked), std::move(line))->start();
}

}  // namespace carillon::http
