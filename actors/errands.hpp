#pragma once

#include <vector>

#include "actors/house.hpp"

// What tasks say to each other, and what this server does for a task without leaving the process.

namespace carillon {

/// Tells a task something that must not be lost to a full disk: it is said until it is on disk, or
/// until the task no longer wants to hear it.
void tell_surely(const house& home, task_ask news);

/// Tells the parent of an ended task how it ended.
void tell_parent(const house& home, const task_ptr& child, const hold& until_decided);

/// Has those of `children` that have ended, or are gone, tell their parent again.
void ask_children(const house& home, const task_id& parent, std::vector<task_id> children);

/// Carries out an attempt of a task whose target is "group:NAME" or "event:TOPIC".
void run_errand(const house& home, const task_ptr& subject, std::uint64_t token);

}  // namespace carillon
