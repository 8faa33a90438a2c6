#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "tools/bench/api_client.hpp"
#include "tools/bench/hook_receiver.hpp"
#include "tools/bench/pull_workers.hpp"
#include "tools/bench/resource_meter.hpp"
#include "tools/bench/workloads.hpp"

// One batch by one stream, its children pulled by workers, its end told to a receiver.

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t usual_children = 100'000;
constexpr std::size_t chunk_bytes = 32 * 1024;
// Workers end what they have before they ask for more.
constexpr std::size_t leases_open = 1'000;
// So long we listen on for an end that is told twice.
constexpr auto linger = 1500ms;
constexpr auto settle = 3s;

std::uint64_t resident_bytes(const server& target) {
  const auto reading = read_process(target.process());
  return reading ? reading->resident_bytes : 0;
}

/// Sends the header and the lines, and reads how far they are on disk.
class batch_feeder {
public:
  batch_feeder(stage& on, std::string header, std::uint64_t children)
      : maker_{on.target.access(), "POST", "/v1/batches", "application/x-ndjson"},
        line_{on.loop, on.target.access(), [this](const answer& news) { status_ = news.status; }},
        body_{std::move(header)},
        children_{children} {
    line_.on_piece([this](std::string_view piece) { on_piece(piece); });
    line_.on_room([this] { fill(); });
    body_ += '\n';
  }

  void start() {
    line_.send(maker_.chunked_head());
    fill();
  }
  [[nodiscard]] bool idle() const { return !line_.busy(); }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] bool is_sealed() const {
    return last_line_.find(R"("sealed":true)") != std::string::npos;
  }
  [[nodiscard]] const std::string& last_line() const { return last_line_; }

private:
  /// Writes until the socket is full: then its wake-up goes on.
  void fill() {
    while (!ended_ && line_.busy() && line_.unsent() == 0) {
      for (; written_ < children_ && body_.size() < chunk_bytes; ++written_)
        fmt::format_to(std::back_inserter(body_),
                       R"({{"payload":{{"seq":{},"to":"customer-{:07}@example.com"}}}})"
                       "\n",
                       written_, written_);
      chunk_ = fmt::format("{:x}\r\n{}\r\n", body_.size(), body_);
      body_.clear();
      ended_ = written_ == children_;
      if (ended_)
        chunk_ += "0\r\n\r\n";
      line_.write(chunk_);
    }
  }

  void on_piece(std::string_view piece) {
    for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      unfinished_ += piece.substr(0, end);
      if (const auto count = find_number(unfinished_, "acknowledged"))
        acknowledged_ = *count;
      last_line_ = std::exchange(unfinished_, {});
      piece.remove_prefix(end + 1);
    }
    unfinished_ += piece;
  }

  request_maker maker_;
  connection line_;
  std::string body_;
  std::string chunk_;
  std::string unfinished_;
  std::string last_line_;
  std::uint64_t children_;
  std::uint64_t written_ = 0;
  std::uint64_t acknowledged_ = 0;
  bool ended_ = false;
  int status_ = 0;
};

/// Of each child: how often it was leased and completed.
class child_book final : public work_book {
public:
  explicit child_book(std::uint64_t children) : leased_(children), completed_(children) {}

  void on_leased(const lease& seen, wall_time) override { note(leased_, seen.sequence); }
  void on_completed(const lease& done) override {
    note(completed_, done.sequence);
    ++count_;
  }
  [[nodiscard]] steady_time begin_of(const lease&) const override { return begin_; }
  [[nodiscard]] std::uint64_t completed() const { return count_; }
  [[nodiscard]] std::vector<std::string> faults() const {
    std::vector<std::string> found;
    for (const auto* counts : {&leased_, &completed_})
      if (const auto wrong =
              std::count_if(counts->begin(), counts->end(), [](auto times) { return times != 1; });
          wrong != 0)
        found.push_back(fmt::format("{} children were not {} exactly once", wrong,
                                    counts == &leased_ ? "leased" : "completed"));
    if (strangers_ != 0)
      found.push_back(fmt::format("{} children were never asked for", strangers_));
    return found;
  }

private:
  void note(std::vector<std::uint8_t>& counts, std::uint64_t sequence) {
    if (sequence < counts.size())
      ++counts[sequence];
    else
      ++strangers_;
  }

  std::vector<std::uint8_t> leased_;
  std::vector<std::uint8_t> completed_;
  std::uint64_t count_ = 0;
  std::uint64_t strangers_ = 0;
  steady_time begin_ = steady_now();
};

void check_batch(stage& on, std::uint64_t children, run_report& out) {
  const auto found = call(on.loop, on.target.access(), "GET", "/v1/batches?limit=1");
  // Behind the status, which may be the word "completed".
  const std::string_view counts{found.body.c_str()
                                + std::min(found.body.find("\"counts\""), found.body.size())};
  if (find_number(counts, "done") != children || find_number(counts, "completed") != children
      || find_number(counts, "completions") != 1u)
    out.fault("the batch answers " + found.body);
}

}  // namespace

void run_batch(stage& on, run_report& out) {
  const auto children = on.wanted.tasks_or(usual_children);
  std::uint64_t told = 0;
  steady_time told_at{};
  hook_receiver receiver{on.loop, [&](std::string_view) {
                           ++told;
                           told_at = steady_now();
                         }};
  batch_feeder feeder{on,
                      fmt::format(R"({{"task_template":{{"task_type":"bench"}},)"
                                  R"("on_complete":"http://127.0.0.1:{}/done"}})",
                                  receiver.port()),
                      children};
  child_book book{children};
  pull_workers workers{
      on.loop, on.target.access(), book, {.queue = "bench", .leases_max = leases_open}};
  out.add("rss_before_mb", static_cast<double>(resident_bytes(on.target)) / 1e6);
  const resource_meter meter{on.target};
  const auto begin = steady_now();
  steady_time sealed_at{};
  workers.start();
  feeder.start();
  const auto done = [&] {
    if (sealed_at == steady_time{} && feeder.idle())
      sealed_at = steady_now();
    return feeder.idle() && told > 0;
  };
  if (!run_while_moving(on.loop, done, [&] { return feeder.acknowledged() + book.completed(); }))
    out.fault(fmt::format("{} children were acknowledged, {} completed, {} ends told",
                          feeder.acknowledged(), book.completed(), told));
  out.add("create_s", to_seconds(sealed_at - begin));
  out.add("last_completion_s", to_seconds(workers.last_completion() - begin));
  out.add("told_s", to_seconds(told_at - begin));
  out.add("rate_per_s", static_cast<double>(children) / to_seconds(told_at - begin));
  meter.finish(out, children);

  workers.stop();
  on.loop.run_for(linger);
  if (!feeder.is_sealed())
    out.fault("the stream ended with " + feeder.last_line());
  if (told != 1)
    out.fault(fmt::format("the end was told {} times", told));
  report_failures(out, workers.failures(), "of the workers");
  out.fault(book.faults());
  check_batch(on, children, out);
  on.loop.run_for(settle);
  out.add("rss_settled_mb", static_cast<double>(resident_bytes(on.target)) / 1e6);
}

}  // namespace carillon::bench
