#include "http/change_call.hpp"

#include <exception>
#include <utility>

#include "http/masking.hpp"
#include "http/problem_response.hpp"
#include "model/log.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t shown_bytes_max = 16 * 1024;  ///< Of a resource in a record.
constexpr std::size_t kept_body_max = 1024 * 1024;
constexpr int too_large = 413;

/// Brings the handler's answer to the call.
class call_sink final : public answer_sink {
public:
  explicit call_sink(std::shared_ptr<change_call> to) : to_{std::move(to)} {}
  ~call_sink() override {
    if (!answered())
      deliver(not_answered());
  }
  void deliver(response_or_problem what) override { to_->take(std::move(what)); }
  [[nodiscard]] bool wanted() const override { return to_->wanted(); }
  [[nodiscard]] std::shared_ptr<request_mark> mark() const override { return to_->mark(); }

private:
  std::shared_ptr<change_call> to_;
};

bool is_success(int status) {
  return status >= 200 && status < 300;
}

std::string header_of(const response& made, std::string_view name) {
  for (const auto& [each, value] : made.headers)
    if (each == name)
      return value;
  return {};
}

/// The last part of a path: "/v1/batches/batch_1" is about "batch_1".
std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

change_call::change_call(surroundings around, std::shared_ptr<request_mark> mark, responder reply)
    : around_{std::move(around)}, mark_{std::move(mark)}, reply_{std::move(reply)} {}

change_call::~change_call() {
  if (holds_key_)
    around_.keys.give_back(mark_->key);
}

void change_call::start(const request& asked) {
  path_ = asked.path;
  id_ = asked.id;
  const bool has_key = !mark_->key.empty();
  const bool looks = around_.rule.how == recording::whole;
  if (!has_key && !looks)
    return run(asked);
  asked_ = std::make_shared<const request>(asked);
  if (!has_key)
    return look_before();
  holds_key_ = around_.keys.take(mark_->key);
  if (!holds_key_)
    return answer_with(refuse(
        409, "a request with this Idempotency-Key is under way: repeat it in a moment", *asked_));
  if (const auto known = around_.keys.remembered(mark_->key))
    return repeat(*known);
  look_up_key();
}

// -- a repeat -------------------------------------------------------------------

void change_call::look_up_key() {
  around_.with.core.find_kept(
      mark_->key, carillon::answer<std::optional<kept_answer>>{
                      [self = shared_from_this()](expected<std::optional<kept_answer>> found) {
                        self->around_.later([self, found = std::move(found)] {
                          if (!found)
                            return self->answer_with(to_response(found.error(), *self->asked_));
                          const bool is_known = *found && (**found).until > self->mark_->record.at;
                          if (is_known)
                            return self->repeat(**found);
                          self->look_before();
                        });
                      }});
}

void change_call::repeat(const kept_answer& known) {
  if (known.fingerprint != mark_->kept.fingerprint)
    return answer_with(refuse(422,
                              "the Idempotency-Key belongs to another request: its method, path, "
                              "query or body was another one",
                              *asked_));
  if (known.has_secret || (known.status == 0 && around_.rule.has_secret))
    return answer_with(refuse(409,
                              "the first request with this Idempotency-Key was carried out, and "
                              "what it made is told once"
                                  + (known.location.empty() ? "" : ": see " + known.location),
                              *asked_));
  if (known.status == 0)
    return rebuild(known);
  response first{known.status, known.body};
  if (!known.content_type.empty())
    first.content_type = known.content_type;
  if (!known.location.empty())
    first.headers.emplace_back("Location", known.location);
  first.headers.emplace_back("Idempotency-Replayed", "true");
  answer_with(std::move(first));
}

/// Its effect is on disk, but the server ended before its answer was: it is told what there is now.
void change_call::rebuild(const kept_answer& known) {
  auto place = known.made ? place_of_made(around_.row, *known.made) : std::string{};
  const bool is_new = !place.empty();
  if (!is_new)
    place = resource_of(around_.row, *asked_);
  around_.look(place, *asked_, [self = shared_from_this(), place, is_new](response found) {
    self->around_.later([self, place, is_new, found = std::move(found)]() mutable {
      if (found.status != 200)
        found = {200, R"({"success":true,"message":"the first request was carried out"})"};
      else if (is_new) {
        found.status = 201;
        found.headers.emplace_back("Location", place);
      }
      found.headers.emplace_back("Idempotency-Replayed", "true");
      self->answer_with(std::move(found));
    });
  });
}

// -- the first time -------------------------------------------------------------

