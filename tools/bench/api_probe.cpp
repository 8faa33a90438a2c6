#include "tools/bench/api_probe.hpp"

#include <algorithm>
#include <utility>

namespace carillon::bench {

namespace {

constexpr std::chrono::milliseconds period{10};
constexpr std::size_t client_count = 32;

}  // namespace

api_probe::api_probe(event_loop& loop, const api_access& access, asker ask, listener on_answer)
    : ask_(std::move(ask)),
      on_answer_(std::move(on_answer)),
      clients_(client_count),
      ticker_(loop, period, [this](steady_time moment) {
        if (stopped_)
          return;
        waiting_.push_back(moment);
        ask_what_waits();
      }) {
  for (auto& each : clients_)
    each.line = std::make_unique<connection>(
        loop, access, [this, &each](const answer& news) { this->on_answer(each, news); });
}

bool api_probe::idle() const {
  return std::none_of(clients_.begin(), clients_.end(),
                      [](const client& each) { return each.line->busy(); });
}

void api_probe::ask_what_waits() {
  for (auto& each : clients_) {
    if (waiting_.empty() || stopped_)
      return;
    if (each.line->busy() || each.lost)
      continue;
    each.planned = waiting_.front();
    waiting_.pop_front();
    const auto question = ask_();
    each.number = question.number;
    each.line->send(question.bytes);
  }
}

void api_probe::on_answer(client& which, const answer& news) {
  times_.record(steady_now() - which.planned);
  which.lost = news.status == 0;
  on_answer_(which.number, news);
  ask_what_waits();
}

}  // namespace carillon::bench
