// How commands are ended, and what they leave behind.
#include <sys/prctl.h>
#include <sys/wait.h>

#include <fstream>
#include <list>

#include "actors/pidfd.hpp"
#include "tests/actors/process_world.hpp"

using namespace carillon;
using namespace carillon::test;
using ending = command_outcome::ending;

namespace {

std::size_t entries_of(const char* folder) {
  const std::filesystem::directory_iterator all{folder};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t children_of_ours() {
  const auto table = read_process_table();
  REQUIRE(table);
  return static_cast<std::size_t>(std::count_if(
      table->begin(), table->end(), [](const auto& each) { return each.parent == ::getpid(); }));
}

local_command with_grace(local_command what, duration grace) {
  what.grace = grace;
  return what;
}

}  // namespace

// -- stop -----------------------------------------------------------------------------------

TEST_CASE("a command that is stopped may end politely", "[process_host]") {
  process_world world;
  auto run =
      world.start(shell("trap 'echo bye; exit 3' TERM; echo $$; while :; do sleep 0.01; done"));
  world.printed_pid(run);
  world.host().stop(run.ticket);
  world.host().stop(run.ticket);  // changes nothing
  const auto outcome = run.outcome();
  CHECK(outcome.how == ending::exited);
  CHECK(outcome.exit_code == 3);
  CHECK(world.output.text(run.id).ends_with("bye\n"));
}

TEST_CASE("a command that ignores SIGTERM is killed after the grace time, with its child",
          "[process_host]") {
  process_world world;
  auto run = world.start(
      with_grace(shell("trap '' TERM; sleep 600 & echo $!; while :; do sleep 600; done"), 50ms));
  const auto child = world.printed_pid(run);
  CHECK(is_alive(child));
  world.host().stop(run.ticket);
  const auto outcome = run.outcome();
  CHECK(outcome.how == ending::signaled);
  CHECK(outcome.signal == SIGKILL);
  CHECK_FALSE(is_alive(child));
}

TEST_CASE("a stop is done only when the children are gone too", "[process_host]") {
  process_world world;
  auto run = world.start(with_grace(
      shell("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 600; done' & wait"), 100ms));
  const auto child = world.printed_pid(run);
  world.host().stop(run.ticket);  // ends the shell at once, and not its child
  const auto outcome = run.outcome();
  CHECK(outcome.signal == SIGTERM);
  CHECK_FALSE(is_alive(child));
}

TEST_CASE("without a grace time, and by kill(), a command ends at once", "[process_host]") {
  process_world world;
  const bool kills = GENERATE(true, false);
  auto run = world.start(with_grace(shell("trap '' TERM; echo $$; while :; do sleep 600; done"),
                                    kills ? duration{1h} : duration{0}));
  world.printed_pid(run);
  if (kills) {
    world.host().stop(run.ticket);  // would wait for an hour
    world.host().kill(run.ticket);
  } else {
    world.host().stop(run.ticket);
  }
  CHECK(run.outcome().signal == SIGKILL);
}

TEST_CASE("a command that is stopped before it started never runs", "[process_host]") {
  process_world world;
  std::list<ordered_run> runs;
  for (int i = 0; i < 300; ++i)
    runs.push_back(world.start(shell("sleep 600")));
  for (auto& each : runs)
    world.host().stop(each.ticket);
  int refused = 0;
  for (auto& each : runs) {
    const auto outcome = each.outcome();
    if (outcome.how == ending::not_started) {
      CHECK(outcome.error == "cannot start /bin/sh: stopped before it was started");
      ++refused;
    } else {
      CHECK(outcome.signal == SIGTERM);
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("the end of a command is not undone by a stop that comes late", "[process_host]") {
  process_world world;
  auto run = world.start(shell("exit 7"));
  CHECK(run.outcome().exit_code == 7);
  world.host().stop(run.ticket);
  world.host().kill(run.ticket);
  CHECK(world.carry_out(shell("exit 8")).exit_code == 8);
}

// -- what is left behind --------------------------------------------------------------------------

TEST_CASE("a child that keeps the pipe open does not hold the run, and is ended",
          "[process_host]") {
  process_world world;
  auto run = world.start(shell("sleep 600 & echo $!; exit 5"));
  CHECK(run.outcome().exit_code == 5);
  const auto child = world.printed_pid(run);
  CHECK(eventually([&] { return !read_process(child); }));
}

TEST_CASE("a child that is left behind and ignores SIGTERM is killed", "[process_host]") {
  process_world world;
  auto run = world.start(with_grace(
      shell("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 600; done' & sleep 0.2"), 50ms));
  const auto child = world.printed_pid(run);
  CHECK(run.outcome().exit_code == 0);
  CHECK(eventually([&] { return !read_process(child); }));
}

TEST_CASE("a daemon that left the session is found and ended", "[process_host]") {
  process_world world;
  SECTION("by setsid") {
    auto run = world.start(shell("setsid -f sh -c 'echo $$; exec sleep 600'; exit 0"));
    CHECK(run.outcome().exit_code == 0);
    // The end of the run closed the pipe: the daemon is known by its environment.
    CHECK(eventually([&] { return children_of_ours() == 0; }));
  }
  SECTION("by a double fork, while the run goes on") {
    auto run = world.start(shell("(setsid -f sh -c 'echo $$; exec sleep 600' &); exec sleep 600"));
    const auto daemon = world.printed_pid(run);
    CHECK(is_alive(daemon));
    world.host().stop(run.ticket);
    CHECK(run.outcome().signal == SIGTERM);
    CHECK_FALSE(is_alive(daemon));
  }
  SECTION("one that ignores SIGTERM, with a child of its own in a third session") {
    auto run = world.start(with_grace(
        shell("setsid -f sh -c 'trap \"\" TERM; setsid sleep 600 & echo $!; while :; do sleep 600; "
              "done'; exec sleep 600"),
        50ms));
    const auto child = world.printed_pid(run);
    world.host().stop(run.ticket);
    CHECK(run.outcome().signal == SIGTERM);
    CHECK_FALSE(is_alive(child));
    CHECK(eventually([&] { return children_of_ours() == 0; }));
  }
}

TEST_CASE("the daemon of a run that goes on is left alone when another one ends",
          "[process_host]") {
  process_world world;
  auto run = world.start(shell("setsid -f sh -c 'echo $$; exec sleep 600'; exec sleep 600"));
  const auto daemon = world.printed_pid(run);
  auto other = world.start(shell("sleep 600 & echo $!"));
  other.outcome();
  const auto child = world.printed_pid(other);
  CHECK(eventually([&] { return !read_process(child); }));  // a scan of /proc has been
  CHECK(is_alive(daemon));
  world.end();
  CHECK_FALSE(is_alive(daemon));
}

TEST_CASE("orphans that end by themselves are not left as zombies", "[process_host]") {
  process_world world;
  auto run = world.start(
      shell("for i in 1 2 3 4 5; do (setsid -f true &); done; echo $$; exec sleep 600"));
  world.printed_pid(run);
  CHECK(eventually([] { return children_of_ours() == 1; }));
}

TEST_CASE("the end of the host ends all commands and calls nobody", "[process_host]") {
  process_world world;
  auto run = world.start(with_grace(
      shell("trap '' TERM; setsid -f sleep 601; sleep 600 & echo $!; while :; do sleep 600; done"),
      1h));
  auto polite = world.start(shell("printf kept; sleep 600"));
  const auto child = world.printed_pid(run);
  REQUIRE(eventually([&] { return !world.output.text(polite.id).empty(); }));
  world.end();
  CHECK_FALSE(is_alive(child));
  CHECK(children_of_ours() == 0);
  CHECK_THROWS_AS(run.done.get(), std::future_error);  // the promise went with the callback
  CHECK(world.output.finished(polite.id) == 1);
}

// -- many
// ---------------------------------------------------------------------------------------------

TEST_CASE("two thousand short commands leave nothing behind", "[process_host]") {
  constexpr std::size_t at_once = 100;
  constexpr std::size_t own_descriptors = 2;
  const auto threads = entries_of("/proc/self/task");
  const auto descriptors = entries_of("/proc/self/fd");
  process_world world;
  local_command what;
  what.args = {"true"};
  std::list<ordered_run> runs;
  for (int i = 0; i < 2000; ++i) {
    if (runs.size() == at_once) {
      CHECK(runs.front().outcome().exit_code == 0);
      runs.pop_front();
    }
    runs.push_back(world.start(what));
  }
  for (auto& each : runs)
    CHECK(each.outcome().exit_code == 0);
  CHECK(children_of_ours() == 0);
  // Not at once: the host may be reading /proc.
  CHECK(eventually([&] { return entries_of("/proc/self/fd") == descriptors + own_descriptors; }));
  world.end();
  CHECK(entries_of("/proc/self/fd") == descriptors);
  CHECK(entries_of("/proc/self/task") == threads);
}

TEST_CASE("floods from ten commands do not keep another one from its end", "[process_host]") {
  process_world world;
  world.output.be_full_after(~std::size_t{0});
  std::list<ordered_run> floods;
  for (int i = 0; i < 10; ++i)
    floods.push_back(world.start(shell("exec head -c 20000000 /dev/zero")));
  CHECK(world.output_of(shell("echo here")) == "here\n");
  for (auto& each : floods) {
    CHECK(each.outcome().exit_code == 0);
    CHECK(world.output.text(each.id).size() == 20'000'000);
  }
}

/// Forks for ever, whatever is said to it. With an argument, in a child of the first process, which
/// ends soon after.
constexpr const char* fork_bomb = R"(
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
if len(sys.argv) > 1 and os.fork() > 0:
    time.sleep(0.2)
    os._exit(0)
while True:
    try:
        os.fork()
    except OSError:
        pass
)";

TEST_CASE("a fork bomb under a limit of processes ends without a rest", "[process_host]") {
  if (::geteuid() != 0) {
    WARN("needs root, to run the bomb as a user without other processes");
    return;
  }
  const bool leader_ends = GENERATE(false, true);
  process_world world;
  local_command what;
  what.args = {"python3", "-c", fork_bomb};
  if (leader_ends)
    what.args.emplace_back("in a child");
  what.grace = 100ms;
  what.user = "nobody";
  what.processes_max = 60;
  auto run = world.start(what);
  const auto leader = world.printed_pid(run);
  REQUIRE(eventually([&] { return living_members(leader) >= 30; }));
  if (!leader_ends)
    world.host().stop(run.ticket);
  CHECK(run.outcome().signal == (leader_ends ? 0 : SIGKILL));
  CHECK(eventually([&] { return living_members(leader) == 0; }));
  CHECK(eventually([] { return children_of_ours() == 0; }));
}

// -- an earlier life
// -----------------------------------------------------------------------------------

TEST_CASE("what an earlier life of the server left behind is ended", "[process_host]") {
  const auto spawn = [](const char* mark, const char* line) {
    const auto pid = ::fork();
    if (pid == 0) {
      ::setsid();
      ::setenv("CARILLON_DATA", mark, 1);
      ::execl("/bin/sh", "sh", "-c", line, nullptr);
      ::_exit(127);
    }
    REQUIRE(pid > 0);
    REQUIRE(eventually([&] { return environment_value(pid, "CARILLON_DATA") == mark; }));
    return pid;
  };
  const auto has_ended = [](pid_t pid) {
    int status = 0;
    return ::waitpid(pid, &status, WNOHANG) == pid ? status : -1;
  };
  const auto polite = spawn("/data/one", "exec sleep 600");
  const auto stubborn = spawn("/data/one", "trap '' TERM; echo; while :; do sleep 600; done");
  const auto other = spawn("/data/one/more", "exec sleep 600");
  CHECK(end_leftovers("/data/one") >= 2);
  CHECK(has_ended(polite) == SIGTERM);
  CHECK(has_ended(stubborn) != -1);
  CHECK(is_alive(other));
  CHECK(end_leftovers("/data/one/more") == 1);
  CHECK(has_ended(other) == SIGTERM);
  CHECK(end_leftovers("/data/one") == 0);
}
