#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "actors/house.hpp"

namespace carillon {

/// Does something to all tasks that match a filter: jobs that outlive the server.
///
/// One step of one job is under way at a time: counting, finding the next piece, saving it, having
/// its tasks decide. So the front meets one piece at most, and jobs take turns. A piece is on disk
/// before its first task is asked, together with what came of the one before: a crash repeats one
/// piece, and what that had done already is seen in its tasks.
class bulk_jobs_state {
public:
  static inline const char* name = "bulk_jobs";

  void init(bulk_actor::stateful_pointer<bulk_jobs_state> self, const house* home);

  void on_resume();
  void on_loaded(bulks_loaded& found);
  void on_start(start_bulk& ask);
  void on_ask(ask_bulk& ask);
  void on_counted(const bulk_counted& found);
  void on_found(bulk_found& found);
  void on_saved(bulk_saved outcome);
  void on_decided(const bulk_decided& done);
  void on_rested();

private:
  struct open_job {
    storage::bulk_row row;
    bool is_on_disk = true;
    answer<storage::bulk_row> starter = {};  ///< Waits until it is.
    std::int64_t counted = 0;                ///< Until the total is known.
    std::optional<task_id> counted_to = {};
  };
  struct saving {
    storage::bulk_row row;
    answer<storage::bulk_row> reply = {};
  };

  void step();
  void open(open_job made);
  void queue_turn(const task_id& id);
  void answer_next_ask();
  void count_on(const task_id& id);
  void find_piece(const open_job& from);
  void decide(const open_job& from);
  void save(storage::bulk_row row, answer<storage::bulk_row> reply);
  void end_step(duration rest);
  [[nodiscard]] duration rest_of_step() const;

  bulk_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  std::map<task_id, open_job> jobs_;
  std::deque<task_id> over_;   ///< On disk still, the oldest first.
  std::deque<task_id> turns_;  ///< Of running jobs; may name some that run no more.
  std::deque<ask_bulk> asks_;
  std::deque<start_bulk> starts_;  ///< Until the store has been read.
  bool is_loaded_ = false;
  bool is_resting_ = false;    ///< Pieces wait, requests do not.
  std::optional<task_id> at_;  ///< Whose step is under way.
  std::optional<saving> saving_;
  std::chrono::steady_clock::time_point step_began_;
};

bulk_actor::behavior_type bulk_jobs_behavior(bulk_actor::stateful_pointer<bulk_jobs_state> self,
                                             const house* home);

}  // namespace carillon
