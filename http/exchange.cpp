#include "http/exchange.hpp"

#include <algorithm>

#include "http/problem_response.hpp"

namespace carillon::http {

namespace {

constexpr std::size_t kept_body_bytes_max = 4096;

/// Answers through a function, for callers without a connection.
class function_sink final : public answer_sink {
public:
  function_sink(std::function<void(response)> deliver, std::string path, std::string id)
      : deliver_{std::move(deliver)}, path_{std::move(path)}, id_{std::move(id)} {}

  ~function_sink() override {
    if (!answered())
      deliver_(to_response(not_answered(), path_, id_));
  }

  void deliver(response_or_problem what) override {
    if (auto* failure = std::get_if<problem>(&what))
      return deliver_(to_response(*failure, path_, id_));
    if (auto* deferred = std::get_if<deferred_response>(&what))
      return deliver_((*deferred)());
    deliver_(std::get<response>(std::move(what)));
  }

private:
  std::function<void(response)> deliver_;
  std::string path_;
  std::string id_;
};

}  // namespace

std::string_view request::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [name](const auto& each) { return each.first == name; });
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

void request::clear() {
  method.clear();
  path.clear();
  query.clear();
  parameters.clear();
  content_type.clear();
  headers.clear();
  if (body.capacity() > kept_body_bytes_max)
    body = std::string{};
  body.clear();
  authority.clear();
  id.clear();
  asker.reset();
  client.clear();
}

responder::responder(std::function<void(response)> deliver, std::string path, std::string id)
    : sink_{std::make_shared<function_sink>(std::move(deliver), std::move(path), std::move(id))} {}

void responder::operator()(response what) const {
  if (sink_->claim())
    sink_->deliver(std::move(what));
}

void responder::operator()(problem what) const {
  if (sink_->claim())
    sink_->deliver(std::move(what));
}

void responder::operator()(deferred_response what) const {
  if (sink_->claim())
    sink_->deliver(std::move(what));
}

}  // namespace carillon::http
