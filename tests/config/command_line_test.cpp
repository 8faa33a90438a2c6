#include "config/command_line.hpp"

#include "model/json.hpp"
#include "tests/config/temporary_file.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace carillon;
using test::temporary_file;

namespace {

done_command done(const std::vector<std::string>& arguments,
                  const environment_map& environment = {}) {
  const auto read = read_command_line(arguments, environment);
  REQUIRE(std::holds_alternative<done_command>(read));
  return std::get<done_command>(read);
}

settings served(const std::vector<std::string>& arguments,
                const environment_map& environment = {}) {
  const auto read = read_command_line(arguments, environment);
  if (const auto* const failed = std::get_if<done_command>(&read))
    FAIL(failed->text);
  return std::get<serve_command>(read).values;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("serve takes its settings from all flags") {
  const auto values = served({"serve", "--data", "here", "--listen", "a:1", "--listen=b:2",
                              "--clock=manual", "--allow-target", "10.0.0.0/8", "--allow-target",
                              "fd00::/8", "--log-level", "debug", "--log-format", "json"});
  CHECK(values.store.data == "here");
  CHECK(values.http.listen == std::vector<endpoint>{{"a", 1}, {"b", 2}});
  CHECK(values.clock.mode == clock_mode::manual);
  CHECK(values.delivery.allow_targets == std::vector<std::string>{"10.0.0.0/8", "fd00::/8"});
  CHECK(values.log.level == log_level::debug);
  CHECK(values.log.format == log_format::json);
}

TEST_CASE("serve without flags takes the defaults") {
  CHECK(served({"serve"}).http.listen == settings{}.http.listen);
}

TEST_CASE("serve reads the file of --config, and flags beat it") {
  const temporary_file file{"[store]\ndata = \"file\"\n[http]\nio_threads = 2\n"};
  const auto values = served({"serve", "--config", file.path(), "--data", "flag"});
  CHECK(values.store.data == "flag");
  CHECK(values.http.io_threads == 2);
}

TEST_CASE("serve comes with the definitions and the file they are in") {
  const temporary_file file{"[tasks.a]\nrun = \"x\"\n"};
  const auto read = read_command_line({"serve", "--config", file.path()}, {});
  const auto& serve = std::get<serve_command>(read);
  CHECK(serve.file == file.path());
  REQUIRE(serve.definitions.size() == 1);
  CHECK(serve.definitions[0].spec->name == "a");
}

TEST_CASE("serve and config show refuse a file whose definitions have faults") {
  const temporary_file file{"[tasks.a]\ncron = 5\nrun = \"x\"\n"};
  const auto fault = "carillon: " + file.path()
                     + ":2: tasks.a.cron: expected a text of 1 to 8192 bytes, found 5\n";
  CHECK(done({"serve", "--config", file.path()}).text == fault);
  const auto shown = done({"config", "show", "--config", file.path()});
  CHECK(shown.exit_code == 2);
  CHECK(shown.text == fault);
}

TEST_CASE("config show lists settings only") {
  const temporary_file file{"[tasks.backup]\nrun = \"x\"\n"};
  const auto end = done({"config", "show", "--config", file.path()});
  CHECK(end.exit_code == 0);
  CHECK(end.text == done({"config", "show"}).text);
}

TEST_CASE("a fault of the configuration ends with code 2 and its lines") {
  const auto end = done({"serve", "--listen", "elephant", "--log-level", "loud"});
  CHECK(end.exit_code == 2);
  CHECK(end.text
        == "carillon: flag --listen: http.listen: expected a list of 0 to 64 addresses "
           "\"HOST:PORT\", found \"elephant\"\n"
           "carillon: flag --log-level: log.level: expected one of trace, debug, info, warn, "
           "error, found \"loud\"\n");
}

TEST_CASE("an unknown flag or subcommand ends with code 2 and a suggestion") {
  const auto [arguments, line] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"serve", "--lisen", "a:1"}, "carillon: --lisen: is not known here; did you mean --listen?"},
      {{"serve", "--lisen=a:1"}, "carillon: --lisen: is not known here; did you mean --listen?"},
      {{"serve", "--elephant"}, "carillon: --elephant: is not known here"},
      {{"serve", "now"}, "carillon: now: is not known here"},
      {{"srve"}, "carillon: srve: is not known here; did you mean serve?"},
      {{"config", "shwo"}, "carillon: shwo: is not known here; did you mean show?"},
      {{"serve", "--x\x1B[31m"}, "carillon: --x\\x1b[31m: is not known here"},
  }));
  const auto end = done(arguments);
  CHECK(end.exit_code == 2);
  CHECK(end.text == line + "\nRun carillon --help for what is.\n");
}

