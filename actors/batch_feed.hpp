#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "actors/answer.hpp"
#include "model/batch.hpp"

// What the surfaces ask of batches, without the actor framework.

namespace carillon {

/// The right to add children to a batch: one client's at a time. Any thread.
class batch_feed {
public:
  /// `taken`: the numbers that have a child. `session` is unlike those of all other feeds.
  batch_feed(const batch_id& of, std::uint64_t session, std::vector<bool> taken);

  [[nodiscard]] const batch_id& batch() const { return batch_; }
  [[nodiscard]] std::uint64_t session() const { return session_; }
  /// Whether the child was made before this feed was.
  [[nodiscard]] bool is_taken(std::uint32_t number) const {
    return number < taken_.size() && taken_[number];
  }
  [[nodiscard]] std::int64_t taken_count() const;
  /// The first number that is not taken.
  [[nodiscard]] std::uint32_t first_free() const;

  /// To be kept until the children that are made meanwhile are on disk, or are not. Empty: the
  /// right has gone to somebody else, or the batch is sealed.
  [[nodiscard]] std::optional<hold> enter() const;
  /// Nobody enters any more; `drained` is called once, when all that did have left.
  void close(std::function<void()> drained);

private:
  batch_id batch_;
  std::uint64_t session_;
  std::vector<bool> taken_;
  mutable std::mutex mutex_;
  std::shared_ptr<std::function<void()>> drained_ = std::make_shared<std::function<void()>>();
  std::optional<hold> open_;  ///< Empty once it is closed.
};

/// The answer to an opening.
struct opened_batch {
  batch_view view;
  bool is_new;
  std::shared_ptr<batch_feed> feed;  ///< Null: it is sealed.
};

}  // namespace carillon
