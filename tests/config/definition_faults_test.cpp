#include "tests/config/definition_file.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace carillon;
using test::definition_faults;
using test::spec_in;

namespace {

/// The one fault of a line in a section, after "carillon: carillon.toml:3: SECTION.".
std::string fault_in(const std::string& section, const std::string& line) {
  const auto text = definition_faults("[" + section + "]\nrun = \"x\"\n" + line + "\n");
  const auto prefix = "carillon: carillon.toml:3: " + section + ".";
  INFO(text);
  REQUIRE(text.starts_with(prefix));
  REQUIRE(std::ranges::count(text, '\n') == 1);
  return text.substr(prefix.size(), text.size() - prefix.size() - 1);
}

std::string task_fault(const std::string& line) {
  return fault_in("tasks.a", line);
}

std::string service_fault(const std::string& line) {
  return fault_in("services.a", line);
}

bool is_good(const std::string& line) {
  const test::temporary_file file{"[tasks.a]\nrun = \"x\"\n" + line + "\n"};
  return load_definitions(file.path()).has_value();
}

}  // namespace

// -- values -------------------------------------------------------------------

TEST_CASE("a value of the wrong type or out of bounds is told with what is allowed") {
  const auto [line, fault] = GENERATE(table<std::string, std::string>({
      {"description = 5", "description: expected a text of 0 to 2000 characters, found 5"},
      {"group = true", "group: expected a text of 0 to 100 characters, found true"},
      {"api_trigger = \"true\"", "api_trigger: expected true or false, found \"true\""},
      {"api_trigger = 1", "api_trigger: expected true or false, found 1"},
      {"cron = \"\"", "cron: expected a text of 1 to 8192 bytes, found \"\""},
      {"timezone = \"Mars Base\"",
       "timezone: expected an IANA time zone such as \"Europe/Berlin\", found \"Mars Base\""},
      {"timezone = \"../etc\"",
       "timezone: expected an IANA time zone such as \"Europe/Berlin\", found \"../etc\""},
      {"on_overlap = \"wait\"",
       "on_overlap: expected one of queue, skip, terminate, found \"wait\""},
      {"on_overlap = \"allow\"",
       "on_overlap: expected one of queue, skip, terminate, found \"allow\""},
      {"parallelism = \"2\"", "parallelism: expected a whole number from 1 to 1000, found \"2\""},
      {"queue_max = 1.5", "queue_max: expected a whole number from 1 to 10000, found 1.5"},
      {"catch_up = \"some\"", "catch_up: expected one of latest, all, skip, found \"some\""},
      {"max_catch_up_runs = 0",
       "max_catch_up_runs: expected a whole number from 1 to 10000, found 0"},
      {"retry_attempts = 101", "retry_attempts: expected a whole number from 0 to 100, found 101"},
      {"retry_delay = 5", "retry_delay: expected a duration from 0s to 365d, found 5"},
      {"retry_backoff = \"fixed\"",
       "retry_backoff: expected one of constant, linear, exponential, found \"fixed\""},
      {"timeout = \"0s\"", "timeout: expected a duration from 1ms to 36525d, found \"0s\""},
      {"restart = \"always\"",
       "restart: expected one of never, on_failure; what is always on is a service, in "
       "[services.NAME], found \"always\""},
      {"restart = true", "restart: expected one of never, on_failure, found true"},
      {"graceful_stop = \"61m\"",
       "graceful_stop: expected a duration from 0s to 1h, found \"61m\""},
      {"working_dir = \"\"", "working_dir: expected a text of 1 to 4096 bytes, found \"\""},
      {"user = \"a:\"",
       "user: expected an account such as \"backup\" or \"backup:disk\", found \"a:\""},
      {"user = \"a b\"",
       "user: expected an account such as \"backup\" or \"backup:disk\", found \"a b\""},
      {"user = \"a:b:c\"",
       "user: expected an account such as \"backup\" or \"backup:disk\", found \"a:b:c\""},
      {"env = [\"A=1\"]", "env: expected a table of at most 256 texts"},
      {"max_processes = 1000001",
       "max_processes: expected a whole number from 1 to 1000000, found 1000001"},
      {"log_max_size = 0", "log_max_size: expected a size from 1B to 1024GiB, found 0"},
      {"log_max_size = \"1 tb\"",
       "log_max_size: expected a size from 1B to 1024GiB, found \"1 tb\""},
      {"log_on_full = \"drop\"",
       "log_on_full: expected one of drop_new, drop_old, kill_task, found \"drop\""},
      {"keep_runs = 0", "keep_runs: expected a whole number from 1 to 1000000, found 0"},
      {"keep_runs = 9223372036854775807",
       "keep_runs: expected a whole number from 1 to 1000000, found 9223372036854775807"},
      {"queue_max = 4294967297",
       "queue_max: expected a whole number from 1 to 10000, found 4294967297"},
      {"keep_for = \"0d\"", "keep_for: expected a duration from 1ms to 36525d, found \"0d\""},
      {"keep_for = { days = 1 }",
       "keep_for: expected a duration from 1ms to 36525d, found a table"},
  }));
  CAPTURE(line);
  CHECK(task_fault(line) == fault);
}

