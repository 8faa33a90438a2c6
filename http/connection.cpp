#include "http/connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <iterator>

#include "http/content_coding.hpp"
#include "http/entity_tag.hpp"
#include "http/origin_rules.hpp"
#include "http/problem_response.hpp"
#include "http/request_meter.hpp"
#include "http/response_text.hpp"
#include "model/log.hpp"

namespace carillon::http {

namespace asio = boost::asio;
using error_code = boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t copied_body_max = 16 * 1024;  ///< A larger one is sent from where it is.
constexpr std::size_t batch_bytes = 64 * 1024;      ///< Of answers in one write.
constexpr std::size_t kept_output_bytes = 4096;
constexpr std::size_t write_progress_bytes = 32 * 1024;  ///< Renew the write deadline.
constexpr std::chrono::seconds linger_timeout{2};

head_limits head_limits_of(const server_settings& settings) {
  return {settings.header_bytes_max, settings.headers_max, settings.target_bytes_max};
}

void log_answer(const pending_answer& request, int status) {
  if (!log_enabled(log_level::debug))
    return;
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - request.started);
  log(log_level::debug, "request",
      {{"method", request.method},
       {"path", std::string{request.pattern.empty() ? request.path : request.pattern}},
       {"status", std::to_string(status)},
       {"microseconds", std::to_string(took.count())},
       {"request_id", request.id}});
}

}  // namespace

connection::connection(std::shared_ptr<io_loop> loop, tcp_socket socket, const service& shared,
                       std::shared_ptr<tls_identity> identity)
    : loop_{std::move(loop)},
      socket_{std::move(socket)},
      tls_{identity ? std::make_unique<tls_stream>(socket_, std::move(identity)) : nullptr},
      shared_{shared},
      reader_{head_limits_of(shared.settings)} {}

void connection::start(bool overloaded) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  const auto address = socket_.remote_endpoint(ignored).address();
  client_address_ = address_key(address);
  client_text_ = address.to_string();
  if (tls_)
    return overloaded ? close() : shake_hands();
  deadline_ = steady_clock::now() + shared_.settings.idle_timeout;
  if (!overloaded)
    return read_more();
  auto last = new_answer();
  last.what =
      http::refuse(503, "the server has too many connections", request_, {{"Retry-After", "1"}});
  last.keep_alive = false;
  phase_ = phase::deaf;
  queue_.push(std::move(last));
  flush();
}

void connection::shake_hands() {
  phase_ = phase::handshake;
  deadline_ = steady_clock::now() + shared_.settings.header_timeout;
  tls_->handshake([self = shared_from_this()](const error_code& error, bool speaks_tls) {
    self->on_handshake(error, speaks_tls);
  });
}

void connection::on_handshake(const error_code& error, bool speaks_tls) {
  if (phase_ == phase::closed)
    return;
  if (!speaks_tls) {
    tls_.reset();
    refuse({400, "this address speaks TLS: ask it with https"});
    return flush();
  }
  if (error)
    return close();
  phase_ = phase::waiting;
  deadline_ = steady_clock::now() + shared_.settings.idle_timeout;
  read_more();
}

void connection::complete(std::uint64_t number, response_or_problem what) {
  auto* request = queue_.find(number);
  if (!request || request->what)
    return;
  request->what = std::move(what);
  if (!processing_)
    flush();
}

void connection::drain() {
  draining_ = true;
  if (stream_ && stream_->begun && stream_->is_events)
    return stream_finish(stream_->number);
  if (phase_ == phase::handshake)
    return close();
  if (phase_ == phase::waiting && queue_.empty() && !writing_ && input_.empty())
    close();
}

void connection::close() {
  if (phase_ == phase::closed)
    return;
  phase_ = phase::closed;
  gone_ = true;
  error_code ignored;
  socket_.close(ignored);
  queue_.clear();
  release_stream();
  visit_.reset();
  loop_->remove(*this);
}

void connection::sweep(steady_time now) {
  if (writing_ && now >= write_deadline_)
    return close();
  const bool late = now >= deadline_;
  switch (phase_) {
    case phase::waiting:
      if (late && queue_.empty() && !writing_)
        return close();
      break;
    case phase::head:
      if (late)
        refuse({408, "the head of the request took too long"});
      break;
    case phase::body:
      if (late)
        refuse({408, "the body of the request took too long"});
      break;
    case phase::streaming:
      sweep_stream(now);
      break;
    case phase::handshake:
    case phase::lingering:
      if (late)
        return close();
      break;
    case phase::stream_pending:
    case phase::deaf:
    case phase::closed:
      break;
  }
  queue_.expire(now);
  flush();
}

// -- bytes in -------------------------------------------------------------------------------------

bool connection::wants_bytes() const {
  switch (phase_) {
    case phase::waiting:
    case phase::head:
      return queue_.size() < shared_.settings.pipelined_max;
    case phase::body:
    case phase::lingering:
      return true;
    case phase::streaming:
      return stream_->body_done ? input_.empty() : stream_->next != nullptr;
    case phase::deaf:  // only to see that the client has gone, who is owed an answer
      return !queue_.empty() && input_.empty();
    case phase::handshake:
    case phase::stream_pending:
    case phase::closed:
      return false;
  }
  return false;
}

void connection::read_more() {
  if (reading_ || peer_closed_ || !wants_bytes())
    return;
  reading_ = true;
  const auto room = input_.prepare();
  auto done = [self = shared_from_this()](const error_code& error, std::size_t count) {
    self->on_read(error, count);
  };
  if (tls_)
    tls_->read_some(room, std::move(done));
  else
    socket_.async_read_some(asio::buffer(room.data(), room.size()), std::move(done));
}

