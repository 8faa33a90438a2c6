#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/event_source.hpp"

namespace carillon {

/// Who may publish by signing, with their secrets. In memory, as the store holds them. Any thread.
class event_sources {
public:
  [[nodiscard]] std::optional<event_source> find(std::string_view name) const;
  [[nodiscard]] std::vector<event_source> all() const;  ///< By name.

  /// False: the name is taken.
  bool put(event_source subject);
  void remove(std::string_view name);

private:
  mutable std::mutex mutex_;
  std::map<std::string, event_source, std::less<>> by_name_;
};

}  // namespace carillon