TEST_CASE("values of services are checked the same") {
  CHECK(service_fault("instances = 0")
        == "instances: expected a whole number from 1 to 64, found 0");
  CHECK(service_fault("instances = 65")
        == "instances: expected a whole number from 1 to 64, found 65");
  CHECK(service_fault("restart = \"sometimes\"")
        == "restart: expected one of never, on_failure, always, found \"sometimes\"");
  CHECK(service_fault("restart_delay = \"soon\"")
        == "restart_delay: expected a duration from 0s to 365d, found \"soon\"");
  CHECK(service_fault("restart_backoff = 2")
        == "restart_backoff: expected one of constant, linear, exponential, found 2");
}

TEST_CASE("numbers are accepted at their bounds") {
  const std::string line = GENERATE(
      "parallelism = 1", "parallelism = 1000", "queue_max = 1", "queue_max = 10000",
      "max_catch_up_runs = 1", "max_catch_up_runs = 10000", "retry_attempts = 0",
      "retry_attempts = 100", "retry_delay = \"0s\"", "retry_delay = \"365d\"", "timeout = \"1ms\"",
      "timeout = \"36525d\"", "graceful_stop = \"0s\"", "graceful_stop = \"1h\"",
      "max_processes = 1", "max_processes = 1000000", "log_max_size = 1",
      "log_max_size = \"1024gb\"", "keep_runs = 1", "keep_runs = 1000000", "keep_for = \"1ms\"");
  CAPTURE(line);
  CHECK(is_good(line));
}

TEST_CASE("texts are accepted at their bounds and refused beyond them") {
  const auto text = [](const std::string& key, std::size_t length, const std::string& letter) {
    std::string value;
    for (std::size_t i = 0; i < length; ++i)
      value += letter;
    return is_good(key + " = \"" + value + "\"");
  };
  CHECK(text("description", 2000, "ä"));
  CHECK_FALSE(text("description", 2001, "a"));
  CHECK(text("group", 100, "ä"));
  CHECK_FALSE(text("group", 101, "a"));
  CHECK(text("cron", 8192, "*"));
  CHECK_FALSE(text("cron", 8193, "*"));
  CHECK(text("timezone", 255, "a"));
  CHECK_FALSE(text("timezone", 256, "a"));
  CHECK_FALSE(is_good("working_dir = \"a\\u0000b\""));
  CHECK_FALSE(is_good("group = \"a\\u0000b\""));
}

// -- the command ----------------------------------------------------------------

