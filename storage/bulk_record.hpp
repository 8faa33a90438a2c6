#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/bulk_job.hpp"
#include "storage/key_value.hpp"
#include "storage/task_filter.hpp"

namespace carillon::storage {

/// A bulk job as it is on disk, under the same rules of change as tasks (storage/task_record.hpp).
struct bulk_row {
  bulk_job job;
  task_filter filter;  ///< As it was asked for.
};

std::string encode_bulk(const bulk_row& row);
/// The problem is of kind corrupt.
expected<bulk_row> decode_bulk(const task_id& id, std::string_view record);

void encode_bulk_change(const bulk_row& row, change_set& out);
void encode_bulk_removal(const task_id& job, change_set& out);

expected<std::optional<bulk_row>> load_bulk(const engine& disk, const task_id& job);
/// All of them, the newest first.
expected<std::vector<bulk_row>> load_bulks(const engine& disk);

}  // namespace carillon::storage
