#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "model/problem.hpp"

namespace carillon {

struct request_mark;

/// The way back to whoever asked. Given once, from any thread; when every copy is gone without an
/// answer, the asker hears `unavailable`, so no path of a message can leave it waiting.
template <class T>
class answer {
public:
  answer() = default;  ///< Nobody asked.
  /// `mark`: what the request leaves in the store beside what it asks for. Whoever passes an answer
  /// on in another one passes it on, too.
  explicit answer(std::function<void(expected<T>)> deliver,
                  std::shared_ptr<request_mark> mark = nullptr)
      : state_{std::make_shared<state>(std::move(deliver))}, mark_{std::move(mark)} {}

  void operator()(expected<T> value) const {
    if (state_ && state_->deliver)
      std::exchange(state_->deliver, nullptr)(std::move(value));
  }

  [[nodiscard]] const std::shared_ptr<request_mark>& mark() const { return mark_; }

private:
  struct state {
    explicit state(std::function<void(expected<T>)> to) : deliver{std::move(to)} {}
    ~state() {
      if (deliver)
        deliver(problem{problem_kind::unavailable, "the server is busy or stopping"});
    }
    std::function<void(expected<T>)> deliver;
  };
  std::shared_ptr<state> state_;
  std::shared_ptr<request_mark> mark_;  ///< Null: nothing is left.
};

/// Kept by everything that a moment's work leads to, until it is decided and durable. Its deleter
/// tells whoever waits for that.
using hold = std::shared_ptr<void>;

/// A hold whose release calls `done` and then releases `outer`.
template <class Done>
hold make_hold(Done done, hold outer = {}) {
  return {nullptr, [done = std::move(done), outer = std::move(outer)](void*) mutable {
            done();
            outer.reset();
          }};
}

}  // namespace carillon
