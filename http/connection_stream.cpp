#include "http/change_desk.hpp"
#include "http/connection.hpp"
#include "http/event_stream.hpp"
#include "http/origin_rules.hpp"
#include "http/problem_response.hpp"
#include "http/request_meter.hpp"
#include "http/response_text.hpp"

#include <algorithm>
#include <iterator>

namespace carillon::http {

using std::chrono::steady_clock;

namespace {

problem connection_lost() {
  return {problem_kind::unavailable, "the connection is gone"};
}

problem to_problem(refusal why) {
  return {problem_kind::malformed, std::string{why.detail}};
}

/// The handler's end of a streamed exchange: brings every call to the connection's thread.
class connection_stream final : public stream {
public:
  connection_stream(std::shared_ptr<connection> to, std::uint64_t exchange,
                    std::shared_ptr<tenant_visit> visit)
      : to_{std::move(to)}, exchange_{exchange}, visit_{std::move(visit)} {
    if (visit_)
      visit_->become_stream();
  }

  ~connection_stream() override {
    auto& loop = to_->loop();
    loop.post([to = std::move(to_), exchange = exchange_] { to->stream_dropped(exchange); });
  }

  void read(std::function<void(expected<std::string>)> next) override {
    to_->loop().post([to = to_, exchange = exchange_, next = std::move(next)]() mutable {
      to->stream_read(exchange, std::move(next));
    });
  }

  void begin(int status, header_list headers, std::string content_type) override {
    response head{status, {}, std::move(headers), std::move(content_type)};
    to_->loop().post([to = to_, exchange = exchange_, head = std::move(head)]() mutable {
      to->stream_begin(exchange, std::move(head));
    });
  }

  void write(std::string piece, std::function<void(bool)> done) override {
    to_->loop().post([to = to_, exchange = exchange_, piece = std::move(piece),
                      done = std::move(done)]() mutable {
      to->stream_write(exchange, std::move(piece), std::move(done));
    });
  }

  void finish() override {
    to_->loop().post([to = to_, exchange = exchange_] { to->stream_finish(exchange); });
  }