void connection::on_read(const error_code& error, std::size_t count) {
  reading_ = false;
  if (phase_ == phase::closed)
    return;
  if (error && error != asio::error::eof)
    return close();
  peer_closed_ = error == asio::error::eof;
  gone_ = gone_ || peer_closed_;
  input_.commit(count);
  if (stream_)
    stream_->received += count;
  process();
}

/// Nothing more will come. Whoever closes one direction only still gets the answers, but for those
/// without an end: there it is how a client goes.
void connection::finish_input() {
  if (phase_ == phase::lingering)
    return close();
  if (phase_ == phase::streaming) {
    if (stream_->is_events)
      return close();
    if (stream_->next)
      fail_stream({400, "the connection ended before the body did"});
    return;
  }
  const bool has_requests =
      phase_ == phase::waiting && queue_.size() >= shared_.settings.pipelined_max;
  if (has_requests || phase_ == phase::stream_pending)
    return;
  if (phase_ != phase::closed)
    phase_ = phase::deaf;
  if (queue_.empty() && !writing_)
    close();
}

// -- bytes out ------------------------------------------------------------------------------------

void connection::flush() {
  if (writing_ || phase_ == phase::closed || phase_ == phase::streaming)
    return;
  while (queue_.ready() && !closing_ && tail_.empty() && out_.size() < batch_bytes)
    append_answer(queue_.pop());
  if (continue_wanted_ && queue_.empty() && !closing_) {
    continue_wanted_ = false;
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  if (!out_.empty())
    write();
}

namespace {

response make_response(pending_answer& request) {
  if (auto* failure = std::get_if<problem>(&*request.what))
    return to_response(*failure, request.path, request.id, request.schema);
  if (auto* deferred = std::get_if<deferred_response>(&*request.what))
    return (*deferred)();
  return std::get<response>(*std::move(request.what));
}

/// Its entity tag; and not more of it than the client needs.
void refine(const pending_answer& request, response& what) {
  const bool is_whole = what.status == 200 && request.row != nullptr;
  const bool is_get = is_whole && request.row->method == "GET";
  const bool is_tagged =
      is_get || (is_whole && (request.row->method == "PUT" || request.row->method == "PATCH"));
  if (has_version(what) || (is_tagged && has_tag(request.pattern)))
    set_tag(what);
  if (!is_get || !is_known(what, request.if_none_match))
    return encode_body(what, request.takes_gzip);
  what.status = 304;
  what.body.clear();
}

}  // namespace

void connection::append_answer(pending_answer request) {
  auto what = make_response(request);
  refine(request, what);
  if (!request.origin.empty())
    std::ranges::move(cors_headers(request.origin), std::back_inserter(what.headers));
  std::ranges::move(request.limits, std::back_inserter(what.headers));
  const bool last = draining_ && queue_.empty() && phase_ == phase::waiting && input_.empty();
  const bool keep_alive = request.keep_alive && !last;
  append_head(
      out_, what,
      {.request_id = request.id, .keep_alive = keep_alive, .old_version = request.old_version});
  if (request.method != "HEAD" && has_body(what.status)) {
    if (what.body.size() > copied_body_max)
      tail_ = std::move(what.body);
    else
      out_ += what.body;
  }
  log_answer(request, what.status);
  if (shared_.meter != nullptr)
    shared_.meter->add(request.row, what.status, steady_clock::now() - request.started);
  if (keep_alive)
    return;
  closing_ = true;
  phase_ = phase::deaf;
  queue_.clear();
}

void connection::write() {
  writing_ = true;
  sent_ = sent_before_deadline_ = 0;
  write_deadline_ = steady_clock::now() + shared_.settings.write_timeout;
  write_some();
}

void connection::write_some() {
  const auto head = std::min(sent_, out_.size());
  const auto body = sent_ - head;
  const std::array<asio::const_buffer, 2> rest{
      asio::const_buffer{out_.data() + head, out_.size() - head},
      asio::const_buffer{tail_.data() + body, tail_.size() - body}};
  auto done = [self = shared_from_this()](const error_code& error, std::size_t count) {
    self->on_written(error, count);
  };
  if (tls_)
    tls_->write_some(rest, std::move(done));
  else
    socket_.async_write_some(rest, std::move(done));
}

void connection::on_written(const error_code& error, std::size_t count) {
  if (phase_ == phase::closed)
    return;
  if (error)
    return close();
  sent_ += count;
  if (sent_ == out_.size() + tail_.size())
    return on_all_written();
  if (sent_ - sent_before_deadline_ >= write_progress_bytes) {
    sent_before_deadline_ = sent_;
    write_deadline_ = steady_clock::now() + shared_.settings.write_timeout;
  }
  write_some();
}

void connection::on_all_written() {
  writing_ = false;
  if (out_.capacity() > kept_output_bytes)
    out_ = std::string{};
  out_.clear();
  tail_ = std::string{};
  if (phase_ == phase::streaming)
    return send_stream();
  if (closing_)
    return linger();
  flush();
  if (writing_)
    return;
  if (draining_ && phase_ == phase::waiting && queue_.empty() && input_.empty())
    return close();
  if (phase_ == phase::waiting)
    deadline_ = steady_clock::now() + shared_.settings.idle_timeout;
  process();
}

void connection::linger() {
  phase_ = phase::lingering;
  deadline_ = steady_clock::now() + linger_timeout;
  input_.clear();
  if (tls_)
    tls_->say_goodbye([self = shared_from_this()] { self->end_sending(); });
  else
    end_sending();
  read_more();
}

void connection::end_sending() {
  error_code failed;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, failed);
  if (failed || peer_closed_)
    close();
}

}  // namespace carillon::http
