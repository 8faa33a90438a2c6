#pragma once

#include <caf/all.hpp>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/batch_feed.hpp"
#include "model/batch_lifecycle.hpp"
#include "storage/batch_store.hpp"

// The part of actors/interfaces.hpp that is about batches.

namespace carillon {

struct shut_down;

/// A client brings children: to a new batch, or to the one that has the header's idempotency_key.
struct open_batch {
  std::shared_ptr<const batch_spec> spec;
  answer<opened_batch> reply;
};
/// Something happens to a batch. Answered when what follows from it is on disk.
struct ask_batch {
  batch_id id;
  batch_change what;
  answer<batch_view> reply = {};
  std::uint64_t session = 0;  ///< seal: of the feed whose client has ended; 0: of a person.
  hold until_decided = {};
};
/// The server has started.
struct resume_batches {};
/// From the sweeper: batches that ended before this go when none of their children is left.
struct sweep_batches {
  instant bound;
};

/// INTERNAL: which batch has the key.
struct batch_key_found {
  std::string key;
  expected<std::optional<batch_id>> owner;
};
/// INTERNAL: a new batch is on disk, or is not.
struct batch_opened {
  batch_id id;
  storage::commit_status status;
};
/// INTERNAL: whoever was adding children has left.
struct batch_drained {
  batch_id id;
};
/// INTERNAL
struct batch_loaded {
  batch_id id;
  expected<std::optional<batch_view>> found;
};
/// INTERNAL: what was last decided is on disk, or is not.
struct batch_saved {
  batch_id id;
  storage::commit_status status;
};
/// INTERNAL: the numbers that have a child.
struct batch_places_found {
  batch_id id;
  std::vector<bool> taken;
};
/// INTERNAL: the next children of a pass.
struct batch_piece_found {
  batch_id id;
  batch_pass_kind kind;
  std::vector<storage::child> children;
};
/// INTERNAL: they are told, or have reasons to stay as they are.
struct batch_piece_decided {
  batch_piece_found piece;
  bool disk_is_full;
};
/// INTERNAL: the event of its end is published, or could not be saved.
struct batch_told {
  batch_id id;
  int number;
  bool disk_is_full;
};
/// INTERNAL
struct empty_batches_found {
  std::vector<batch> batches;
};

// clang-format off
/// Owns all batches: opens, seals and finishes them, and tells of their ends.
using batches_actor = caf::typed_actor<
  caf::reacts_to<open_batch>,
  caf::reacts_to<ask_batch>,
  caf::reacts_to<resume_batches>,
  caf::reacts_to<sweep_batches>,
  caf::reacts_to<batch_key_found>,
  caf::reacts_to<batch_opened>,
  caf::reacts_to<batch_drained>,
  caf::reacts_to<batch_loaded>,
  caf::reacts_to<batch_saved>,
  caf::reacts_to<batch_places_found>,
  caf::reacts_to<batch_piece_found>,
  caf::reacts_to<batch_piece_decided>,
  caf::reacts_to<batch_told>,
  caf::reacts_to<empty_batches_found>,
  caf::reacts_to<shut_down>>;
// clang-format on

}  // namespace carillon

// "Unsafe" means: cannot leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::open_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::ask_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::resume_batches)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::sweep_batches)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::batch_key_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::batch_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::batch_drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::batch_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::batch_saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::batch_places_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::batch_piece_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::batch_piece_decided)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::batch_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::empty_batches_found)