  void when_over(std::function<void()> told) override {
    to_->loop().post([to = to_, exchange = exchange_, told = std::move(told)]() mutable {
      to->stream_when_over(exchange, std::move(told));
    });
  }

private:
  std::shared_ptr<connection> to_;
  std::uint64_t exchange_;
  std::shared_ptr<tenant_visit> visit_;  ///< Ends with this; null: it is the operator's.
};

}  // namespace

bool connection::is_streaming(std::uint64_t exchange) const {
  return stream_ && stream_->number == exchange;
}

/// Begins once all answers before it have left, so that both directions are the handler's alone.
bool connection::start_stream() {
  if (!queue_.empty() || writing_)
    return false;
  if (has_lost_tenant()) {
    close();
    return false;
  }
  phase_ = phase::streaming;
  stream_ = std::make_unique<exchange_state>();
  stream_->number = ++exchanges_;
  stream_->began = steady_clock::now();
  stream_->body_done = !reader_.has_body();
  stream_->bodiless = request_.method == "HEAD";
  auto asked = request_;  // ours stays for problems and the log
  std::shared_ptr<http::stream> line =
      std::make_shared<connection_stream>(shared_from_this(), stream_->number, visit_);
  if (shared_.desk != nullptr && is_change())
    line = shared_.desk->watch(surfaces(), *route_, request_, std::move(line));
  route_->stream(surfaces(), std::move(asked), std::move(line));
  return true;
}

// -- the body -------------------------------------------------------------------------------------

void connection::stream_read(std::uint64_t exchange,
                             std::function<void(expected<std::string>)> next) {
  if (!is_streaming(exchange))
    return next(connection_lost());
  if (stream_->failure)
    return next(to_problem(*stream_->failure));
  if (stream_->body_done)
    return next(std::string{});
  stream_->next = std::move(next);
  stream_->wait_started = steady_clock::now();
  if (std::exchange(expects_continue_, false) && input_.empty() && !stream_->begun) {
    stream_->unsent += "HTTP/1.1 100 Continue\r\n\r\n";
    send_stream();
  }
  process();
}

bool connection::feed_stream() {
  if (stream_->body_done || !stream_->next || input_.empty())
    return false;
  std::string piece;
  const auto [now, used] = reader_.read_body(input_.view(), piece);
  input_.consume(used);
  if (now == request_reader::step::refused) {
    fail_stream(reader_.why());
    return false;
  }
  stream_->body_done = now == request_reader::step::done;
  if (piece.empty() && !stream_->body_done)
    return false;
  stream_->waited += steady_clock::now() - stream_->wait_started;
  const auto next = std::exchange(stream_->next, nullptr);
  next(std::move(piece));
  return false;
}

void connection::fail_stream(refusal why) {
  stream_->failure = why;
  if (const auto next = std::exchange(stream_->next, nullptr))
    next(to_problem(why));
}

/// A body must come at a minimal rate; only the time that is spent waiting for the client counts.
void connection::sweep_stream(steady_time now) {
  if (has_lost_tenant())
    return close();
  // Events have no end: whoever may hear them no longer is cut off.
  if (stream_->is_events && stream_->begun && refuse_asker(route_->needs))
    return close();
  ping_if_silent(now);
  auto& body = *stream_;
  if (!body.next)
    return;
  const auto waited = body.waited + (now - body.wait_started);
  if (waited < shared_.settings.body_timeout)
    return;
  const auto seconds = std::chrono::duration<double>(waited).count();
  if (static_cast<double>(body.received)
      < seconds * static_cast<double>(shared_.settings.body_rate_min))
    return fail_stream({408, "the body of the request comes too slowly"});
  body.waited = {};
  body.received = 0;
  body.wait_started = now;
}

// -- the answer -----------------------------------------------------------------------------------

/// Only a write tells that a client has gone without a word.
void connection::ping_if_silent(steady_time now) {
  const bool is_silent = stream_->is_events && stream_->begun && !stream_->finished && !writing_
                         && now - stream_->last_write >= shared_.settings.event_ping;
  if (!is_silent)
    return;
  if (reader_.old_version())
    stream_->unsent += ping_event;
  else
    append_chunk(stream_->unsent, ping_event);
  send_stream();
}

void connection::stream_begin(std::uint64_t exchange, response head) {
  if (!is_streaming(exchange) || stream_->begun)
    return;
  stream_->begun = true;
  if (shared_.meter != nullptr)
    shared_.meter->add(route_, head.status, steady_clock::now() - stream_->began);
  stream_->bodiless = stream_->bodiless || !has_body(head.status);
  stream_->is_events = head.content_type == event_stream_type;
  if (const auto origin = listed_origin(); !origin.empty())
    std::ranges::move(cors_headers(origin), std::back_inserter(head.headers));
  std::ranges::move(limits_, std::back_inserter(head.headers));
  // Nobody reads the body of a GET, so the connection ends with the answer.
  const bool may_stay = stream_->body_done || !is_safe_method(request_.method);
  append_head(
      stream_->unsent, head,
      {.request_id = request_.id,
       .keep_alive = may_stay && reader_.keep_alive() && !reader_.old_version() && !draining_,
       .old_version = reader_.old_version(),
       .streamed = true});
  // A client that wants no body, or whose connection is to end, is not kept waiting for the next
  // event.
  if (stream_->bodiless || (stream_->is_events && draining_))
    return stream_finish(exchange);
  send_stream();
}

void connection::stream_write(std::uint64_t exchange, std::string piece,
                              std::function<void(bool)> done) {
  if (!is_streaming(exchange) || stream_->finished || !stream_->begun || stream_->bodiless)
    return done(false);
  if (reader_.old_version())
    stream_->unsent += piece;
  else
    append_chunk(stream_->unsent, piece);
  stream_->done = std::move(done);
  send_stream();
}

void connection::stream_finish(std::uint64_t exchange) {
  if (!is_streaming(exchange) || stream_->finished)
    return;
  if (!stream_->begun)
    return stream_dropped(exchange);
  stream_->finished = true;
  if (!reader_.old_version() && !stream_->bodiless)
    stream_->unsent += "0\r\n\r\n";
  send_stream();
}

void connection::stream_when_over(std::uint64_t exchange, std::function<void()> told) {
  if (!is_streaming(exchange))
    return told();
  stream_->over = std::move(told);
}

/// Writes what waits, or tells that nothing does.
void connection::send_stream() {
  if (writing_)
    return;
  if (!stream_->unsent.empty()) {
    stream_->last_write = steady_clock::now();
    out_.swap(stream_->unsent);
    return write();
  }
  if (const auto done = std::exchange(stream_->done, nullptr))
    done(true);
  if (stream_ && stream_->finished)
    end_stream();
}

void connection::end_stream() {
  const bool keep_alive = stream_->body_done && reader_.keep_alive() && !reader_.old_version()
                          && !draining_ && !peer_closed_;
  const auto left = std::move(stream_);
  if (left->over)
    left->over();
  visit_.reset();
  if (!keep_alive)
    return linger();
  phase_ = phase::waiting;
  deadline_ = steady_clock::now() + shared_.settings.idle_timeout;
  process();
}

void connection::stream_dropped(std::uint64_t exchange) {
  if (!is_streaming(exchange) || stream_->finished)
    return;
  if (stream_->begun)
    return close();  // without the last chunk the client sees that something is missing
  const auto why = stream_->failure.value_or(refusal{503, not_answered_detail});
  stream_.reset();
  visit_.reset();
  refuse(why);
  flush();
}

/// The client is gone: tells whoever waits.
void connection::release_stream() {
  const auto left = std::move(stream_);
  if (!left)
    return;
  if (left->next)
    left->next(connection_lost());
  if (left->done)
    left->done(false);
  if (left->over)
    left->over();
}

}  // namespace carillon::http
