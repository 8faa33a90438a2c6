#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/batch.hpp"
#include "model/schedule.hpp"
#include "model/topic_event.hpp"
#include "storage/derived.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

/// Hears of all that stands in a store's rows.
class row_listener {
public:
  row_listener() = default;
  row_listener(const row_listener&) = delete;
  row_listener& operator=(const row_listener&) = delete;
  virtual ~row_listener() = default;

  virtual void on_task(const task& subject) = 0;  ///< Without what its parts were given and gave.
  virtual void on_schedule(const schedule& subject) = 0;
  virtual void on_batch(const batch& subject) = 0;
  /// `told`: null while not everybody is told.
  virtual void on_event(const topic_event& subject, const std::vector<listener_told>* told) = 0;
  /// A row that only leads to another one.
  virtual void on_derived(const derived_entry&) {}
  /// Any other row, once it was read.
  virtual void on_row(const key_family&) {}
  /// Bytes that do not decode, or rows that contradict each other.
  virtual void on_unreadable(const std::string&) {}
  /// A row that belongs to something that is not there, or to nothing that is known.
  virtual void on_stray(const std::string&) {}
};

/// Reads the rows of a shard once, in the order of their keys; memory does not grow with them.
void walk_rows(const engine& disk, unsigned shard, row_listener& listener);

}  // namespace carillon::storage
