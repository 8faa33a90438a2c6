#include "storage/memory_engine.hpp"

#include <iterator>

namespace carillon::storage {
namespace {

using map = std::map<std::string, std::string>;

/// Walks a copy: the view of the moment it was made.
class memory_cursor final : public cursor {
public:
  explicit memory_cursor(std::shared_ptr<const map> view)
      : view_{std::move(view)}, at_{view_->end()} {}

  void seek(std::string_view key) override { at_ = view_->lower_bound(std::string{key}); }
  void seek_for_prev(std::string_view key) override {
    at_ = view_->upper_bound(std::string{key});
    prev();
  }
  void next() override { ++at_; }
  void prev() override { at_ = at_ == view_->begin() ? view_->end() : std::prev(at_); }
  [[nodiscard]] bool valid() const override { return at_ != view_->end(); }
  [[nodiscard]] std::string_view key() const override { return at_->first; }
  [[nodiscard]] std::string_view value() const override { return at_->second; }

private:
  std::shared_ptr<const map> view_;
  map::const_iterator at_;
};

}  // namespace

map& memory_engine::map_of(space where) const {
  return where == space::rows ? disk_->rows : disk_->index;
}

commit_status memory_engine::commit(const std::vector<const change_set*>& changes) {
  const std::lock_guard lock{mutex_};
  if (failures_left_ > 0) {
    --failures_left_;
    return failure_;
  }
  for (const auto* change : changes) {
    change->for_each([this](const change_set::operation& made) {
      auto& target = map_of(made.where);
      if (made.is_put)
        target[std::string{made.key}] = made.value;
      else
        target.erase(std::string{made.key});
    });
  }
  return commit_status::durable;
}

expected<std::optional<std::string>> memory_engine::get(space where, std::string_view key) const {
  const std::lock_guard lock{mutex_};
  const auto& from = map_of(where);
  const auto found = from.find(std::string{key});
  if (found == from.end())
    return std::optional<std::string>{};
  return std::optional{found->second};
}

std::vector<std::unique_ptr<cursor>> memory_engine::read(space where, std::size_t count) const {
  const std::lock_guard lock{mutex_};
  const auto view = std::make_shared<const map>(map_of(where));
  std::vector<std::unique_ptr<cursor>> cursors;
  for (std::size_t made = 0; made < count; ++made)
    cursors.push_back(std::make_unique<memory_cursor>(view));
  return cursors;
}

bool memory_engine::recover() {
  const std::lock_guard lock{mutex_};
  return failures_left_ == 0;
}

void memory_engine::fail(commit_status how, int times) {
  const std::lock_guard lock{mutex_};
  failure_ = how;
  failures_left_ = times;
}

}  // namespace carillon::storage
