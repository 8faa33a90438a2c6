#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace carillon::http {

/// The bytes that came and are not used yet. Small while a connection is idle, since there may be
/// ten thousand of them; grows while the client fills it.
class input_buffer {
public:
  [[nodiscard]] std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_)
      begin_ = end_ = 0;
  }

  /// Room for the next read, never empty.
  std::span<char> prepare() {
    if (empty() && (size_ == 0 || (size_ > size_min && !was_filled_)))
      resize(size_min);
    else if (was_filled_ && size_ < size_max)
      resize(size_ * 2);
    else if (end_ == size_)
      resize(begin_ >= size_ / 2 ? size_ : size_ * 2);
    return {bytes_.get() + end_, size_ - end_};
  }

  void commit(std::size_t count) {
    end_ += count;
    was_filled_ = end_ == size_;
  }

  void clear() { begin_ = end_ = 0; }

private:
  static constexpr std::size_t size_min = 2048;
  static constexpr std::size_t size_max = 64 * 1024;  ///< Beyond it only unused bytes make it grow.

  void resize(std::size_t size) {
    auto larger = std::make_unique_for_overwrite<char[]>(size);
    const auto kept = view();
    if (!kept.empty())
      std::memcpy(larger.get(), kept.data(), kept.size());
    bytes_ = std::move(larger);
    end_ = kept.size();
    begin_ = 0;
    size_ = size;
    was_filled_ = false;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool was_filled_ = false;
};

}  // namespace carillon::http
