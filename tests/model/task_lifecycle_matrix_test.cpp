#include "model/task_lifecycle.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <iomanip>
#include <sstream>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

/// Has something to say to every event: a timeout, one retry, an end.
task_spec spec_of_the_matrix() {
  auto spec = a_spec();
  spec.timeout = 10min;
  spec.expires_at = noon + 1h;
  spec.retry = {1, backoff_kind::fixed, 30s, 1min};
  return spec;
}

life born(instant when = noon) {
  return life{spec_of_the_matrix(), when};
}

life a_command_life() {
  auto spec = spec_of_the_matrix();
  spec.command = local_command{{"/bin/true"}};
  return life{spec, noon};
}

/// One step that a worker does; the parent of an_id(2).
life a_pipeline_life() {
  auto spec = spec_of_the_matrix();
  spec.runs_pipeline = true;
  spec.payload = R"({"pipeline":[{"id":"a","uses":"queue.q"}]})";
  life made{spec, noon};
  made.deliver();
  std::get<processing>(made.last.next.state).waits.children.front().id = an_id(2);
  return made;
}

life a_listening_life() {
  auto spec = spec_of_the_matrix();
  spec.runs_pipeline = true;
  spec.payload = R"({"pipeline":[{"id":"a","uses":"wait.for_event","with":{"topic":"t"}}]})";
  return life{spec, noon}.deliver();
}

life called_back_life() {
  auto made = born().deliver();
  return made.tell(event::handed_over{made.token(), 202, "later"});
}

life ended_by(const task_event& what) {
  auto made = born().lease();
  return made.tell(what);
}

life skipped_life() {
  auto made = born();
  made.last.next.state = ended{task_status::skipped, end_reason::overlap, noon};
  return made;
}

struct named_life {
  std::string name;
  life subject;
};

std::vector<named_life> open_states() {
  return {{"scheduled", born(noon - 30min)},
          {"queued", born()},
          {"delivery", born().deliver()},
          {"lease", born().lease()},
          {"components", born().report("disk", "started")},
          {"callback", called_back_life()},
          {"command", a_command_life().run()},
          {"stopping", a_command_life().run().tell(event::cancel{})},
          {"steps", a_pipeline_life()},
          {"steps ending", a_pipeline_life().tell(event::cancel{})},
          {"listening", a_listening_life()},
          {"retrying", born().lease().fail()}};
}

std::vector<named_life> ended_states() {
  const auto token = born().lease().token();
  return {{"completed", ended_by(event::succeeded{token})},
          {"failed", ended_by(event::failed{token, attempt_outcome::error, "", false})},
          {"canceled", ended_by(event::cancel{})},
          {"expired", born().wait(1h).tick()},
          {"skipped", skipped_life()}};
}

using deed = std::function<expected<lifecycle::decision>(const life&)>;

/// The event a second later, with the right token or with a stale one.
template <class Make>
deed with_token(bool right, Make make) {
  return [=](const life& before) {
    const auto* running = std::get_if<processing>(&before.subject().state);
    const auto token = running != nullptr ? running->token : 4711;
    return lifecycle::apply(before.subject(), make(right ? token : token + 1), before.now + 1s);
  };
}

deed plain(const task_event& what) {
  return
      [=](const life& before) { return lifecycle::apply(before.subject(), what, before.now + 1s); };
}

/// A tick so long after the moment that the task has asked for.
deed tick_at(duration after) {
  return [=](const life& before) {
    const auto moment = facts_of(before.subject()).next_moment.value_or(noon + 24h);
    return lifecycle::apply(before.subject(), event::tick{}, moment + after);
  };
}

struct named_deed {
  std::string name;
  deed what;
};

std::vector<named_deed> deeds() {
  const auto succeeded = [](auto token) { return event::succeeded{token}; };
  const auto failed = [](auto token) { return event::failed{token}; };
  const auto heartbeat = [](auto token) { return event::heartbeat{token, 1min}; };
  const auto release = [](auto token) { return event::release{token}; };
  const auto handed_over = [](auto token) { return event::handed_over{token, 202}; };
  const auto progressed = [](auto token) { return event::progressed{token, 50.0}; };
  return {{"tick too early", tick_at(-1ms)},
          {"tick when due", tick_at(0ms)},
          {"trigger", plain(event::trigger{})},
          {"cancel", plain(event::cancel{})},
          {"cancel before start", plain(event::cancel{true})},
          {"retry", plain(event::retry{})},
          {"grant", plain(event::grant{runner_kind::lease, 7, "worker-2", 1min})},
          {"succeeded", with_token(true, succeeded)},
          {"succeeded, stale", with_token(false, succeeded)},
          {"failed", with_token(true, failed)},
          {"failed, stale", with_token(false, failed)},
          {"heartbeat", with_token(true, heartbeat)},
          {"heartbeat, stale", with_token(false, heartbeat)},
          {"release", with_token(true, release)},
          {"release, stale", with_token(false, release)},
          {"handed over", with_token(true, handed_over)},
          {"handed over, stale", with_token(false, handed_over)},
          {"progressed", with_token(true, progressed)},
          {"progressed, stale", with_token(false, progressed)},
          {"report started", plain(event::report{{noon, "started", "cpu", ""}})},
          {"report log", plain(event::report{{noon, "log", "cpu", "hello"}})},
          {"child ended", plain(event::child_ended{an_id(2), task_status::completed, "1", ""})},
          {"other child ended", plain(event::child_ended{an_id(3), task_status::failed, "", ""})},
          {"proceed", with_token(true, [](auto token) { return event::proceed{token}; })},
          {"published", plain(event::published{"t", "1"})},
          {"fan out", with_token(true,
                                 [](auto token) {
                                   return event::fan_out{token, {}};
                                 })},
          {"server started", plain(event::server_started{2})},
          {"forget", plain(event::forget{})}};
}

