#pragma once

#include <optional>
#include <vector>

#include "model/stat_series.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

// What was counted of tasks: a row for each stretch of a grain in which something happened, under
// the same rules of change as tasks (storage/task_record.hpp).

void encode_stats(const stat_grain& grain, const stat_bucket& bucket, change_set& out);
/// Removes what is kept no longer.
void encode_stat_removal(const engine& disk, const stat_grain& grain, instant now, change_set& out);

expected<std::optional<stat_bucket>> load_stats(const engine& disk, const stat_grain& grain,
                                                instant begin);
/// Those that begin in [from, to), in order.
expected<std::vector<stat_bucket>> load_stats(const engine& disk, const stat_grain& grain,
                                              instant from, instant to);
/// All of both grains.
expected<std::vector<stat_bucket>> load_all_stats(const engine& disk);

}  // namespace carillon::storage
