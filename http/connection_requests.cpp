#include <algorithm>
#include <exception>
#include <iterator>

#include "http/change_desk.hpp"
#include "http/connection.hpp"
#include "http/content_coding.hpp"
#include "http/origin_rules.hpp"
#include "http/problem_response.hpp"
#include "http/request_id.hpp"
#include "http/schema_link.hpp"
#include "http/text.hpp"
#include "model/log.hpp"

namespace carillon::http {

using std::chrono::steady_clock;

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view stream_type = "application/x-ndjson";
constexpr std::uint64_t reserved_body_max = 64 * 1024;

/// Brings an answer from any thread to its connection.
class connection_sink final : public answer_sink {
public:
  connection_sink(std::shared_ptr<connection> to, std::uint64_t number,
                  std::shared_ptr<const principal> asker, std::shared_ptr<tenant_visit> visit)
      : to_{std::move(to)}, number_{number}, asker_{std::move(asker)}, visit_{std::move(visit)} {}

  ~connection_sink() override {
    if (!answered())
      deliver(not_answered());
  }

  void deliver(response_or_problem what) override {
    const auto* why = std::get_if<problem>(&what);
    if (visit_ && why != nullptr && why->kind == problem_kind::over_quota)
      visit_->door().note_refusal();
    auto& loop = to_->loop();
    if (loop.is_this_thread())
      to_->complete(number_, std::move(what));
    else
      loop.deliver(std::move(to_), number_, std::move(what));
  }

  [[nodiscard]] bool wanted() const override {
    return !to_->gone() && !(asker_ && is_withdrawn(*asker_));
  }

private:
  std::shared_ptr<connection> to_;
  std::uint64_t number_;
  std::shared_ptr<const principal> asker_;
  std::shared_ptr<tenant_visit> visit_;  ///< Ends with this; null: it is the operator's.
};

bool streams(const route& row, const request& asked) {
  return row.stream && (!row.run || asked.content_type == stream_type);
}

std::string media_type(std::string_view header) {
  return to_lower(trim(header.substr(0, header.find(';'))));
}

}  // namespace

void connection::process() {
  if (phase_ == phase::lingering)
    input_.clear();
  processing_ = true;
  while (advance()) {
  }
  processing_ = false;
  flush();
  if (peer_closed_)
    return finish_input();
  read_more();
}

/// One step; false when it needs more bytes, or an answer to leave first.
bool connection::advance() {
  switch (phase_) {
    case phase::waiting:
      return begin_head();
    case phase::head:
      return read_head();
    case phase::body:
      return read_body();
    case phase::stream_pending:
      return start_stream();
    case phase::streaming:
      return feed_stream();
    case phase::handshake:
    case phase::deaf:
    case phase::lingering:
    case phase::closed:
      return false;
  }
  return false;
}

bool connection::begin_head() {
  // An empty line before a request is forgiven (RFC 9112 2.2).
  while (input_.view().starts_with("\r\n"))
    input_.consume(2);
  if (input_.empty() || input_.view() == "\r")
    return false;
  if (queue_.size() >= shared_.settings.pipelined_max)
    return false;
  phase_ = phase::head;
  deadline_ = steady_clock::now() + shared_.settings.header_timeout;
  request_.clear();
  reader_.start();
  return true;
}

bool connection::read_head() {
  const auto [now, used] = reader_.read_head(input_.view(), request_);
  if (now == request_reader::step::more)
    return false;
  if (now == request_reader::step::refused) {
    refuse(reader_.why());
    return false;
  }
  input_.consume(used);
  on_head();
  return true;
}

void connection::on_head() {
  request_.id = request_id_from(request_.header("x-request-id"));
  request_.content_type = media_type(request_.header("content-type"));
  request_.client = client_text_;
  if (const auto wrong = read_target(reader_.target(), request_, segments_))
    return refuse(*wrong);
  const auto expectation = request_.header("expect");
  if (!expectation.empty() && !equals_ignoring_case(expectation, "100-continue"))
    return refuse({417, "the only expectation is 100-continue"});
  expects_continue_ = !expectation.empty() && reader_.has_body() && !reader_.old_version();

  read_tenant_prefix();
  const auto match = shared_.routes.find(request_.method, segments_, request_.parameters);
  route_ = match.found;
  early_ = refuse_early(match);
  const bool streamed = !early_ && streams(*route_, request_);
  const auto& settings = shared_.settings;
  const auto body_max = streamed ? settings.stream_bytes_max : settings.body_bytes_max;
  if (reader_.content_length().value_or(0) > body_max)
    return refuse({413, "the body of the request is too large"});
  if (reader_.has_body())
    reader_.limit_body(body_max);
  if (streamed) {
    phase_ = phase::stream_pending;
    return;
  }
  if (!reader_.has_body() || (early_ && expects_continue_))
    return dispatch();
  phase_ = phase::body;
  deadline_ = steady_clock::now() + settings.body_timeout;
  continue_wanted_ = expects_continue_ && input_.empty();
  request_.body.reserve(std::min(reader_.content_length().value_or(0), reserved_body_max));
}

