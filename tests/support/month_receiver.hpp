#pragma once

#include <deque>
#include <map>
#include <set>

#include "tests/support/actor_world.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/month_chronicle.hpp"

namespace carillon::test {

/// Answers calls at random, and watches who calls when.
class receiver {
public:
  receiver(actor_world& world, dice& random, chronicle& record);
  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;
  ~receiver() { world_.on_call = nullptr; }

  /// False: no call was to end by now.
  bool answer_due();
  /// From now on every call succeeds at once.
  void be_kind() { is_kind_ = true; }

private:
  struct waiting_call {
    std::size_t which;
    int status;
  };
  struct caller {
    overlap_rules rules;
    std::set<std::size_t> open;  ///< Calls; some of them have ended by themselves.
    std::deque<std::pair<instant, task_id>> started;  ///< The last ones: due when, which.
  };

  void on_call(std::size_t which);
  void check(std::size_t which);
  void check_overlap(std::size_t which, const task& subject);

  actor_world& world_;
  dice& random_;
  chronicle& record_;
  bool is_kind_ = false;
  std::multimap<instant, waiting_call> waiting_;
  std::map<schedule_id, caller> callers_;
  std::set<std::pair<task_id, int>> seen_;
};

}  // namespace carillon::test
