#include "actors/http_client.hpp"

#include <csignal>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <variant>

#include "actors/curl_call.hpp"
#include "actors/curl_multi.hpp"
#include "model/duration.hpp"

namespace carillon {
namespace {

using std::chrono::steady_clock;
using on_done_function = std::function<void(http_outcome)>;

http_outcome no_answer(std::string error) {
  http_outcome outcome;
  outcome.error = std::move(error);
  return outcome;
}

}  // namespace

/// The thread. start() and cancel() only leave an order behind; everything from `multi_` on belongs
/// to the thread, which is why it needs no lock.
///
/// Invariants: each call in calls_ has one entry in deadlines_, and its transfer is in multi_.
class http_client::engine {
public:
  explicit engine(http_client_settings settings);
  ~engine();

  ticket start(http_call call, on_done_function on_done);
  void cancel(ticket which);

private:
  struct start_order {
    ticket id;
    http_call call;
    on_done_function on_done;
    steady_clock::time_point deadline;
  };
  struct cancel_order {
    ticket id;
  };
  using any_order = std::variant<start_order, cancel_order>;

  struct running_call {
    std::unique_ptr<curl_call> transfer;
    on_done_function on_done;
    steady_clock::time_point deadline;
  };
  using running_calls = std::unordered_map<ticket, running_call>;

  // -- on the thread --------------------------------------------------------------
  void run();
  bool carry_out_orders();
  void carry_out(start_order order);
  void carry_out(cancel_order order);
  void answer_ended();
  void answer_overdue();
  void abort(running_calls::iterator which, http_outcome outcome);
  void answer(running_calls::iterator which, http_outcome outcome);
  std::unique_ptr<curl_call> idle_transfer();

  std::mutex mutex_;
  std::vector<any_order> orders_;  ///< Guarded by mutex_, as are the next two.
  ticket last_ticket_ = 0;
  bool is_stopping_ = false;

  const http_client_settings settings_;
  curl_multi multi_;
  running_calls calls_;
  std::set<std::pair<steady_clock::time_point, ticket>> deadlines_;
  std::vector<std::unique_ptr<curl_call>> idle_;  ///< Transfers to be used again.
  std::thread thread_;                            ///< Last: it uses all of the above.
};

// -- any thread ---------------------------------------------------------------------

http_client::engine::engine(http_client_settings settings)
    : settings_{std::move(settings)}, multi_{settings_.connections_per_host_max}, thread_{[this] {
        run();
      }} {}

http_client::engine::~engine() {
  {
    const std::lock_guard lock{mutex_};
    is_stopping_ = true;
  }
  multi_.wake();
  thread_.join();
}

http_client::ticket http_client::engine::start(http_call call, on_done_function on_done) {
  const auto deadline = steady_clock::now() + call.timeout;
  std::unique_lock lock{mutex_};
  const auto id = ++last_ticket_;
  if (is_stopping_) {  // a callback of the last moment starts another call
    lock.unlock();
    on_done(no_answer("canceled"));
    return id;
  }
  const bool is_first = orders_.empty();
  orders_.emplace_back(start_order{id, std::move(call), std::move(on_done), deadline});
  lock.unlock();
  if (is_first)
    multi_.wake();
  return id;
}

void http_client::engine::cancel(ticket which) {
  std::unique_lock lock{mutex_};
  const bool is_first = orders_.empty();
  orders_.emplace_back(cancel_order{which});
  lock.unlock();
  if (is_first)
    multi_.wake();
}

// -- on the thread ------------------------------------------------------------------

void http_client::engine::run() {
  // Signals are for the main thread. SIGPIPE must not come at all: OpenSSL writes without asking
  // for its absence.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);

  while (carry_out_orders()) {
    multi_.wait(deadlines_.empty() ? std::nullopt : std::optional{deadlines_.begin()->first});
    answer_ended();
    answer_overdue();
  }
  while (!calls_.empty())
    abort(calls_.begin(), no_answer("canceled"));
}

/// False when the client ends.
bool http_client::engine::carry_out_orders() {
  std::vector<any_order> orders;
  bool is_stopping = false;
  {
    const std::lock_guard lock{mutex_};
    orders.swap(orders_);
    is_stopping = is_stopping_;
  }
  for (auto& each : orders)
    std::visit([this](auto& next) { carry_out(std::move(next)); }, each);
  return !is_stopping;
}

void http_client::engine::carry_out(start_order order) {
  auto transfer = idle_transfer();
  auto obstacle = transfer->prepare(order.id, std::move(order.call));
  if (!obstacle && !multi_.add(transfer->handle()))
    obstacle = "out of memory";
  if (obstacle) {
    transfer->forget();
    idle_.push_back(std::move(transfer));
    order.on_done(no_answer(*std::move(obstacle)));
    return;
  }
  deadlines_.emplace(order.deadline, order.id);
  calls_.emplace(order.id,
                 running_call{std::move(transfer), std::move(order.on_done), order.deadline});
}

void http_client::engine::carry_out(cancel_order order) {
  if (const auto found = calls_.find(order.id); found != calls_.end())
    abort(found, no_answer("canceled"));
}

void http_client::engine::answer_ended() {
  while (const auto news = multi_.next_ended()) {
    auto& transfer = curl_call::of(news->transfer);
    const auto found = calls_.find(transfer.id());
    answer(found, transfer.finish(news->result));
  }
}

void http_client::engine::answer_overdue() {
  const auto now = steady_clock::now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto found = calls_.find(deadlines_.begin()->second);
    const auto timeout = found->second.transfer->timeout();
    auto outcome = no_answer("timed out after " + format_duration_words(timeout));
    outcome.timed_out = true;
    outcome.host_failed = true;
    abort(found, std::move(outcome));
  }
}

void http_client::engine::abort(running_calls::iterator which, http_outcome outcome) {
  auto& transfer = *which->second.transfer;
  multi_.remove(transfer.handle());
  transfer.forget();
  answer(which, std::move(outcome));
}

void http_client::engine::answer(running_calls::iterator which, http_outcome outcome) {
  auto ended = std::move(which->second);
  deadlines_.erase({ended.deadline, which->first});
  calls_.erase(which);
  idle_.push_back(std::move(ended.transfer));
  ended.on_done(std::move(outcome));
}

std::unique_ptr<curl_call> http_client::engine::idle_transfer() {
  if (idle_.empty())
    return std::make_unique<curl_call>(settings_);
  auto transfer = std::move(idle_.back());
  idle_.pop_back();
  return transfer;
}

// -- the public face ----------------------------------------------------------------

http_client::http_client(http_client_settings settings)
    : engine_{std::make_unique<engine>(std::move(settings))} {}

http_client::~http_client() = default;

http_client::ticket http_client::start(http_call call, on_done_function on_done) {
  return engine_->start(std::move(call), std::move(on_done));
}

void http_client::cancel(ticket which) {
  engine_->cancel(which);
}

}  // namespace carillon
