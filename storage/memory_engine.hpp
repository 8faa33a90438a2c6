#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "storage/key_value.hpp"

namespace carillon::storage {

/// What a memory_engine leaves behind when it is gone, as a disk does.
struct memory_disk {
  using map = std::map<std::string, std::string>;
  // A cursor shares the map it walks; a commit meanwhile leaves that one alone and changes a copy.
  std::shared_ptr<map> rows = std::make_shared<map>();
  std::shared_ptr<map> index = std::make_shared<map>();
};

/// An engine without a disk, for tests and simulations. It fails on command.
class memory_engine final : public engine {
public:
  explicit memory_engine(std::shared_ptr<memory_disk> disk = std::make_shared<memory_disk>())
      : disk_{std::move(disk)} {}

  commit_status commit(const std::vector<const change_set*>& changes) override;
  expected<std::optional<std::string>> get(space where, std::string_view key) const override;
  std::vector<std::unique_ptr<cursor>> read(space where, std::size_t count) const override;
  bool recover() override;
  void reclaim() const override {}

  /// The next `times` commits answer `how` and write nothing.
  void fail(commit_status how, int times);

private:
  [[nodiscard]] std::shared_ptr<memory_disk::map>& map_of(space where) const;
  [[nodiscard]] memory_disk::map& own_map_of(space where) const;

  mutable std::mutex mutex_;
  std::shared_ptr<memory_disk> disk_;
  commit_status failure_ = commit_status::durable;
  int failures_left_ = 0;
};

}  // namespace carillon::storage