TEST_CASE("a definition has either run or args") {
  CHECK(definition_faults("[tasks.a]\ncron = \"@daily\"\n[services.b]\n")
        == "carillon: carillon.toml:1: tasks.a.run: is missing: what is started, as run or as "
           "args\n"
           "carillon: carillon.toml:3: services.b.run: is missing: what is started, as run or as "
           "args\n");
  CHECK(task_fault("args = [\"x\"]")
        == "args: is one too many: a definition has either run or args");
  CHECK(definition_faults("[tasks.a]\nargs = [\"x\"]\nrun = \"x\"\n")
        == "carillon: carillon.toml:3: tasks.a.run: is one too many: a definition has either run "
           "or args\n");
}

TEST_CASE("a command is a text of sane length, or a list of texts that names a program") {
  const auto [line, fault] = GENERATE(table<std::string, std::string>({
      {"run = \"\"", "run: expected a text of 1 to 131071 bytes, found \"\""},
      {"run = \"a\\u0000b\"", "run: expected a text of 1 to 131071 bytes, found \"a\\u0000b\""},
      {"run = [\"x\"]", "run: expected a text of 1 to 131071 bytes, found [ 'x' ]"},
      {"args = \"x\"",
       "args: expected a list of 1 to 1024 texts, the first of them not empty, found \"x\""},
      {"args = []",
       "args: expected a list of 1 to 1024 texts, the first of them not empty, found []"},
      {"args = [\"\"]",
       "args: expected a list of 1 to 1024 texts, the first of them not empty, found [ '' ]"},
      {"args = [\"x\", 1]",
       "args: expected a list of 1 to 1024 texts, the first of them not empty, found [ 'x', 1 ]"},
  }));
  CHECK(definition_faults("[tasks.a]\n" + line + "\n")
        == "carillon: carillon.toml:2: tasks.a." + fault + "\n");
}

TEST_CASE("no argument holds a zero byte") {
  CHECK(definition_faults("[tasks.a]\nargs = [\"x\", \"a\\u0000b\"]\n")
            .starts_with("carillon: carillon.toml:2: tasks.a.args: expected a list"));
}

// -- variables ------------------------------------------------------------------

