#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/actor_world.hpp"
#include "tests/support/month_chronicle.hpp"
#include "tests/support/month_rules.hpp"

namespace carillon::test {

/// They make schedules and change them at random, and keep a chronicle of what they were told.
class people {
public:
  people(actor_world& world, dice& random, const time_span& month, chronicle& record)
      : world_{world}, random_{random}, month_{month}, record_{record} {}

  void make_schedule();
  /// A random request about a schedule that nobody waits for.
  void ask_something();
  /// Takes down what was answered.
  void note();
  /// Looks what became of requests that the server did not answer before it died.
  void look_again();

  void resume_all();
  void pause_all();

private:
  enum class verb { edit, pause, resume, cancel, remove, run, snooze, backfill };
  struct request {
    std::size_t who;  ///< In the chronicle.
    verb what;
    std::shared_ptr<const schedule_spec> spec;  ///< edit.
    std::optional<bool> enabled;                ///< edit.
    slot<schedule_outcome> reply;
  };
  struct creation {
    schedule_spec spec;
    slot<schedule_ptr> reply;
  };

  void create(schedule_spec spec);
  std::optional<std::size_t> choose();
  void ask(std::size_t who, verb what);
  void ask_edit(std::size_t who);
  void ask_task(const diary& about);
  schedule_change change_for(verb what);
  void note(const request& asked, const expected<schedule_outcome>& answer);
  void begin_diary(const schedule& made);
  bool take_down(const request& asked, const schedule& is);
  bool take_down_status(const request& asked, const schedule& is);
  void note_moved(const diary& about);
  void complain(const diary& about, const std::string& what);

  actor_world& world_;
  dice& random_;
  time_span month_;
  chronicle& record_;
  int made_ = 0;
  int edits_ = 0;
  std::size_t favourite_ = 0;  ///< Asked about lately.
  std::vector<creation> creations_;
  std::vector<request> requests_;
};

}  // namespace carillon::test
