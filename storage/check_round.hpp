#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>

#include "storage/derived_tally.hpp"
#include "storage/row_walk.hpp"
#include "storage/store_check.hpp"

namespace carillon::storage {

/// One look through a store; for store_check.cpp alone. First everything is read once, in order,
/// and compared in heaps; entry by entry only where the heaps differ.
class check_round {
public:
  check_round(engine& disk, const check_settings& settings) : disk_{disk}, settings_{settings} {}

  check_report run();

private:
  class first_look;
  class second_look;

  void add(check_fault kind, std::string what) {
    report_.add(kind, std::move(what), settings_.examples_max);
  }
  void read(std::string_view what, std::int64_t count) { report_.read.push_back({what, count}); }

  // What is of no shard. (check_store_rows.cpp)
  void look_at_store_rows();
  void look_at_logs();

  // Entries. (check_round.cpp)
  void look_at_rows();
  void look_at_index();
  void look_closer();
  void compare(const derived_entry& wanted);
  void look_for_extra(space where);
  void judge_extra(const derived_entry& found);
  [[nodiscard]] bool is_of_newer_event(const derived_entry& wanted, std::string_view found) const;
  void look_at_claim(std::string_view key);
  /// Without what a store of an earlier version lacks until its next start.
  [[nodiscard]] derived known_of(derived found) const;
  [[nodiscard]] bool is_to_come(const key_family& family) const;

  // Counters. (check_counters.cpp)
  void look_at_counters();
  void look_at_child_counters();
  void compare_child_counter(const task_id& batch, task_status status, std::int64_t counted);

  void put(space where, std::string_view key, std::string_view value);
  void erase(space where, std::string_view key);
  void write_if(bool is_time);

  engine& disk_;
  const check_settings& settings_;
  bool has_lists_ = true;  ///< What lists find tasks by is there.
  check_report report_;
  derived_tally tally_;
  std::map<std::string, std::int64_t, std::less<>> sums_;
  change_set repairs_;
  std::int64_t repairs_waiting_ = 0;
};

}  // namespace carillon::storage
