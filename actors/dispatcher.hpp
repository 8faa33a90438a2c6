#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"
#include "model/host_gate.hpp"

namespace carillon {

/// The worker inside the server that delivers tasks over HTTP. Each host has a queue of its own,
/// which tells when it has tasks; this asks the queues in turn for as many as their hosts may get.
///
/// Invariants:
///  - An attempt starts only after it is on disk: the task itself orders it then.
///  - What is called + what is asked for <= slots. No host takes more than an eighth of the slots
///  that the others leave, so that many that hang leave room for one more.
///  - A host that has tasks and may be called is in the line, or is asked, or has a call under way
///  or an alarm set, the end of which puts it there.
///  - Each host_has_work is answered in the same step: by a request, or by pass_host.
class dispatcher_state {
public:
  static inline const char* name = "dispatcher";

  void init(dispatcher_actor::stateful_pointer<dispatcher_state> self, const house* home);

  void on_start(const start_delivery& order);
  void on_stop(const stop_delivery& order);
  void on_stop_all(stop_deliveries& ask);
  void on_ended(const delivery_ended& news);
  void report(task_ask news);

  void on_find_hosts();
  void on_work(const host_has_work& news);
  void on_granted(const host_granted& news);
  void on_alarm(const host_alarm& alarm);
  void on_sweep();

  void on_list(const list_hosts& ask) const;
  void on_count(const count_hosts& ask) const;
  void on_reset(const reset_host& ask);

private:
  struct host {
    const std::string* queue;  ///< The key of hosts_.
    host_gate gate;
    std::size_t waiting = 0;  ///< At least so many tasks wait in the queue.
    bool in_line = false;
    bool owes_answer = false;  ///< To a host_has_work.
    std::optional<instant> alarm = {};
    std::string last_failure = {};
    int idle_sweeps = 0;
  };
  using key = std::pair<task_id, std::uint64_t>;  ///< The task and the token of its attempt.
  struct call {
    std::uint64_t ticket;
    host* to;
    instant began;
  };

  host& find_or_add(const std::string& queue);
  void line_up(host& ready);
  void dispatch(const hold& until_decided = {});
  void ask(host& next, instant now, const hold& until_decided);
  [[nodiscard]] std::size_t wanted_of(const host& next, instant now) const;
  void arm(host& resting, instant moment);
  void show(const host& known, host_breaker::state before, instant now) const;
  void stop_if_done();
  [[nodiscard]] host_facts facts_of(const host& known) const;

  dispatcher_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  instant started_{};
  std::unordered_map<std::string, host> hosts_;
  std::deque<host*> line_;      ///< Hosts that have tasks, each once; they stay in hosts_.
  std::map<key, call> calls_;   ///< Under way; their hosts stay in hosts_.
  std::size_t slots_used_ = 0;  ///< By calls, and by tasks asked for.
  std::optional<answer<bool>> stopping_;
};

dispatcher_actor::behavior_type dispatcher_behavior(
    dispatcher_actor::stateful_pointer<dispatcher_state> self, const house* home);

}  // namespace carillon
