#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/zone.hpp"

namespace carillon::storage {

/// The zones of the system's zone database: a file for each IANA name and each link. A zone is read
/// when it is first asked for and kept. Any thread; no lock that find() needs is held while a file
/// is read.
class zone_files : public zone_source {
public:
  explicit zone_files(std::string folder = "/usr/share/zoneinfo");

  /// UTC is found without a file.
  [[nodiscard]] zone_ptr find(std::string_view name) const override;

  /// Reads those zones again whose files have changed since, and returns the names of those whose
  /// rules differ now. A zone whose file has gone or is damaged stays as it was. Costs a stat for
  /// each zone that was ever found.
  std::vector<std::string> refresh();

  /// What the database calls its version ("2025b"), or empty when it does not say.
  [[nodiscard]] std::string database_version() const;

  /// All that find() finds, sorted; reads every file.
  [[nodiscard]] std::vector<std::string> names() const;

private:
  /// Tells one content of a file from another: device, inode, size and time of the last change.
  using version = std::array<std::uint64_t, 4>;
  struct entry {
    zone_ptr where;  ///< Never null.
    version read_from;
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  [[nodiscard]] std::optional<version> version_now(const std::string& name) const;
  [[nodiscard]] std::optional<entry> read(std::string_view name) const;

  const std::string folder_;
  std::mutex refreshing_;  ///< One at a time, so that an older reading never replaces a newer one.
  mutable std::shared_mutex lock_;  ///< Guards known_.
  mutable std::unordered_map<std::string, entry, text_hash, std::equal_to<>> known_;
};

}  // namespace carillon::storage
