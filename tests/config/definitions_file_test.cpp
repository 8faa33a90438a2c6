#include "config/definitions_file.hpp"

#include "tests/config/definition_file.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;
using test::definitions_in;
using test::spec_in;
using test::specs_in;
using test::temporary_file;

// -- defaults -----------------------------------------------------------------

TEST_CASE("a task with nothing but a command has every default") {
  schedule_spec expected;
  expected.name = "backup";
  expected.kind = schedule_kind::manual;
  expected.overlap = {overlap_policy::queue, 1, 100};
  expected.catch_up = {catch_up_policy::latest, std::nullopt, 100};
  expected.work.task_type = "backup";
  expected.work.payload = "null";
  expected.work.retry = {0, backoff_kind::fixed, 5s, 5min};
  expected.work.timeout = 0ms;
  local_command command;
  command.args = {"/bin/sh", "-c", "backup --all"};
  command.grace = 5s;
  command.log = {100ULL << 20, log_on_full::drop_old};
  expected.work.command = command;
  expected.file = file_facts{"", true, restart_policy::never};

  CHECK(spec_in("[tasks.backup]\nrun = \"backup --all\"\n") == expected);
}

TEST_CASE("a service with nothing but a command has every default") {
  schedule_spec expected;
  expected.name = "web";
  expected.kind = schedule_kind::service;
  expected.work.task_type = "web";
  local_command command;
  command.args = {"/usr/bin/web"};
  command.grace = 5s;
  expected.work.command = command;
  expected.service.instances = 1;
  expected.service.restart = restart_policy::always;
  expected.service.waits = {0, backoff_kind::exponential, 1s, 60s};
  expected.file = file_facts{"", true, restart_policy::never};

  CHECK(spec_in("[services.web]\nargs = [\"/usr/bin/web\"]\n") == expected);
}

// -- keys ---------------------------------------------------------------------

TEST_CASE("a task takes every key it has") {
  const auto spec = spec_in(R"(
[tasks.backup]
args = ["/usr/bin/backup", "", "--all"]
cron = "0 */15 * * * *"
timezone = "Europe/Berlin"
description = "Saves it all"
group = "nightly"
api_trigger = false
on_overlap = "terminate"
parallelism = 3
queue_max = 7
catch_up = "all"
max_catch_up_runs = 11
retry_attempts = 4
retry_delay = "10s"
retry_backoff = "linear"
timeout = "1h30m"
graceful_stop = "0s"
working_dir = "/srv/./data"
user = "backup:disk"
env = { ZONE = "b", _A1 = "" }
max_processes = 64
log_max_size = "1kb"
log_on_full = "kill_task"
keep_runs = 5
keep_for = "2w"
)");
  CHECK(spec.kind == schedule_kind::cron);
  CHECK(spec.expr == "0 */15 * * * *");
  CHECK(spec.timezone == "Europe/Berlin");
  CHECK(spec.description == "Saves it all");
  CHECK(spec.file == file_facts{"nightly", false, restart_policy::never});
  CHECK(spec.overlap == overlap_rules{overlap_policy::terminate, 3, 7});
  CHECK(spec.catch_up == catch_up_rules{catch_up_policy::all, std::nullopt, 11});
  CHECK(spec.work.retry == retry_policy{4, backoff_kind::linear, 10s, 5min});
  CHECK(spec.work.timeout == 90min);
  CHECK(spec.keep == retention_rules{5, 14 * 24h});

  local_command command;
  command.args = {"/usr/bin/backup", "", "--all"};
  command.environment = {{"ZONE", "b"}, {"_A1", ""}};
  command.directory = "/srv/data";
  command.user = "backup:disk";
  command.processes_max = 64;
  command.grace = 0s;
  command.log = {1024, log_on_full::kill_task};
  CHECK(spec.work.command == command);
}

