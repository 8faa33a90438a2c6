#include "storage/memory_engine.hpp"

#include <iterator>

namespace carillon::storage {
namespace {

using map = memory_disk::map;

/// Walks the view of the moment it was made.
class memory_cursor final : public cursor {
public:
  memory_cursor(std::shared_ptr<const map> view, std::mutex& guard)
      : view_{std::move(view)}, at_{view_->end()}, guard_{guard} {}
  /// Whoever changes the map next must know that nobody reads it.
  ~memory_cursor() override {
    const std::lock_guard lock{guard_};
    view_.reset();
  }

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
  std::mutex& guard_;  ///< Of the engine, which outlives its cursors.
};

}  // namespace

std::shared_ptr<map>& memory_engine::map_of(space where) const {
  return where == space::rows ? disk_->rows : disk_->index;
}

/// To be changed: no cursor shares it.
map& memory_engine::own_map_of(space where) const {
  auto& held = map_of(where);
  if (held.use_count() > 1)
    held = std::make_shared<map>(*held);
  return *held;
}

commit_status memory_engine::commit(const std::vector<const change_set*>& changes) {
  const std::lock_guard lock{mutex_};
  if (failures_left_ > 0) {
    --failures_left_;
    return failure_;
  }
  for (const auto* change : changes) {
    change->for_each([this](const change_set::operation& made) {
      auto& target = own_map_of(made.where);
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
  const auto& from = *map_of(where);
  const auto found = from.find(std::string{key});
  if (found == from.end())
    return std::optional<std::string>{};
  return std::optional{found->second};
}

std::vector<std::unique_ptr<cursor>> memory_engine::read(space where, std::size_t count) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::unique_ptr<cursor>> cursors;
  for (std::size_t made = 0; made < count; ++made)
    cursors.push_back(std::make_unique<memory_cursor>(map_of(where), mutex_));
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
