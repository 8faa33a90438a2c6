#pragma once

#include <string_view>
#include <vector>

#include "model/event_source.hpp"
#include "model/problem.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

// On disk the key is sealed, and bound to the name and the topic.

void encode_event_source(const event_source& subject, std::string_view seal_key, change_set& out);
void encode_event_source_removal(std::string_view name, change_set& out);

/// Every source of the store, by name.
expected<std::vector<event_source>> load_event_sources(const engine& disk,
                                                       std::string_view seal_key);

}  // namespace carillon::storage
