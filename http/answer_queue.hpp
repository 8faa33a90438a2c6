#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/authenticator.hpp"
#include "http/exchange.hpp"
#include "http/router.hpp"

namespace carillon::http {

/// One request that was handed on, and its answer as soon as it is there.
struct pending_answer {
  std::string method;
  std::string path;
  std::string id;
  std::string origin = {};        ///< Of the page that asks, when it is a listed one.
  header_list limits = {};        ///< What it tells of quotas.
  std::string schema = {};        ///< Of a problem document; empty: it names none.
  std::string_view pattern = {};  ///< Of the route; empty when there is none.
  const route* row = nullptr;     ///< The route.
  std::string if_none_match = {};
  bool takes_gzip = false;
  bool old_version = false;  ///< HTTP/1.0
  bool keep_alive = true;
  steady_time started = {};
  steady_time deadline = {};
  std::optional<response_or_problem> what = {};
};

/// The requests of one connection in their order. Answers come in any order and leave in this one.
class answer_queue {
public:
  /// Returns the number by which the answer is given.
  std::uint64_t push(pending_answer request) {
    waiting_.push_back(std::move(request));
    return first_ + waiting_.size() - 1;
  }

  /// The request of that number, or null when its answer has left.
  pending_answer* find(std::uint64_t number) {
    if (number < first_ || number - first_ >= waiting_.size())
      return nullptr;
    return &waiting_[number - first_];
  }

  /// The oldest request, if it has its answer.
  [[nodiscard]] bool ready() const { return !waiting_.empty() && waiting_.front().what; }

  pending_answer pop() {
    auto out = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    ++first_;
    return out;
  }

  void clear() {
    first_ += waiting_.size();
    waiting_.clear();
  }

  /// Whether an answer took until `now` and longer; it is made "not answered" then.
  bool expire(steady_time now);

  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

private:
  std::uint64_t first_ = 0;
  std::vector<pending_answer> waiting_;  ///< A handful: erasing the first is cheap.
};

}  // namespace carillon::http
