#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/answer.hpp"
#include "model/task_lifecycle.hpp"

// What the surfaces ask of the actors, without the actor framework.

namespace carillon {

/// The answer to a creation.
struct created_task {
  task_ptr subject;
  bool is_new = true;  ///< False: its unique_id was taken; this is the task that has it.
};

/// A task to make.
struct new_task {
  task_id id;
  std::shared_ptr<const task_spec> spec;
  answer<created_task> reply;
};

/// Something happened to a task. Answered, if anyone asked, when what follows from it is on disk.
struct task_ask {
  task_id id;
  task_event event;
  answer<task_ptr> reply = {};
  hold until_decided = {};
};

/// Somebody who wants to run tasks of a queue.
struct task_request {
  std::string queue;
  std::size_t max = 1;
  duration wait{0};    ///< How long to wait for the first task, real time. Negative: for ever.
  event::grant grant;  ///< What each task given gets; the token's salt is filled in.
  /// Asked before tasks are given: whether the asker is still there. Null: yes.
  std::function<bool()> is_wanted = {};
  answer<std::vector<task_ptr>> reply;
};

}  // namespace carillon
