#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

#include "tools/bench/connection.hpp"
#include "tools/bench/creators.hpp"
#include "tools/bench/histogram.hpp"

namespace carillon::bench {

/// Asks the API the same thing every ten milliseconds, whatever else goes on, on a connection of
/// its own. A question that must wait for the answer to the one before counts from its planned
/// moment: stalls are seen whole.
class api_probe {
public:
  /// `request` gives the bytes of the next request; `on_answer` gets the answer and its status.
  api_probe(event_loop& loop, const api_access& access, std::function<std::string_view()> request,
            std::function<void(const answer&)> on_answer);

  void begin_span() { times_ = {}; }
  void stop() { stopped_ = true; }
  [[nodiscard]] bool idle() const { return !line_.busy(); }
  [[nodiscard]] const histogram& times() const { return times_; }

private:
  void send_next();

  std::function<std::string_view()> request_;
  std::deque<steady_time> planned_;  // asked or waiting; the front one is under way
  histogram times_;
  bool stopped_ = false;
  connection line_;
  ticker ticker_;
};

}  // namespace carillon::bench
