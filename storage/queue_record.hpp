#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/queue_settings.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

/// A queue for which nothing is set has no row.
void encode_queue_change(std::string_view queue, const queue_settings& settings, change_set& out);

expected<std::optional<queue_settings>> load_queue(const engine& disk, std::string_view queue);
/// Of all queues that have a row.
std::vector<std::pair<std::string, queue_settings>> load_queues(const engine& disk);

/// The queues that have tasks or settings, by name. Of what is set only what is on disk.
std::vector<queue_facts> list_queues(const engine& disk);
/// Of one; a queue that nobody has used is empty.
expected<queue_facts> look_at_queue(const engine& disk, std::string_view queue);

}  // namespace carillon::storage
