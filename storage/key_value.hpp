#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/problem.hpp"
#include "model/tally.hpp"

namespace carillon::storage {

/// The two key spaces of a store: rows are large and read seldom, index entries small and many.
enum class space { rows, index };

/// Changes that become visible and durable together, in order. Encoded on the thread that decides,
/// so that the writer's thread only copies.
class change_set {
public:
  void put(space where, std::string_view key, std::string_view value);
  void erase(space where, std::string_view key);
  /// Adds to a counter; the store keeps the sum in the same batch.
  void count(std::string_view counter, std::int64_t delta);

  [[nodiscard]] bool empty() const { return operations_.empty() && counts_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return text_.size(); }

  struct operation {
    space where;
    bool is_put;
    std::string_view key;
    std::string_view value;
  };
  /// Calls `visit(operation)` for each, in order.
  template <class Visitor>
  void for_each(Visitor visit) const {
    std::size_t at = 0;
    for (const auto& made : operations_) {
      const std::string_view all{text_};
      visit(operation{made.where, made.is_put, all.substr(at, made.key_bytes),
                      all.substr(at + made.key_bytes, made.value_bytes)});
      at += made.key_bytes + made.value_bytes;
    }
  }

  struct counted {
    std::string counter;
    std::int64_t delta;
  };
  [[nodiscard]] const std::vector<counted>& counts() const { return counts_; }

private:
  struct header {
    space where;
    bool is_put;
    std::uint32_t key_bytes;
    std::uint32_t value_bytes;
  };
  std::string text_;  ///< Keys and values, one after the other.
  std::vector<header> operations_;
  std::vector<counted> counts_;
};

/// How a commit ended.
enum class commit_status {
  durable,
  no_space,  ///< Nothing was written. It may be tried again when there is room.
  failed,    ///< The disk refused or lied: nobody knows what is on it. The process must end.
};

/// Reads keys in order. Stands on a consistent view of the moment it was made. One thread at a
/// time.
class cursor {
public:
  virtual ~cursor() = default;
  virtual void seek(std::string_view key) = 0;           ///< To the first key >= key.
  virtual void seek_for_prev(std::string_view key) = 0;  ///< To the last key <= key.
  virtual void next() = 0;
  virtual void prev() = 0;
  [[nodiscard]] virtual bool valid() const = 0;
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
};

/// An ordered map that survives crashes. Reads may come from any thread; commit() from one at a
/// time.
///
/// Contract (tests/storage/engine_contract_test.cpp runs it on every engine):
///  - After commit() returns durable, all of the changes survive power loss and reads see them;
///    after any other answer none of them is visible, now or after the next open.
class engine {
public:
  virtual ~engine() = default;

  virtual commit_status commit(const std::vector<const change_set*>& changes) = 0;
  virtual expected<std::optional<std::string>> get(space where, std::string_view key) const = 0;
  /// `count` cursors on one and the same view.
  virtual std::vector<std::unique_ptr<cursor>> read(space where, std::size_t count) const = 0;
  /// After no_space: tries to take writes again.
  virtual bool recover() = 0;
  /// Much may have been erased: soon gives the room back, if it is worth the effort. Any thread.
  virtual void reclaim() const = 0;
  /// How long each sync took, in microseconds; null: nothing is synced. Any thread.
  [[nodiscard]] virtual const distribution* sync_times() const { return nullptr; }
};

}  // namespace carillon::storage
