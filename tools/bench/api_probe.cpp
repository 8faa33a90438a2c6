#include "tools/bench/api_probe.hpp"

#include <utility>

namespace carillon::bench {

namespace {

constexpr std::chrono::milliseconds period{10};

}  // namespace

api_probe::api_probe(event_loop& loop, const api_access& access,
                     std::function<std::string_view()> request,
                     std::function<void(const answer&)> on_answer)
    : request_(std::move(request)),
      line_(loop, access,
            [this, told = std::move(on_answer)](const answer& news) {
              told(news);
              times_.record(steady_now() - planned_.front());
              planned_.pop_front();
              if (news.status != 0)
                send_next();
            }),
      ticker_(loop, period, [this](steady_time moment) {
        if (stopped_)
          return;
        planned_.push_back(moment);
        if (planned_.size() == 1)
          send_next();
      }) {}

void api_probe::send_next() {
  if (!planned_.empty() && !stopped_)
    line_.send(request_());
}

}  // namespace carillon::bench
