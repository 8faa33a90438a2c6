#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace carillon {

/// All batches. What happens to one is decided by batch_lifecycle::apply on what the store holds of
/// it, one thing after the other, and saved before anything follows from it. Nothing of a batch
/// stays in memory but who may add children to it.
///
/// Invariants:
///  - At most one feed of a batch is open. A seal, a cancellation and another client first wait
///    until all who came in by it have left.
///  - Of a batch at most one piece of a pass, and one telling of its end, are under way.
///  - A finished batch, the calls of its on_complete and the note that schedules are to hear of it
///    are one commit.
class batches_state {
public:
  static inline const char* name = "batches";

  void init(batches_actor::stateful_pointer<batches_state> self, const house* home);

  // batch_opening.cpp: who may add children
  void on_open(open_batch& ask);
  void on_key_found(const batch_key_found& found);
  void on_opened(const batch_opened& outcome);
  void on_places_found(batch_places_found& found);

  // batches.cpp: one thing after the other
  void on_ask(ask_batch& ask);
  void on_drained(const batch_drained& news);
  void on_loaded(batch_loaded& loaded);
  void on_saved(const batch_saved& outcome);
  void on_resume();
  void on_sweep(const sweep_batches& order);
  void on_empty_found(const empty_batches_found& found);

  // batch_pass.cpp: the same for many children
  void on_piece_found(const batch_piece_found& found);
  void on_piece_decided(const batch_piece_decided& decided);

  // batch_telling.cpp: what a batch's end leads to
  void on_told(const batch_told& news);

private:
  /// What waits for its turn: a change, or a client who brings more children.
  struct job {
    std::variant<batch_change, open_batch> what;
    answer<batch_view> reply = {};
    std::uint64_t session = 0;
    hold until_decided = {};
  };
  /// A decision that is being saved.
  struct saving {
    batch_lifecycle::decision decided;
    batch_counts counts;
    std::vector<task_ptr> notices;
  };
  struct entry {
    std::deque<job> waiting;  ///< The first is under way when `busy`.
    bool busy = false;
    bool passes = false;  ///< A piece of a pass is under way.
    bool tells = false;   ///< Its end is being published.
    std::shared_ptr<batch_feed> feed;
    std::optional<batch_view> resumed;  ///< By the client whose turn it is.
    std::unique_ptr<saving> save;
  };

  void create(open_batch ask, const batch_id& id);
  void resume(const batch_id& id, open_batch ask);
  [[nodiscard]] std::shared_ptr<batch_feed> new_feed(const batch_id& id, std::vector<bool> taken);
  void answer_resumed(const batch_id& id, entry& known, batch_view view);

  void add(const batch_id& id, job added);
  void next(const batch_id& id);
  void load(const batch_id& id);
  void decide(const batch_id& id, entry& known, batch_view view);
  void end_job(const batch_id& id, entry& known, expected<batch_view> outcome);
  void put_off(const batch_id& id, entry& known);
  void follow_up(entry& known, const batch_view& view, const batch_change& what);

  void find_piece(const batch_id& id, const batch_pass& pass);
  [[nodiscard]] std::vector<task_ptr> make_notices(batch& ended, const batch_counts& counts) const;
  void publish_end(const batch_view& ended);

  batches_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  std::unordered_map<batch_id, entry> directory_;
  /// An entry while a key is looked up or its batch is made; who waits for that.
  std::unordered_map<std::string, std::vector<open_batch>> keys_;
  /// New batches that are being saved.
  std::unordered_map<batch_id, std::pair<batch, open_batch>> unborn_;
  std::uint64_t sessions_ = 0;
};

batches_actor::behavior_type batches_behavior(batches_actor::stateful_pointer<batches_state> self,
                                              const house* home);

}  // namespace carillon
