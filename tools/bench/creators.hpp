#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/api_client.hpp"
#include "tools/bench/connection.hpp"
#include "tools/bench/histogram.hpp"
#include "tools/bench/ledger.hpp"
#include "tools/bench/options.hpp"

namespace carillon::bench {

/// What creators measured since the span began.
struct creation_span {
  histogram latency;  ///< From the moment a task is written to its 201.
  std::uint64_t created = 0;
};

/// Requests that failed. Too many end the one who makes them, so that a broken server ends the run.
struct failure_count {
  std::uint64_t count = 0;
  std::string first;

  void add(int status, std::string_view body);
  [[nodiscard]] bool too_many() const { return count >= 1000; }
};

/// Makes the tasks of a ledger until it has no more.
class creator {
public:
  virtual ~creator() = default;

  virtual void start() = 0;
  /// Every request that was begun has ended.
  [[nodiscard]] virtual bool idle() const = 0;

  /// Forgets what was measured so far (the warm-up).
  void begin_span() { span_ = {}; }
  [[nodiscard]] const creation_span& span() const { return span_; }
  [[nodiscard]] const failure_count& failures() const { return failures_; }

protected:
  creation_span span_;
  failure_count failures_;
};

/// Where things are made, and how the ids of what was made begin.
struct creation_route {
  std::string_view path = "/v1/tasks";
  std::string_view id_prefix = "task_";
};

/// One POST a task over keep-alive connections; each sends its next request when the answer to the
/// last has come.
class single_creators final : public creator {
public:
  single_creators(event_loop& loop, const api_access& access, ledger& book, int connections,
                  const creation_route& route = {});

  void start() override;
  [[nodiscard]] bool idle() const override;

private:
  struct lane {
    std::unique_ptr<connection> line;
    std::uint64_t sequence = 0;
  };

  void send_next(lane& which);
  void on_answer(lane& which, const answer& news);

  ledger& book_;
  std::string_view id_prefix_;
  request_maker maker_;
  std::vector<lane> lanes_;
  std::string body_;
};

/// NDJSON streams one after the other on one connection: lines are sent and answers read at the
/// same time. A stream ends before the server's limit of 256 MiB.
class stream_creator final : public creator {
public:
  stream_creator(event_loop& loop, const api_access& access, ledger& book);

  void start() override;
  [[nodiscard]] bool idle() const override { return !line_.busy(); }

private:
  void fill();
  bool write_chunk();
  void on_piece(std::string_view piece);
  void on_line(std::string_view line);
  void on_end(const answer& news);

  ledger& book_;
  request_maker maker_;
  connection line_;
  bool ended_ = true;           // the body of the stream is complete
  std::uint64_t first_ = 0;     // sequence of the stream's first line
  std::uint64_t lines_ = 0;     // written into this stream
  std::uint64_t answered_ = 0;  // of them
  std::string unfinished_;      // an answer line without its end
  std::string body_;
  std::string chunk_;
};

std::unique_ptr<creator> make_creator(creation how, event_loop& loop, const api_access& access,
                                      ledger& book, int connections);

}  // namespace carillon::bench
