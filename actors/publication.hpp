#pragma once

#include <string>

#include "actors/requests.hpp"

namespace carillon {

struct house;

struct publication {
  task_id id;
  std::string topic;
  std::string payload;  ///< JSON
};

/// Runs every active schedule that listens to the topic, and tells the tasks that wait for it.
/// Answered when what follows from it is on disk. Published again after a crash, an event makes its
/// listeners run again. Any thread.
void publish_event(const house& home, publication what, answer<published_event> reply);

}  // namespace carillon
