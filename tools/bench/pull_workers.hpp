#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tools/bench/api_client.hpp"
#include "tools/bench/connection.hpp"
#include "tools/bench/creators.hpp"
#include "tools/bench/histogram.hpp"
#include "tools/bench/work_book.hpp"

namespace carillon::bench {

/// Workers that do nothing with their tasks: pollers hold a long poll open all the time, completers
/// report what was leased, up to 100 tasks a request. Lateness is measured when an answer to a
/// lease arrives, against the moment that was asked for; it does not depend on the completions,
/// which go over connections of their own.
class pull_workers {
public:
  struct settings {
    std::string queue;
    int pollers = 8;
    int completers = 2;
    /// Who has so many leases asks for no more; lateness is not measured then.
    std::size_t leases_max = std::numeric_limits<std::size_t>::max();
  };

  pull_workers(event_loop& loop, const api_access& access, work_book& book, const settings& wanted);

  void start();
  /// Lets the polls that are open run out and begins no others.
  void stop() { stopping_ = true; }
  [[nodiscard]] bool idle() const;

  [[nodiscard]] const histogram& lateness() const { return lateness_; }
  /// From the moment that the book names, a task's creation, to the answer to its completion.
  [[nodiscard]] const histogram& whole() const { return whole_; }
  [[nodiscard]] steady_time last_lease() const { return last_lease_; }
  [[nodiscard]] steady_time last_completion() const { return last_completion_; }
  [[nodiscard]] const failure_count& failures() const { return failures_; }

private:
  struct completer {
    std::unique_ptr<connection> line;
    std::vector<lease> under_way;
  };

  void poll(connection& line);
  void poll_while_free();
  void on_poll(connection& line, const answer& news);
  void complete_some();
  void send_completion(completer& which);
  void on_completed(completer& which, const answer& news);

  work_book& book_;
  request_maker lease_maker_;
  request_maker complete_maker_;
  answer_reader reader_;
  bool stopping_ = false;
  const std::size_t leases_max_;
  std::vector<std::unique_ptr<connection>> pollers_;
  std::vector<completer> completers_;
  std::deque<lease> leased_;  // not yet reported
  std::string body_;
  histogram lateness_;
  histogram whole_;
  steady_time last_lease_;
  steady_time last_completion_;
  failure_count failures_;
};

/// How a worker asks for up to 100 tasks.
extern const char* const lease_body;

}  // namespace carillon::bench