void change_call::look_before() {
  const auto place =
      around_.rule.how == recording::whole ? resource_of(around_.row, *asked_) : std::string{};
  if (place.empty())
    return run(*asked_);
  around_.look(place, *asked_, [self = shared_from_this()](const response& found) {
    if (is_success(found.status))
      self->before_ = masked(found.body, shown_bytes_max);
    self->around_.later([self] { self->run(*self->asked_); });
  });
}

void change_call::run(const request& asked) {
  const responder reply{std::make_shared<call_sink>(shared_from_this())};
  try {
    around_.row.run(around_.with, asked, reply);
  } catch (const std::exception& error) {
    log(log_level::error, "handler failed",
        {{"path", std::string{around_.row.pattern}}, {"error", error.what()}});
    reply(refuse(500, "the server failed to handle the request", asked));
  }
}

void change_call::take(response_or_problem what) {
  // What was recorded in its own commit, and is to be repeated by nobody, needs nothing more.
  const bool makes_schedule = mark_->record.made && names_schedule(*mark_->record.made);
  if (!asked_ && !makes_schedule) {
    if (auto* failure = std::get_if<problem>(&what))
      return reply_(std::move(*failure));
    if (auto* deferred = std::get_if<deferred_response>(&what))
      return reply_(std::move(*deferred));
    return reply_(std::get<response>(std::move(what)));
  }
  around_.later([self = shared_from_this(), what = std::move(what)]() mutable {
    if (auto* failure = std::get_if<problem>(&what)) {
      self->failure_ = std::move(*failure);
      return self->finish(to_response(*self->failure_, self->path_, self->id_));
    }
    if (auto* deferred = std::get_if<deferred_response>(&what))
      return self->finish((*deferred)());
    self->finish(std::get<response>(std::move(what)));
  });
}

void change_call::finish(response made) {
  const bool is_passing = made.status >= 500 || made.status == 429;
  const bool has_key = !mark_->key.empty() && !is_passing;
  const bool makes_schedule = mark_->record.made && names_schedule(*mark_->record.made);
  const bool is_recorded = is_success(made.status)
                           && (around_.rule.how == recording::whole
                               || (around_.rule.how == recording::in_commit && makes_schedule));
  if (made.status == 401 || made.status == 403)
    around_.note_refusal(whole_record(made));
  if (has_key)
    keep(made);
  if (!is_recorded && !has_key)
    return answer_with(std::move(made));
  // Its effect and its key are on disk: were the answer lost, it would be told anew.
  const bool is_safe = !is_recorded && mark_->is_saved;
  if (!is_safe)
    return save(is_recorded, std::move(made));
  around_.keys.remember(mark_->key, mark_->kept);
  around_.with.core.save_mark(
      {}, mark_->key, mark_->kept,
      carillon::answer<bool>{[self = shared_from_this()](const expected<bool>&) {
        self->around_.keys.forget(self->mark_->key);
      }});
  answer_with(std::move(made));
}

void change_call::keep(const response& made) {
  auto& kept = mark_->kept;
  kept.status = made.status;
  kept.location = header_of(made, "Location");
  const bool is_told_once = header_of(made, "Cache-Control") == "no-store";
  kept.has_secret = (around_.rule.has_secret || is_told_once) && is_success(made.status);
  if (made.body.size() > kept_body_max) {
    kept.status = too_large;
    return;
  }
  kept.content_type = made.content_type;
  if (!kept.has_secret)
    kept.body = made.body;
}

audit_record change_call::whole_record(const response& made) const {
  auto what = mark_->record;
  what.status = made.status;
  what.before = before_;
  if (is_success(made.status))
    what.after = masked(made.body, shown_bytes_max);
  const auto location = header_of(made, "Location");
  if (what.subject.empty() && !location.empty())
    what.subject = last_part(location);
  return what;
}

void change_call::save(bool is_recorded, response made) {
  const auto record = is_recorded ? std::optional{whole_record(made)} : std::nullopt;
  const auto key = made.status >= 500 || made.status == 429 ? std::string{} : mark_->key;
  around_.with.core.save_mark(
      record, key, mark_->kept,
      carillon::answer<bool>{
          [self = shared_from_this(), made = std::move(made)](const expected<bool>& saved) {
            if (saved)
              return self->answer_with(made);
            self->failure_ = saved.error();
            self->answer_with({});
          }});
}

/// The key is free before its answer is out, so that a repeat does not meet it.
void change_call::answer_with(response made) {
  if (std::exchange(holds_key_, false))
    around_.keys.give_back(mark_->key);
  if (failure_)
    return reply_(*std::move(failure_));
  reply_(std::move(made));
}

}  // namespace carillon::http