TEST_CASE("a service takes every key it has") {
  const auto spec = spec_in(R"(
[services.web]
run = "web"
description = "Serves"
group = "front"
api_trigger = false
instances = 64
restart = "on_failure"
restart_delay = "250ms"
restart_backoff = "constant"
graceful_stop = "1h"
working_dir = "/srv"
user = "www"
env.PORT = "80"
max_processes = 1
log_max_size = 1
log_on_full = "drop_new"
keep_runs = 1000000
keep_for = "PT1S"
)");
  CHECK(spec.description == "Serves");
  CHECK(spec.file == file_facts{"front", false, restart_policy::never});
  CHECK(spec.service
        == service_rules{64, restart_policy::on_failure, {0, backoff_kind::fixed, 250ms, 60s}});
  CHECK(spec.keep == retention_rules{1'000'000, 1s});

  local_command command;
  command.args = {"/bin/sh", "-c", "web"};
  command.environment = {{"PORT", "80"}};
  command.directory = "/srv";
  command.user = "www";
  command.processes_max = 1;
  command.grace = 1h;
  command.log = {1, log_on_full::drop_new};
  CHECK(spec.work.command == command);
}

TEST_CASE("a task with restart on failure is started again without end") {
  const auto of = [](const std::string& more) {
    return spec_in("[tasks.a]\nrun = \"x\"\nrestart = \"on_failure\"\n" + more);
  };
  CHECK(of("").work.retry
        == retry_policy{1'000'000'000, backoff_kind::exponential, 1s, 60s, restart_reset});
  CHECK(of("").file->restart == restart_policy::on_failure);
  CHECK(of("restart_delay = \"3s\"\nrestart_backoff = \"linear\"\n").work.retry
        == retry_policy{1'000'000'000, backoff_kind::linear, 3s, 60s, restart_reset});
}

TEST_CASE("choices are read by their names") {
  const auto task = [](const std::string& line) {
    return spec_in("[tasks.a]\nrun = \"x\"\n" + line);
  };
  CHECK(task("on_overlap = \"queue\"").overlap.policy == overlap_policy::queue);
  CHECK(task("on_overlap = \"skip\"").overlap.policy == overlap_policy::skip);
  CHECK(task("catch_up = \"latest\"").catch_up.policy == catch_up_policy::latest);
  CHECK(task("catch_up = \"skip\"").catch_up.policy == catch_up_policy::skip);
  CHECK(task("retry_backoff = \"constant\"").work.retry.backoff == backoff_kind::fixed);
  CHECK(task("retry_backoff = \"exponential\"").work.retry.backoff == backoff_kind::exponential);
  CHECK(task("restart = \"never\"").file->restart == restart_policy::never);
  CHECK(task("log_on_full = \"drop_old\"").work.command->log.on_full == log_on_full::drop_old);
  const auto service = [](const std::string& line) {
    return spec_in("[services.a]\nrun = \"x\"\n" + line).service.restart;
  };
  CHECK(service("restart = \"never\"") == restart_policy::never);
  CHECK(service("restart = \"always\"") == restart_policy::always);
}

TEST_CASE("a shell line may have several lines") {
  const auto spec = spec_in("[tasks.a]\nrun = \"\"\"\nset -e\nbackup\n\"\"\"\n");
  CHECK(spec.work.command->args.at(2) == "set -e\nbackup\n");
}

TEST_CASE("a relative folder begins at the folder of the file") {
  const temporary_file file{"[tasks.a]\nrun = \"x\"\nworking_dir = \"../data/./in\"\n"};
  const auto parent = std::filesystem::path{file.folder()}.parent_path().string();
  CHECK(definitions_in(file).at(0).spec->work.command->directory == parent + "/data/in");
}

TEST_CASE("variables may be given in any order and form, which changes no definition") {
  const auto inline_table = spec_in("[tasks.a]\nrun = \"x\"\nenv = { A = \"1\", B = \"2\" }\n");
  CHECK(inline_table == spec_in("[tasks.a]\nrun = \"x\"\n[tasks.a.env]\nB = \"2\"\nA = \"1\"\n"));
  CHECK(inline_table == spec_in("[tasks.a.env]\nB = \"2\"\nA = \"1\"\n[tasks.a]\nrun = \"x\"\n"));
  CHECK(spec_in("[tasks.a]\nrun = \"x\"\nenv = {}\n").work.command->environment.empty());
}

// -- zones and locations --------------------------------------------------------

TEST_CASE("the zone is the task's own, else the scheduler's, else UTC") {
  const auto specs = specs_in(R"(
[tasks.own]
run = "x"
timezone = "America/New_York"
[tasks.plain]
run = "x"
[services.web]
run = "x"
[scheduler]
timezone = "Europe/Berlin"
)");
  REQUIRE(specs.size() == 3);
  CHECK(specs[0].timezone == "America/New_York");
  CHECK(specs[1].timezone == "Europe/Berlin");
  CHECK(specs[2].timezone == "UTC");
  CHECK(spec_in("[scheduler]\n[tasks.a]\nrun = \"x\"\n").timezone == "UTC");
}

TEST_CASE("a definition knows where its rule and its zone stand") {
  const temporary_file file{R"([scheduler]
timezone = "Europe/Berlin"
[tasks.a]
run = "x"
cron = "@daily"
timezone = "UTC"
[tasks.b]
run = "x"
cron = "@daily"
)"};
  const auto all = definitions_in(file);
  CHECK(all.at(0).expr_location == file.path() + ":5: tasks.a.cron");
  CHECK(all.at(0).timezone_location == file.path() + ":6: tasks.a.timezone");
  CHECK(all.at(1).expr_location == file.path() + ":9: tasks.b.cron");
  CHECK(all.at(1).timezone_location == file.path() + ":2: scheduler.timezone");
}

TEST_CASE("without a zone of anybody the location is the task's") {
  const temporary_file file{"[tasks.a]\nrun = \"x\"\n"};
  CHECK(definitions_in(file).at(0).timezone_location == file.path() + ":1: tasks.a.timezone");
  CHECK(definitions_in(file).at(0).expr_location == file.path() + ":1: tasks.a.cron");
}

// -- the whole file -------------------------------------------------------------

TEST_CASE("definitions come sorted by name, tasks and services together") {
  const auto specs = specs_in(
      "[tasks.c]\nrun = \"x\"\n[services.b]\nrun = \"x\"\n[tasks.a]\nrun = \"x\"\n[tasks]\n");
  REQUIRE(specs.size() == 3);
  CHECK(specs[0].name == "a");
  CHECK(specs[1].name == "b");
  CHECK(specs[2].name == "c");
}

TEST_CASE("names may be quoted and hold dots, colons and dashes, up to 100 signs") {
  const std::string longest(100, 'n');
  const auto specs = specs_in("[tasks.\"db:backup.daily-1_\"]\nrun = \"x\"\n[tasks." + longest
                              + "]\nrun = \"x\"\n");
  REQUIRE(specs.size() == 2);
  CHECK(specs[0].name == "db:backup.daily-1_");
  CHECK(specs[0].work.task_type == "db:backup.daily-1_");
  CHECK(specs[1].name == longest);
}

TEST_CASE("a file without definitions defines nothing, and its settings are left alone") {
  CHECK(specs_in("").empty());
  CHECK(specs_in("[http]\nio_threads = 900\nlisten = 5\n[log]\n").empty());
}

TEST_CASE("lines may end as on Windows") {
  const temporary_file file{"[tasks.a]\r\nrun = \"x\"\r\ncron = \"@daily\"\r\n"};
  CHECK(definitions_in(file).at(0).spec->work.command->args.at(2) == "x");
  CHECK(definitions_in(file).at(0).expr_location == file.path() + ":3: tasks.a.cron");
}

TEST_CASE("a file may define a thousand tasks") {
  std::string text;
  for (int i = 1000; i > 0; --i)
    text += "[tasks.t" + std::to_string(i) + "]\nrun = \"echo " + std::to_string(i)
            + "\"\ncron = \"*/5 * * * *\"\nenv = { A = \"1\" }\n";
  const auto specs = specs_in(text);
  REQUIRE(specs.size() == 1000);
  CHECK(specs[0].name == "t1");
  CHECK(specs[0].work.command->args.at(2) == "echo 1");
  CHECK(specs[999].name == "t999");
}
