#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/task.hpp"

namespace carillon {

/// What was set for a queue. As it is made, nothing is.
struct queue_settings {
  bool is_paused = false;  ///< Its tasks wait; what runs goes on.
  int concurrency = 0;     ///< At most so many are processing at once; 0 is any number.
  int rate = 0;            ///< At most so many starts a period, evenly spread; 0 is any number.
  duration period{0};

  bool operator==(const queue_settings&) const = default;

  [[nodiscard]] bool is_limited() const { return concurrency > 0 || rate > 0; }
};

/// The limit of a queue, as one that all of its tasks share. No task's own key begins with NUL.
inline key_limit limit_of_queue(std::string_view queue, const queue_settings& of) {
  return {std::string{'\0'}.append(queue), of.concurrency, of.rate, of.period};
}

/// Of a queue that outside workers ask: no server's own.
inline bool names_outside_queue(std::string_view queue) {
  return !queue.empty() && static_cast<unsigned char>(queue.front()) >= ' ';
}

/// A queue as it is to be seen.
struct queue_facts {
  std::string name;
  queue_settings settings;
  std::int64_t waiting = 0;
  std::int64_t processing = 0;
};

}  // namespace carillon
