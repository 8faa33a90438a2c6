#pragma once

#include <optional>
#include <string>

#include "model/task.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

/// Moves what lists find a task by from one set of facts to the other. `before`: empty for a new
/// one.
void encode_list_entries(const task& subject, const std::optional<index_facts>& before,
                         const index_facts& after, change_set& out);
void encode_list_removal(const task& subject, const index_facts& before, change_set& out);

/// The value of a task's entry by status: when it ended, or nothing.
std::string value_of_status(const index_facts& facts);

}  // namespace carillon::storage
