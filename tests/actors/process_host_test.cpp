// How commands start, what they are given, what they print, how their end is told.
#include "actors/process_host.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <set>

#include "tests/actors/process_world.hpp"
#include "tests/storage/temporary_folder.hpp"

using namespace carillon;
using namespace carillon::test;
using ending = command_outcome::ending;

namespace {

std::filesystem::path write_file(const std::filesystem::path& path, const std::string& text,
                                 mode_t mode) {
  std::ofstream{path} << text;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

/// Tried out, since it depends on limits and on what the kernel does with cores.
bool machine_dumps_cores_in(const std::filesystem::path& folder) {
  const auto pid = ::fork();
  if (pid == 0) {
    const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_CORE, &all);
    ::signal(SIGSEGV, SIG_DFL);
    if (::chdir(folder.c_str()) == 0)
      ::kill(::getpid(), SIGSEGV);
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFSIGNALED(status) && WCOREDUMP(status);
}

std::string refusal(process_world& world, const local_command& what) {
  const auto outcome = world.carry_out(what);
  CHECK(outcome.how == ending::not_started);
  return outcome.error;
}

}  // namespace

// -- the end --------------------------------------------------------------------------

TEST_CASE("the exit code of a command is told exactly", "[process_host]") {
  process_world world;
  const int code = GENERATE(0, 1, 42, 126, 127, 200, 255);
  const auto outcome = world.carry_out(shell("exit " + std::to_string(code)));
  CHECK(outcome.how == ending::exited);
  CHECK(outcome.exit_code == code);
  CHECK(outcome.signal == 0);
  CHECK(outcome.error == (code == 0 ? "" : "exit code " + std::to_string(code)));
}

TEST_CASE("a signal that ended a command is told by its name", "[process_host]") {
  process_world world;
  const auto [number, text] = GENERATE(table<int, std::string>({
      {SIGKILL, "killed by SIGKILL (signal 9)"},
      {SIGTERM, "killed by SIGTERM (signal 15)"},
      {SIGHUP, "killed by SIGHUP (signal 1)"},
      {SIGUSR1, "killed by SIGUSR1 (signal 10)"},
      {40, "killed by signal 40"},
  }));
  const auto outcome = world.carry_out(shell("kill -" + std::to_string(number) + " $$"));
  CHECK(outcome.how == ending::signaled);
  CHECK(outcome.signal == number);
  CHECK(outcome.exit_code == 128 + number);
  CHECK_FALSE(outcome.dumped_core);
  CHECK(outcome.error == text);
}

TEST_CASE("a command that dumped its core says so", "[process_host]") {
  const temporary_folder folder;
  const bool dumps = machine_dumps_cores_in(folder.path());
  process_world world;
  auto what = shell("ulimit -c unlimited; kill -SEGV $$");
  what.directory = folder.path();
  const auto outcome = world.carry_out(what);
  CHECK(outcome.how == ending::signaled);
  CHECK(outcome.exit_code == 139);
  CHECK(outcome.dumped_core == dumps);
  CHECK(outcome.error
        == std::string{"killed by SIGSEGV (signal 11)"} + (dumps ? ", core dumped" : ""));
}

// -- no start ---------------------------------------------------------------------------

TEST_CASE("a command that cannot start is told why", "[process_host]") {
  const temporary_folder folder;
  process_world world;
  local_command what;

  what.args = {"/no/such"};
  CHECK(refusal(world, what) == "cannot start /no/such: no such file or directory");
  what.args = {"carillon-no-such-program"};
  CHECK(refusal(world, what) == "cannot start carillon-no-such-program: no such file or directory");
  what.args = {""};
  CHECK(refusal(world, what) == "cannot start : no such file or directory");
  what.args = {"/usr/bin"};
  CHECK(refusal(world, what) == "cannot start /usr/bin: permission denied");
  what.args = {"true", std::string{"a\0b", 3}};
  CHECK(refusal(world, what) == "cannot start true: an argument holds a zero byte");
  what.args = {"true", std::string(3'000'000, 'x')};
  CHECK(refusal(world, what) == "cannot start true: argument list too long");

  const auto plain = write_file(folder.path() / "plain", "exit 0\n", 0644).string();
  what.args = {plain};
  CHECK(refusal(world, what) == "cannot start " + plain + ": permission denied");
  const auto text = write_file(folder.path() / "text", "exit 0\n", 0755).string();
  what.args = {text};
  CHECK(refusal(world, what) == "cannot start " + text + ": exec format error");
  what.processes_max = 100;  // the tool that sets it would have made a shell script of it
  CHECK(refusal(world, what) == "cannot start " + text + ": exec format error");
  what.processes_max = 0;
  const auto orphan = write_file(folder.path() / "script", "#!/no/such/shell\n", 0755).string();
  what.args = {orphan};
  CHECK(refusal(world, what) == "cannot start " + orphan + ": no such file or directory");

  what.args = {"true"};
  what.directory = "/no/such/place";
  CHECK(refusal(world, what)
        == "cannot start true: directory /no/such/place: no such file or directory");
  what.directory = plain;
  CHECK(refusal(world, what) == "cannot start true: directory " + plain + ": not a directory");
  what.directory.clear();

  what.user = "carillon_nobody_has_this_name";
  CHECK(refusal(world, what) == "cannot start true: unknown user carillon_nobody_has_this_name");
  what.user = "root:carillon_no_group";
  CHECK(refusal(world, what) == "cannot start true: unknown group carillon_no_group");
  what.user.clear();

  what.environment = {{"A=B", "c"}};
  CHECK(refusal(world, what) == "cannot start true: the variable \"A=B\" cannot be set");
}

TEST_CASE("a command is refused when descriptors run out, and the next one starts",
          "[process_host]") {
  process_world world;
  CHECK(world.carry_out(shell("true")).exit_code == 0);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const descriptor highest{::dup(0)};
  const rlimit tight{static_cast<rlim_t>(highest.get()) + 2, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
  const auto outcome = world.carry_out(shell("true"));
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(outcome.how == ending::not_started);
  CHECK(outcome.error == "cannot start /bin/sh: too many open files");
  CHECK(world.carry_out(shell("true")).exit_code == 0);
}

TEST_CASE("a program is looked for in the command's own PATH and directory", "[process_host]") {
  const temporary_folder folder;
  write_file(folder.path() / "mine", "#!/bin/sh\necho it is $0 in $(pwd)\n", 0755);
  process_world world;
  local_command what;
  what.directory = folder.path();
  what.args = {"./mine"};
  CHECK(world.output_of(what) == "it is ./mine in " + folder.path().string() + "\n");
  what.args = {"mine"};
  what.environment = {{"PATH", "/no/such:" + folder.path().string() + ":/usr/bin:/bin"}};
  CHECK(world.output_of(what)
        == "it is " + (folder.path() / "mine").string() + " in " + folder.path().string() + "\n");
}

// -- output -------------------------------------------------------------------------------

TEST_CASE("both streams are kept apart and in order", "[process_host]") {
  process_world world;
  auto run =
      world.start(shell("for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf end"));
  CHECK(run.outcome().exit_code == 0);
  CHECK(world.output.text(run.id) == "out 1\nout 2\nout 3\nend");
  CHECK(world.output.text(run.id, storage::log_stream::err) == "err 1\nerr 2\nerr 3\n");
  CHECK(world.output.finished(run.id) == 1);
  CHECK(world.outputs_told > 0);
}

TEST_CASE("a large output is kept whole, also what is printed right before the end",
          "[process_host]") {
  process_world world;
  const auto text =
      world.output_of(shell("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); "
                            "done; head -c 3000000 /dev/zero | tr '\\0' x"));
  std::string expected;
  for (int i = 0; i < 3000; ++i)
    expected += "line " + std::to_string(i) + '\n';
  CHECK((text == expected + std::string(3'000'000, 'x')));
}

TEST_CASE("output is told while the command still runs", "[process_host]") {
  process_world world;
  auto run = world.start(shell("echo $$; exec sleep 60"));
  CHECK(is_alive(world.printed_pid(run)));
  CHECK(world.outputs_told > 0);
  CHECK_FALSE(run.is_done());
}

TEST_CASE("a prompt without the end of its line is kept while the command waits",
          "[process_host]") {
  process_world world;
  auto run = world.start(shell("printf 'Password: '; exec sleep 60"));
  CHECK(eventually([&] { return world.output.flushed(run.id) == 1; }));
  CHECK_FALSE(run.is_done());
}

TEST_CASE("a log that is full ends a command that may be ended for it, with its children",
          "[process_host]") {
  process_world world;
  world.output.be_full_after(10'000);
  auto what = shell("trap '' TERM; echo $$ >&2; yes & exec yes");  // both inherit it
  what.grace = 30ms;
  auto run = world.start(what);
  const auto outcome = run.outcome();
  CHECK(outcome.how == ending::log_full);
  CHECK(outcome.signal == SIGKILL);
  CHECK(outcome.error == "its log was full");
  CHECK(world.output.text(run.id).size() > 10'000);
  CHECK(living_members(std::stoi(world.output.text(run.id, storage::log_stream::err))) == 0);
}

// -- what a command is given ------------------------------------------------------------------

TEST_CASE("the environment of a command is the allow-list and what it was given",
          "[process_host]") {
  ::setenv("CARILLON_TOKEN_TEST", "secret", 1);
  ::setenv("LD_PRELOAD_TEST", "x", 1);
  ::setenv("LC_TEST", "kept", 1);
  ::setenv("TZ", "UTC", 1);
  process_world world;
  world.facts = {{"CARILLON_TASK", "nightly"}, {"FACT", "wins"}};
  local_command what;
  what.args = {"/usr/bin/env"};
  what.environment = {{"MINE", "1"}, {"TZ", "Europe/Rome"}, {"FACT", "loses"}};
  auto run = world.start(what);
  run.outcome();
  std::set<std::string> names;
  std::map<std::string, std::string> values;
  std::istringstream lines{world.output.text(run.id)};
  for (std::string line; std::getline(lines, line);)
    values[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);

  const std::set<std::string> allowed{
      "PATH", "HOME", "USER",          "LOGNAME", "SHELL",           "LANG",         "TZ",
      "MINE", "FACT", "CARILLON_TASK", "TMPDIR",  "CARILLON_RUN_ID", "CARILLON_DATA"};
  for (const auto& [name, value] : values)
    CHECK((allowed.contains(name) || name.starts_with("LC_")));
  CHECK_FALSE(values.at("PATH").empty());
  CHECK(values.at("LC_TEST") == "kept");
  CHECK(values.at("TZ") == "Europe/Rome");
  CHECK(values.at("MINE") == "1");
  CHECK(values.at("FACT") == "wins");
  CHECK(values.at("CARILLON_TASK") == "nightly");
  CHECK(values.at("CARILLON_RUN_ID") == to_uuid(run.id));
  CHECK(values.at("CARILLON_DATA") == "/data/of/tests");
}

TEST_CASE("a command gets an empty stdin, two pipes and no other descriptor", "[process_host]") {
  const descriptor leaky{::dup(0)};  // without FD_CLOEXEC
  process_world world;
  CHECK(world.output_of(shell("exec ls /proc/self/fd")) == "0\n1\n2\n3\n");  // 3: what ls opens
  CHECK(world.output_of(shell("cat; readlink /proc/self/fd/0")) == "/dev/null\n");
}

TEST_CASE("a command starts with default signals, in a session of its own", "[process_host]") {
  sigset_t term;
  sigset_t before;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &before);
  const auto pipe_before = ::signal(SIGPIPE, SIG_IGN);
  std::string text;
  {
    process_world world;
    local_command what;
    what.args = {"grep", "-E", "^(SigBlk|SigIgn|NSsid|NSpgid|Pid):", "/proc/self/status"};
    text = world.output_of(what);
  }
  ::signal(SIGPIPE, pipe_before);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(text.find("SigBlk:\t0000000000000000") != std::string::npos);
  CHECK(text.find("SigIgn:\t0000000000000000") != std::string::npos);
  const auto field = [&](const std::string& name) {
    return std::stol(text.substr(text.find(name) + name.size()));
  };
  CHECK(field("NSsid:") == field("Pid:"));
  CHECK(field("NSpgid:") == field("Pid:"));
}

TEST_CASE("a limit of processes is put on the command", "[process_host]") {
  process_world world;
  auto what = shell("grep 'Max processes' /proc/self/limits");
  what.processes_max = 57;
  const auto text = world.output_of(what);
  CHECK(std::count(text.begin(), text.end(), '7') == 2);
}

TEST_CASE("a command runs as the user that was asked for", "[process_host]") {
  if (::geteuid() != 0) {
    WARN("only root can change the user");
    return;
  }
  process_world world;
  auto what = shell(
      "id -u; id -g; id -G; echo $USER $LOGNAME $HOME; grep NoNewPrivs "
      "/proc/self/status; grep CapEff /proc/self/status");
  what.user = "nobody";
  what.processes_max = 1000;
  CHECK(world.output_of(what)
        == "65534\n65534\n65534\nnobody nobody /nonexistent\nNoNewPrivs:\t1\n"
           "CapEff:\t0000000000000000\n");
  what = shell("id -u; id -g");
  what.user = "65534:daemon";
  CHECK(world.output_of(what) == "65534\n1\n");
  what.user = "root";
  CHECK(world.output_of(what) == "0\n0\n");
}
