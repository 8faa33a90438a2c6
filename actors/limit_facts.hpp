#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/key_gate.hpp"

namespace carillon {

/// A limit that is in use, as it is to be seen.
struct limit_facts {
  std::string key;  ///< Of tasks, or the name of the queue.
  bool is_queue = false;
  /// What the task that is next, or one that holds the key, asks for; of a queue what is set for
  /// it. Empty: nobody who knows is there.
  std::optional<key_limit> limit = {};
  key_gate::view now = {};
};

/// What the server does at most, whoever asks.
struct own_limit {
  std::string_view name;
  std::int64_t limit;  ///< 0: any number.
  std::optional<std::int64_t> in_use = {};
};

struct limit_page {
  std::int64_t total = 0;
  std::vector<limit_facts> limits;
  bool has_more = false;
  std::vector<own_limit> own;
};

}  // namespace carillon
