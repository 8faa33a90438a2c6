#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "actors/answer.hpp"

namespace carillon {

/// Collects the answers to several questions and hands all of them on, in order, when the last has
/// come. Any thread.
template <class T>
class gather {
public:
  gather(std::size_t count, std::function<void(std::vector<expected<T>>)> done)
      : left_{count},
        answers_(count, problem{problem_kind::unavailable, "not answered"}),
        done_{std::move(done)} {}

  void put(std::size_t slot, expected<T> value) {
    answers_[slot] = std::move(value);
    if (left_.fetch_sub(1) == 1)
      done_(std::move(answers_));
  }

private:
  std::atomic<std::size_t> left_;
  std::vector<expected<T>> answers_;
  std::function<void(std::vector<expected<T>>)> done_;
};

/// The answer that fills one slot. Slots are filled once each; `whole` must have at least one.
template <class T>
answer<T> slot_of(const std::shared_ptr<gather<T>>& whole, std::size_t slot) {
  return answer<T>{[whole, slot](expected<T> value) { whole->put(slot, std::move(value)); }};
}

}  // namespace carillon