/// The answer that needs no handler and no body, if there is one.
std::optional<response> connection::refuse_early(const router::match& match) {
  if (auto refused = refuse_page())
    return refused;
  if (request_.method == "OPTIONS" && (!match.allow.empty() || request_.path == "*")) {
    const auto allow = match.allow.empty() ? "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
                                           : std::string{match.allow};
    response known{204, "", {{"Allow", allow}}};
    if (!request_.header("access-control-request-method").empty() && !listed_origin().empty())
      std::ranges::move(preflight_headers(allow), std::back_inserter(known.headers));
    return known;
  }
  if (!match.found && match.allow.empty())
    return http::refuse(404, "there is nothing at this path", request_);
  if (!match.found)
    return http::refuse(405, "the path does not know this method", request_,
                        {{"Allow", std::string{match.allow}}});
  if (auto refused = refuse_asker(match.found->needs)) {
    if (shared_.desk != nullptr && is_change() && refused->status != 429)
      shared_.desk->note_refusal(surfaces(), *match.found, request_, refused->status);
    return refused;
  }
  if (auto refused = refuse_key_of_stream(*match.found))
    return refused;
  if (auto refused = enter_tenant())
    return refused;
  const auto encoding = request_.header("content-encoding");
  if (!encoding.empty() && !equals_ignoring_case(encoding, "identity"))
    return http::refuse(415, "encoded request bodies are not taken", request_);
  const auto& type = request_.content_type;
  if (reader_.has_body() && !type.empty() && type != json_type
      && !(type == stream_type && match.found->stream))
    return http::refuse(415, "the body must be application/json", request_);
  return {};
}

bool connection::read_body() {
  if (input_.empty())
    return false;
  continue_wanted_ = false;
  const auto [now, used] = reader_.read_body(input_.view(), request_.body);
  input_.consume(used);
  if (early_)
    request_.body.clear();
  if (now == request_reader::step::more)
    return false;
  if (now == request_reader::step::refused) {
    refuse(reader_.why());
    return false;
  }
  dispatch();
  return true;
}

pending_answer connection::new_answer() const {
  pending_answer made;
  made.started = steady_clock::now();
  made.deadline = made.started + shared_.settings.answer_timeout;
  return made;
}

void connection::dispatch() {
  auto made = new_answer();
  made.old_version = reader_.old_version();
  // An answer before "100 Continue" leaves it open whether the body still comes.
  made.keep_alive = reader_.keep_alive() && !(early_ && expects_continue_);
  if (route_)
    made.pattern = route_->pattern;
  made.origin = listed_origin();
  made.row = route_;
  made.limits = std::move(limits_);
  if (!early_) {
    made.takes_gzip = takes_gzip(request_.header("accept-encoding"));
    made.if_none_match = request_.header("if-none-match");
  }
  phase_ = made.keep_alive ? phase::waiting : phase::deaf;
  deadline_ = made.started + shared_.settings.idle_timeout;
  const auto number = queue_.push(std::move(made));
  if (!early_ && has_lost_tenant())
    early_ = not_served();
  if (early_)
    queue_.find(number)->what = *std::move(early_);
  else
    hand_on(number);
  visit_.reset();
  auto& request = *queue_.find(number);
  request.schema = error_schema_link(request_);
  request.method = std::move(request_.method);
  request.path = std::move(request_.path);
  request.id = std::move(request_.id);
}

/// Calls the handler. Nothing leaves the queue before process() is through.
void connection::hand_on(std::uint64_t number) {
  const responder reply{
      std::make_shared<connection_sink>(shared_from_this(), number, request_.asker, visit_)};
  try {
    if (shared_.desk == nullptr || !is_change())
      return route_->run(surfaces(), request_, reply);
    // What comes when its tenant has gone asks nothing of it any more.
    const auto later = [loop = loop_, visit = visit_](std::function<void()> work) {
      loop->post([visit, work = std::move(work)] {
        if (!visit || !visit->door().is_closed())
          work();
      });
    };
    shared_.desk->run(surfaces(), *route_, request_, later, reply);
  } catch (const std::exception& error) {
    log(log_level::error, "handler failed",
        {{"path", std::string{route_->pattern}}, {"error", error.what()}});
    reply(http::refuse(500, "the server failed to handle the request", request_));
  }
}

/// Answers what is no request, or none that is read to its end, and reads no further.
void connection::refuse(refusal why) {
  if (request_.id.empty())
    request_.id = new_request_id();
  auto last = new_answer();
  last.what = http::refuse(why.status, why.detail, request_);
  last.keep_alive = false;
  last.method = request_.method;
  last.path = request_.path;
  last.id = request_.id;
  phase_ = phase::deaf;
  continue_wanted_ = false;
  visit_.reset();
  queue_.push(std::move(last));
}

}  // namespace carillon::http