TEST_CASE("a flag takes one value each time") {
  CHECK(done({"serve", "--data"}).exit_code == 2);
  CHECK(done({"serve", "--listen", "a:1", "b:2"}).exit_code == 2);
  CHECK(contains(done({"serve", "--data", "a", "--data", "b"}).text, "is given more than once"));
}

TEST_CASE("without a subcommand the help is shown and the code is 2") {
  CHECK(done({}).exit_code == 2);
  CHECK(contains(done({}).text, "Usage: carillon"));
  CHECK(done({"config"}).exit_code == 2);
  CHECK(contains(done({"config"}).text, "Usage: carillon config"));
}

TEST_CASE("help is asked for with --help or -h and tells every flag and the order of sources") {
  for (const std::string flag : {"--help", "-h"})
    CHECK(done({flag}).exit_code == 0);
  const auto help = done({"serve", "--help"}).text;
  for (const auto* const part :
       {"Usage: carillon serve", "--config FILE", "--data DIR", "--listen HOST:PORT",
        "--clock MODE", "--allow-target CIDR", "--log-level LEVEL", "--log-format FORMAT",
        "CARILLON_CONFIG", "A flag beats the environment", "Examples:"})
    CHECK(contains(help, part));
}

TEST_CASE("the version is told by flag and by subcommand") {
  CHECK(done({"--version"}).exit_code == 0);
  CHECK(done({"--version"}).text == done({"version"}).text);
  CHECK(done({"version"}).text.starts_with("carillon "));
}

TEST_CASE("config show prints each value in columns with its origin") {
  const auto end = done({"config", "show", "--listen", "a:1"}, {{"CARILLON_HTTP_IO_THREADS", "3"}});
  CHECK(end.exit_code == 0);
  CHECK(
      contains(end.text,
               "\nhttp.listen                        [\"a:1\"]                      flag --listen\n"
               "http.tls_listen                    []                           default\n"
               "http.tls_certificate               \"\"                           default\n"
               "http.tls_key                       \"\"                           default\n"
               "http.public_url                    \"\"                           default\n"
               "http.insecure_bind                 false                        default\n"
               "http.hosts                         []                           default\n"
               "http.allowed_origins               []                           default\n"
               "http.io_threads                    3                            environment "
               "CARILLON_HTTP_IO_THREADS\n"
               "http.connections_max               10000                        default\n"));
}

TEST_CASE("config show -o json is one object that machines can read") {
  const auto end = done({"config", "show", "-o", "json", "--data", "a\"b", "--clock", "manual"});
  CHECK(end.exit_code == 0);
  CHECK(json::read(end.text).has_value());
  for (const auto* const part : {R"("store.data":{"value":"a\"b","origin":"flag --data"})",
                                 R"("http.listen":{"value":["127.0.0.1:8080"],"origin":"default"})",
                                 R"("http.body_bytes_max":{"value":1048576,"origin":"default"})",
                                 R"("http.io_threads":{"value":1,"origin":"default"})",
                                 R"("http.header_timeout":{"value":"10s","origin":"default"})",
                                 R"("clock.mode":{"value":"manual","origin":"flag --clock"})"})
    CHECK(contains(end.text, part));
}

TEST_CASE("config show refuses what serve refuses, and unknown forms of output") {
  CHECK(done({"config", "show", "--clock", "sundial"}).exit_code == 2);
  CHECK(done({"config", "show", "-o", "xml"}).exit_code == 2);
}

TEST_CASE("the environment is read up to its end, names before the first equals sign") {
  const std::array<const char*, 4> entries{"A=1", "B=x=y", "nonsense", nullptr};
  CHECK(read_environment(entries.data()) == environment_map{{"A", "1"}, {"B", "x=y"}});
}
