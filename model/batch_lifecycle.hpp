#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "model/batch.hpp"
#include "model/problem.hpp"

// The life of one batch as a pure function: no clock, no I/O, no actors.
//
//   open --seal--> running --the last child has ended--> completed
//     |               ^  |                                  |
//     |               |  +--cancel--> canceled              |
//     +--cancel--+    +-------- retry_failed ---------------+
//
// What becomes of the children is theirs to decide; the batch sees their counts alone.

namespace carillon {

namespace batch_event {

/// No more children come.
struct seal {};
/// A person: none of the children that have not ended is to run. Seals it too.
struct cancel {};
/// A person: all children that have failed run again.
struct retry_failed {};
/// The counts may have changed.
struct look {};
/// The pass of this kind has dealt with all children before `next`; empty: with all.
struct passed {
  batch_pass_kind kind;
  std::optional<std::uint32_t> next;
};
/// The event of completion `number` is published.
struct told {
  int number;
};

}  // namespace batch_event

using batch_change = std::variant<batch_event::seal, batch_event::cancel, batch_event::retry_failed,
                                  batch_event::look, batch_event::passed, batch_event::told>;

namespace batch_lifecycle {

struct decision {
  batch next;
  bool changed = true;    ///< False: nothing to save.
  bool finished = false;  ///< It has just ended: to be told, once.
};

/// `counts` are those of the store, with all that was decided before.
expected<decision> apply(const batch& subject, const batch_counts& counts, const batch_change& what,
                         instant now);

}  // namespace batch_lifecycle
}  // namespace carillon
