#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "tools/bench/connection.hpp"
#include "tools/bench/histogram.hpp"

namespace carillon::bench {

/// What a probe asks, and by which number it knows the answer again.
struct probe_question {
  std::string_view bytes;
  std::uint64_t number = 0;
};

/// Asks the API the same thing every ten milliseconds, whatever else goes on, as 32 clients that do
/// not know of each other would. When all of them wait, the next question counts from its planned
/// moment: stalls are seen whole.
class api_probe {
public:
  using asker = std::function<probe_question()>;
  using listener = std::function<void(std::uint64_t number, const answer&)>;

  api_probe(event_loop& loop, const api_access& access, asker ask, listener on_answer);

  void begin_span() { times_ = {}; }
  /// Asks nothing more; what is under way goes on.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool idle() const;
  [[nodiscard]] const histogram& times() const { return times_; }

private:
  struct client {
    std::unique_ptr<connection> line;
    steady_time planned;
    std::uint64_t number = 0;
    bool lost = false;
  };

  void ask_what_waits();
  void on_answer(client& which, const answer& news);

  asker ask_;
  listener on_answer_;
  std::vector<client> clients_;
  std::deque<steady_time> waiting_;
  histogram times_;
  bool stopped_ = false;
  ticker ticker_;
};

}  // namespace carillon::bench
