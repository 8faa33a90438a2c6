#include "tests/tools/cli/calling.hpp"

namespace carillon::cli {

using namespace test;

TEST_CASE("a command is its noun, its verb and what it was given", "[cli]") {
  const auto list = called("tasks list --status failed,queued --limit 3 -o json -q");
  CHECK(list.what == find_verb("tasks", "list"));
  CHECK(*list.find("status") == "failed,queued");
  CHECK(*list.find("limit") == "3");
  CHECK(list.options.as == output_form::json);
  CHECK(list.options.is_quiet);
  CHECK_FALSE(list.has("tag"));
}

TEST_CASE("options may stand before, between and behind positions", "[cli]") {
  for (const auto* line : {"tasks get --url http://a task_1", "tasks get task_1 --url http://a"}) {
    const auto get = called(line);
    CHECK(*get.find("id") == "task_1");
    CHECK(get.options.url == "http://a");
  }
}

TEST_CASE("a negative number and a single dash are values", "[cli]") {
  CHECK(*called("runs log r1 --from -20").find("from") == "-20");
  CHECK(called("tasks create --data -").data == "-");
}

TEST_CASE("what watches looks every two seconds unless told else", "[cli]") {
  CHECK_FALSE(called("tasks list").options.watch);
  CHECK(called("tasks list --watch").options.watch == duration{2'000});
  CHECK(called("tasks get -w task_1").options.watch == duration{2'000});
  CHECK(called("tasks list --watch=250ms").options.watch == duration{250});
  CHECK(refused("tasks list --watch=often").exit_code == 2);
}

TEST_CASE("what is missing, strange or given twice is a fault of usage", "[cli]") {
  for (const auto* line : {"tasks get", "tasks list --nonsense 1", "tasks list --limit 1 --limit 2",
                           "tasks create --backoff sometimes", "tasks list more", "tasks",
                           "tasks lst", "schedules snooze schedule_1", "tasks list -o yaml"}) {
    CAPTURE(line);
    CHECK(refused(line).exit_code == 2);
  }
}

TEST_CASE("a mistyped verb or option is answered with what was meant", "[cli]") {
  CHECK(contains(refused("tasks lst").text, "did you mean list?"));
  CHECK(contains(refused("tasks list --statsu x").text, "did you mean --status?"));
}

TEST_CASE("help of a noun names its verbs, help of a command its options", "[cli]") {
  const auto noun = refused("queues --help");
  CHECK(noun.exit_code == 0);
  CHECK(contains(noun.text, "resume"));
  const auto verb = refused("queues set --help");
  CHECK(verb.exit_code == 0);
  CHECK(contains(verb.text, "--rate-period DURATION"));
  CHECK(contains(verb.text, "CARILLON_TOKEN"));
}

TEST_CASE("no option takes a token", "[cli]") {
  for (const auto& one : all_verbs())
    for (const auto& option : common_options_of(one))
      CHECK(option.name != "--token");
}

TEST_CASE("only a noun makes a command line one of a client", "[cli]") {
  CHECK(is_client_command({"tasks", "list"}));
  CHECK_FALSE(is_client_command({"serve"}));
  CHECK_FALSE(is_client_command({"--version"}));
  CHECK_FALSE(is_client_command({}));
}

}  // namespace carillon::cli