/// `=` nothing changed; `asks` neither, but somebody is asked something; `(queued)` something
/// changed, but not the status.
std::string cell(const life& before, const deed& what) {
  const auto made = what(before);
  if (!made)
    return made.error().kind == problem_kind::conflict ? "CONFLICT" : "?";
  if (made->removed)
    return "GONE";
  if (!made->changed)
    return !same(made->next, before.subject()) ? "LIES" : made->effects.empty() ? "=" : "asks";
  const std::string word{to_string(status_of(made->next))};
  return word == to_string(before.status()) ? "(" + word + ")" : word;
}

std::string matrix_of(const std::vector<named_life>& states) {
  std::ostringstream out;
  const auto row = [&](const std::string& name, auto cell_of) {
    out << std::left << std::setw(20) << name;
    std::string gap;
    for (const auto& state : states) {
      const std::string text = cell_of(state);
      out << gap << text;
      gap = std::string(text.size() < 13 ? 13 - text.size() : 1, ' ');
    }
    out << '\n';
  };
  row("", [](const named_life& state) { return state.name; });
  for (const auto& [name, what] : deeds())
    row(name, [&](const named_life& state) { return cell(state.subject, what); });
  return out.str();
}

}  // namespace

// clang-format off
TEST_CASE("every open state answers every event", "[lifecycle]") {
  CHECK("\n" + matrix_of(open_states()) == R"(
                    scheduled    queued       delivery     lease        components   callback     command      stopping     steps        steps ending listening    retrying
tick too early      =            =            =            =            =            =            =            =            =            =            =            =
tick when due       queued       expired      retrying     queued       retrying     retrying     (processing) =            (processing) =            retrying     queued
trigger             queued       CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
cancel              canceled     canceled     canceled     canceled     canceled     canceled     (processing) =            (processing) =            canceled     canceled
cancel before start canceled     canceled     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
retry               CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     queued
grant               CONFLICT     processing   CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
succeeded           CONFLICT     CONFLICT     completed    completed    CONFLICT     completed    completed    canceled     CONFLICT     CONFLICT     CONFLICT     CONFLICT
succeeded, stale    CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
failed              CONFLICT     CONFLICT     retrying     retrying     CONFLICT     retrying     retrying     canceled     retrying     canceled     retrying     CONFLICT
failed, stale       CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
heartbeat           CONFLICT     CONFLICT     CONFLICT     (processing) CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
heartbeat, stale    CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
release             CONFLICT     CONFLICT     CONFLICT     queued       CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
release, stale      CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
handed over         CONFLICT     CONFLICT     (processing) CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
handed over, stale  CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
progressed          CONFLICT     CONFLICT     (processing) CONFLICT     CONFLICT     (processing) CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
progressed, stale   CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
report started      CONFLICT     processing   (processing) (processing) (processing) (processing) (processing) (processing) CONFLICT     CONFLICT     CONFLICT     CONFLICT
report log          CONFLICT     (queued)     (processing) (processing) (processing) (processing) (processing) (processing) (processing) (processing) (processing) CONFLICT
child ended         =            =            =            =            =            =            =            =            completed    canceled     =            =
other child ended   =            =            =            =            =            =            =            =            =            =            =            =
proceed             =            =            =            =            =            =            =            =            =            =            =            =
published           =            =            =            =            =            =            =            =            =            =            completed    =
fan out             CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
server started      =            =            queued       =            =            =            retrying     failed       asks         asks         asks         =
forget              CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
)");
}

TEST_CASE("every end answers every event", "[lifecycle]") {
  CHECK("\n" + matrix_of(ended_states()) == R"(
                    completed    failed       canceled     expired      skipped
tick too early      =            =            =            =            =
tick when due       =            =            =            =            =
trigger             CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
cancel              CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
cancel before start CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
retry               CONFLICT     queued       CONFLICT     CONFLICT     CONFLICT
grant               CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
succeeded           CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
succeeded, stale    CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
failed              CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
failed, stale       CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
heartbeat           CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
heartbeat, stale    CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
release             CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
release, stale      CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
handed over         CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
handed over, stale  CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
progressed          CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
progressed, stale   CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
report started      CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
report log          CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
child ended         =            =            =            =            =
other child ended   =            =            =            =            =
proceed             =            =            =            =            =
published           =            =            =            =            =
fan out             CONFLICT     CONFLICT     CONFLICT     CONFLICT     CONFLICT
server started      =            =            =            =            =
forget              GONE         GONE         GONE         GONE         GONE
)");
}
// clang-format on