TEST_CASE("variables have the names of variables, and texts that are never told") {
  CHECK(task_fault("env = { \"1A\" = \"x\" }")
        == "env.1A: is no name of a variable: letters, digits and _, the first no digit");
  CHECK(task_fault("env = { \"A B\" = \"x\" }")
        == "env.\"A B\": is no name of a variable: letters, digits and _, the first no digit");
  CHECK(task_fault("env = { CARILLON_TOKEN = \"x\" }")
        == "env.CARILLON_TOKEN: is refused: names that begin with CARILLON_ are the server's");
  CHECK(task_fault("env = { A = 12345 }") == "env.A: expected a text of 0 to 32768 bytes");
  CHECK(task_fault("env = { A = \"se\\u0000cret\" }")
        == "env.A: expected a text of 0 to 32768 bytes");
  CHECK(task_fault("env = { A = { B = \"x\" } }") == "env.A: expected a text of 0 to 32768 bytes");
  CHECK(is_good("env = { A = \"" + std::string(32'768, 'x') + "\" }"));
  CHECK(task_fault("env = { A = \"" + std::string(32'769, 'x') + "\" }")
        == "env.A: expected a text of 0 to 32768 bytes");
}

TEST_CASE("a definition has at most 256 variables") {
  const auto with = [](int count) {
    std::string line = "env = { A0 = \"x\"";
    for (int i = 1; i < count; ++i)
      line += ", A" + std::to_string(i) + " = \"x\"";
    return line + " }";
  };
  CHECK(is_good(with(256)));
  CHECK(task_fault(with(257)) == "env: expected at most 256 variables, found 257");
}

// -- keys ---------------------------------------------------------------------

TEST_CASE("an unknown key is told with the one that may have been meant") {
  CHECK(task_fault("on_overlaps = \"queue\"")
        == "on_overlaps: is not a key of tasks; did you mean on_overlap?");
  CHECK(task_fault("elephant = 1") == "elephant: is not a key of tasks");
  CHECK(service_fault("instance = 2")
        == "instance: is not a key of services; did you mean instances?");
  CHECK(task_fault("hooks = { before = 1, after = { x = 1 } }") == "hooks: is not a key of tasks");
  CHECK(definition_faults("[scheduler]\ntimezon = \"UTC\"\n")
        == "carillon: carillon.toml:2: scheduler.timezon: is not a key of scheduler; did you mean "
           "timezone?\n");
}

TEST_CASE("a service refuses the keys of tasks and says why") {
  const auto [line, reason] = GENERATE(table<std::string, std::string>({
      {"cron = \"@daily\"",
       "cron: is not for services, which are always on; what runs by the clock is a task, in "
       "[tasks.NAME]"},
      {"timezone = \"UTC\"",
       "timezone: is not for services, which are always on; what runs by the clock is a task, in "
       "[tasks.NAME]"},
      {"on_overlap = \"skip\"",
       "on_overlap: is not for services, whose runs never overlap; instances is how many are on "
       "at once"},
      {"parallelism = 2",
       "parallelism: is not for services, whose runs never overlap; instances is how many are on "
       "at once"},
      {"queue_max = 2",
       "queue_max: is not for services, whose runs never overlap; instances is how many are on at "
       "once"},
      {"catch_up = \"all\"",
       "catch_up: is not for services, which are always on: they miss nothing"},
      {"max_catch_up_runs = 1",
       "max_catch_up_runs: is not for services, which are always on: they miss nothing"},
      {"retry_attempts = 1",
       "retry_attempts: is not for services, which are started again by restart; use "
       "restart_delay, restart_backoff"},
      {"retry_delay = \"1s\"",
       "retry_delay: is not for services, which are started again by restart; use restart_delay, "
       "restart_backoff"},
      {"retry_backoff = \"linear\"",
       "retry_backoff: is not for services, which are started again by restart; use "
       "restart_delay, restart_backoff"},
      {"timeout = \"1s\"", "timeout: is not for services, which are always on: no run is too long"},
  }));
  CHECK(service_fault(line) == reason);
}

TEST_CASE("a task has no instances") {
  CHECK(task_fault("instances = 2")
        == "instances: is not for tasks; parallelism is how many runs of a task may be open at "
           "once");
}

TEST_CASE("a task is either retried or restarted") {
  const std::string needs =
      ": needs restart = \"on_failure\" on a task; for retries use retry_delay and retry_backoff";
  CHECK(task_fault("restart_delay = \"1s\"") == "restart_delay" + needs);
  CHECK(task_fault("restart_backoff = \"linear\"") == "restart_backoff" + needs);

  const std::string has_none =
      ": is not for a task with restart = \"on_failure\", which has no other retries; use "
      "restart_delay and restart_backoff\n";
  CHECK(definition_faults("[tasks.a]\nrun = \"x\"\nretry_attempts = 0\nretry_delay = \"1s\"\n"
                          "restart = \"on_failure\"\nretry_backoff = \"linear\"\n")
        == "carillon: carillon.toml:3: tasks.a.retry_attempts" + has_none
               + "carillon: carillon.toml:4: tasks.a.retry_delay" + has_none
               + "carillon: carillon.toml:6: tasks.a.retry_backoff" + has_none);
}

TEST_CASE("a restart at fault causes no second fault by other keys") {
  CHECK(definition_faults("[tasks.a]\nrun = \"x\"\nrestart = \"x\"\nrestart_delay = \"1s\"\n")
        == "carillon: carillon.toml:3: tasks.a.restart: expected one of never, on_failure, found "
           "\"x\"\n");
}

// -- sections and names -----------------------------------------------------------

TEST_CASE("what is not a section is told with the form it should have") {
  CHECK(definition_faults("tasks = 5\nservices = []\nscheduler = \"UTC\"\n")
        == "carillon: carillon.toml:1: tasks: is a section; expected [tasks.NAME], found 5\n"
           "carillon: carillon.toml:2: services: is a section; expected [services.NAME], found []\n"
           "carillon: carillon.toml:3: scheduler: is a section; expected [scheduler], found "
           "\"UTC\"\n");
  CHECK(definition_faults("[tasks]\nrun = \"x\"\n")
        == "carillon: carillon.toml:2: tasks.run: is a section; expected [tasks.run], found "
           "\"x\"\n");
  CHECK(definition_faults("[[tasks.a]]\nrun = \"x\"\n")
        == "carillon: carillon.toml:1: tasks.a: is a section; expected [tasks.a], found [ { run = "
           "'x' } ]\n");
}

TEST_CASE("the scheduler's zone is checked where it stands, once") {
  CHECK(definition_faults("[scheduler]\ntimezone = 1\n[tasks.a]\nrun = \"x\"\n")
        == "carillon: carillon.toml:2: scheduler.timezone: expected an IANA time zone such as "
           "\"Europe/Berlin\", found 1\n");
}

TEST_CASE("a name is of 1 to 100 letters, digits and a few signs") {
  const std::string name =
      GENERATE(as<std::string>{}, "", "a b", "a/b", "ä", std::string(101, 'n'));
  CAPTURE(name);
  const auto text = definition_faults("[tasks.\"" + name + "\"]\nrun = \"x\"\n");
  CHECK(text.starts_with("carillon: carillon.toml:1: tasks."));
  CHECK(text.ends_with(": expected a name of 1 to 100 letters, digits and . _ : -\n"));
}

TEST_CASE("a name is used once, over tasks and services") {
  CHECK(definition_faults("[services.a]\nrun = \"x\"\n[tasks.a]\nrun = \"x\"\n")
        == "carillon: carillon.toml:3: tasks.a: is named like services.a of line 1: names are "
           "unique over tasks and services\n");
  CHECK(definition_faults("[tasks.a]\nrun = \"x\"\n[tasks.a]\nrun = \"y\"\n")
        == "carillon: carillon.toml:3: Error while parsing table header: cannot redefine existing "
           "table 'tasks.a'\n");
}

// -- the whole file -------------------------------------------------------------

TEST_CASE("all faults of the definitions are told at once, in the order of the lines") {
  CHECK(definition_faults(R"([services."b:1"]
run = "x"
instances = 0
cron = "@daily"
[tasks.a]
on_overlap = "wait"
[tasks.a.env]
"A-B" = "x"
[scheduler]
timezone = ""
)") == R"(carillon: carillon.toml:3: services."b:1".instances: expected a whole number from 1 to 64, found 0
carillon: carillon.toml:4: services."b:1".cron: is not for services, which are always on; what runs by the clock is a task, in [tasks.NAME]
carillon: carillon.toml:5: tasks.a.run: is missing: what is started, as run or as args
carillon: carillon.toml:6: tasks.a.on_overlap: expected one of queue, skip, terminate, found "wait"
carillon: carillon.toml:8: tasks.a.env.A-B: is no name of a variable: letters, digits and _, the first no digit
carillon: carillon.toml:10: scheduler.timezone: expected an IANA time zone such as "Europe/Berlin", found ""
)");
}

TEST_CASE("a section of neither settings nor definitions is a fault, with what may be meant") {
  CHECK(definition_faults("[task.backup]\nrun = \"x\"\n[http]\nio_threads = 2\n")
        == "carillon: carillon.toml:2: task.backup.run: is not a setting; did you mean "
           "tasks.backup.run?\n");
}

TEST_CASE("a file that cannot be read has no definitions") {
  const auto loaded = load_definitions("/nowhere/carillon.toml");
  REQUIRE(loaded.has_error());
  CHECK(loaded.error().faults.at(0).location == "/nowhere/carillon.toml");
}

TEST_CASE("a long value is cut short in a fault of a definition") {
  const test::temporary_file file{"[tasks.a]\nrun = \"x\"\non_overlap = \"" + std::string(9999, 'x')
                                  + "\"\n"};
  CHECK(load_definitions(file.path()).error().faults.at(0).value.size() == fault_value_bytes_max);
}
