#include "tools/bench/many_requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "tools/bench/api_client.hpp"
#include "tools/bench/creators.hpp"

namespace carillon::bench {

namespace {

constexpr int usual_connections = 8;

class request_lanes {
public:
  request_lanes(stage& on, const many_requests& wanted)
      : wanted_(wanted),
        access_(on.target.access()),
        lanes_(static_cast<std::size_t>(on.wanted.connections.value_or(usual_connections))) {
    for (auto& each : lanes_)
      each.line = std::make_unique<connection>(
          on.loop, access_, [this, &each](const answer& news) { on_answer(each, news); });
  }

  void start() {
    for (auto& each : lanes_)
      send_next(each);
  }
  [[nodiscard]] bool idle() const {
    return std::none_of(lanes_.begin(), lanes_.end(),
                        [](const lane& each) { return each.line->busy(); });
  }
  [[nodiscard]] std::uint64_t answered() const { return times_.count(); }
  [[nodiscard]] const histogram& times() const { return times_; }
  [[nodiscard]] const failure_count& failures() const { return failures_; }

private:
  struct lane {
    std::unique_ptr<connection> line;
    std::uint64_t number = 0;
    steady_time sent_at;
  };

  void send_next(lane& which) {
    if (next_ == wanted_.count)
      return;
    which.number = next_++;
    which.sent_at = steady_now();
    request_maker maker{access_, wanted_.method, wanted_.path(which.number)};
    which.line->send(maker.make());
  }

  void on_answer(lane& which, const answer& news) {
    times_.record(steady_now() - which.sent_at);
    if (news.status != wanted_.status)
      failures_.add(news.status, news.body);
    else if (wanted_.on_answer)
      wanted_.on_answer(which.number, news.body);
    if (news.status != 0 && !failures_.too_many())
      send_next(which);
  }

  const many_requests& wanted_;
  const api_access& access_;
  std::vector<lane> lanes_;
  std::uint64_t next_ = 0;
  histogram times_;
  failure_count failures_;
};

}  // namespace

histogram ask_many(stage& on, const many_requests& wanted, run_report& out) {
  request_lanes lanes{on, wanted};
  lanes.start();
  const auto done = run_while_moving(
      on.loop, [&] { return lanes.idle(); }, [&] { return lanes.answered(); });
  if (!done || lanes.answered() < wanted.count)
    out.fault(fmt::format("of {} requests such as {} {}, {} were answered", wanted.count,
                          wanted.method, wanted.path(0), lanes.answered()));
  report_failures(out, lanes.failures(),
                  fmt::format("such as {} {}", wanted.method, wanted.path(0)));
  return lanes.times();
}

}  // namespace carillon::bench
