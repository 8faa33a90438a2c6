#pragma once

#include <caf/all.hpp>
#include <optional>
#include <vector>

#include "actors/answer.hpp"
#include "actors/interfaces.hpp"
#include "storage/bulk_record.hpp"
#include "storage/bulk_scan.hpp"
#include "storage/key_value.hpp"

// What is said to the actor of bulk jobs. Never leaves the process.

namespace carillon {

/// Begins a job. Answered when it is on disk.
struct start_bulk {
  bulk_action action;
  storage::task_filter filter;
  answer<storage::bulk_row> reply;
};
/// A person. Answered when it is on disk.
struct ask_bulk {
  task_id job;
  bulk_request what;
  answer<storage::bulk_row> reply;
};
/// The next life of the server goes on with what the last one left.
struct resume_bulks {};

/// INTERNAL: what the store holds; pieces that were under way are settled.
struct bulks_loaded {
  expected<std::vector<storage::bulk_row>> rows;
};
/// INTERNAL: how many more match, or all of them.
struct bulk_counted {
  expected<std::int64_t> count;
  std::optional<task_id> looked_at;
  bool is_last;
};
/// INTERNAL
struct bulk_found {
  storage::bulk_piece piece;
};
/// INTERNAL: what was to be on disk is, or is not.
struct bulk_saved {
  storage::commit_status status;
};
/// INTERNAL: the tasks of a piece have answered, in its order.
struct bulk_decided {
  std::vector<expected<task_ptr>> outcomes;
};
/// INTERNAL: the next step may be taken.
struct bulk_rested {};

// clang-format off
/// Does something to many tasks, piece by piece.
using bulk_actor = caf::typed_actor<
  caf::reacts_to<start_bulk>,
  caf::reacts_to<ask_bulk>,
  caf::reacts_to<resume_bulks>,
  caf::reacts_to<bulks_loaded>,
  caf::reacts_to<bulk_counted>,
  caf::reacts_to<bulk_found>,
  caf::reacts_to<bulk_saved>,
  caf::reacts_to<bulk_decided>,
  caf::reacts_to<bulk_rested>,
  caf::reacts_to<shut_down>>;
// clang-format on

}  // namespace carillon

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::start_bulk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::ask_bulk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::resume_bulks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::bulks_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::bulk_counted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::bulk_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::bulk_saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::bulk_decided)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::bulk_rested)
