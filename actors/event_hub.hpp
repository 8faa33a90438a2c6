#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/event_messages.hpp"
#include "actors/house.hpp"

namespace carillon {

/// Publishes an event, and answers when everybody who listens is told and that is on disk. One with
/// an id that was published within a day is answered again and told to nobody. Any thread.
void publish(const house& home, new_event what, answer<published_event> reply);

/// Events that are under way.
///
/// An event is told in three steps, each durable before the next: who is to be told, what each of
/// them does about it (with a claim, in the same batch as the doing), and that all have been told.
/// A crash in between is mended at the start: whoever has no claim yet is told then.
///
/// Invariants:
///  - An id is under way once: whoever comes with it meanwhile waits for the same answer.
///  - Nobody is told before the list of all who are to be told is on disk.
///  - Until what the last life began is known, nothing new begins.
class event_hub_state {
public:
  static inline const char* name = "event_hub";

  void init(event_hub_actor::stateful_pointer<event_hub_state> self, const house* home);

  void on_publish(publish_event& ask);
  void on_resume();
  void on_restored(events_restored& last_life);
  void on_looked_up(event_looked_up& found);
  void on_saved(const event_saved& outcome);
  void on_told(listeners_told& piece);
  void on_tell_again(const tell_again& which);
  void on_sweep();
  void on_old_found(const old_events_found& old);

private:
  enum class stage { looking, saving, telling, finishing };
  struct asker {
    std::string digest;
    answer<published_event> reply;
    bool is_repeat;
  };
  struct running {
    topic_event_ptr subject;
    stage now = stage::looking;
    std::vector<listener_told> told = {};  ///< In the order of listeners; filled as they answer.
    std::vector<std::size_t> left = {};    ///< Places of those who are yet to be told.
    std::vector<std::size_t> asked = {};   ///< Places of the piece under way.
    std::vector<asker> askers = {};
    bool is_restored = false;  ///< The last life began to tell it.
    bool is_stalled = false;   ///< The disk is full; it is tried again.
  };

  void join(running& known, publish_event& ask);
  void look_up(const std::string& key, const running& fresh);
  void save(const std::string& key, running& fresh);
  void tell(const std::string& key, running& subject);
  void finish(const std::string& key, running& subject);
  void stall(const std::string& key, running& subject);
  void submit(storage::change_set changes, const std::string& key);
  static void answer_all(running& subject, const published_event& outcome);
  static void refuse_all(running& subject, const problem& cause);
  void sweep_later(duration from_now);

  event_hub_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  bool is_restored_ = false;
  std::vector<publish_event> early_;                    ///< Came before that.
  std::unordered_map<std::string, running> under_way_;  ///< By name_of().
  instant next_sweep_;
  bool sweeps_ = false;
  std::unordered_set<std::string> taken_in_sweep_;  ///< Names given anew while a sweep looks.
};

event_hub_actor::behavior_type event_hub_behavior(
    event_hub_actor::stateful_pointer<event_hub_state> self, const house* home);

}  // namespace carillon
