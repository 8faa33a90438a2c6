#include "config/load_settings.hpp"

#include "config/settings_table.hpp"
#include "tests/config/definition_file.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;
using test::lines_of;
using test::temporary_file;

namespace {

const loaded_settings& good(const expected<loaded_settings>& loaded) {
  if (!loaded)
    FAIL(fault_lines(loaded.error()));
  return *loaded;
}

std::string origin_of(const loaded_settings& loaded, std::string_view key) {
  const auto at = find_setting(key) - settings_table().data();
  return loaded.origins.at(static_cast<std::size_t>(at));
}

expected<loaded_settings> load_file(const temporary_file& file) {
  return load_settings({file.path(), {}, {}});
}

expected<loaded_settings> load_environment(environment_map environment) {
  return load_settings({std::nullopt, std::move(environment), {}});
}

/// The lines of all faults, with the file's folder cut off.
std::string faults_in(const std::string& text) {
  const temporary_file file{text};
  const auto loaded = load_file(file);
  REQUIRE(loaded.has_error());
  return lines_of(loaded.error(), file);
}

std::string faults_of(const expected<loaded_settings>& loaded) {
  REQUIRE(loaded.has_error());
  return fault_lines(loaded.error());
}

}  // namespace

// -- sources ------------------------------------------------------------------

TEST_CASE("without any source every value is its default") {
  const auto loaded = load_settings({});
  CHECK(good(loaded).values.http.listen == std::vector<endpoint>{{"127.0.0.1", 8080}});
  CHECK(loaded->origins.size() == settings_table().size());
  for (const auto& origin : loaded->origins)
    CHECK(origin == "default");
}

TEST_CASE("a flag beats the environment, the environment beats the file") {
  const temporary_file file{
      "[http]\nlisten = [\"file:1\"]\n[log]\nlevel = \"error\"\n[store]\n"
      "data = \"from_file\"\n"};
  const auto loaded =
      load_settings({file.path(),
                     {{"CARILLON_HTTP_LISTEN", "env:1, env:2"}, {"CARILLON_LOG_LEVEL", "warn"}},
                     {{"--listen", {"flag:1", "flag:2"}}}});

  CHECK(good(loaded).values.http.listen == std::vector<endpoint>{{"flag", 1}, {"flag", 2}});
  CHECK(loaded->values.log.level == log_level::warn);
  CHECK(loaded->values.store.data == "from_file");
  CHECK(origin_of(*loaded, "http.listen") == "flag --listen");
  CHECK(origin_of(*loaded, "log.level") == "environment CARILLON_LOG_LEVEL");
  CHECK(origin_of(*loaded, "store.data") == "file " + file.path() + ":6");
  CHECK(origin_of(*loaded, "http.io_threads") == "default");
}

TEST_CASE("the file is the one of the flag, else the one of CARILLON_CONFIG") {
  const temporary_file one{"[http]\nio_threads = 3\n"};
  const temporary_file two{"[http]\nio_threads = 5\n"};
  const environment_map names_two{{"CARILLON_CONFIG", two.path()}};

  CHECK(good(load_environment(names_two)).values.http.io_threads == 5);
  CHECK(good(load_settings({one.path(), names_two, {}})).values.http.io_threads == 3);
  CHECK(good(load_environment({{"CARILLON_CONFIG", ""}})).values.http.io_threads == 1);
}

TEST_CASE("an address beyond the loopback is served only when that is said to be meant") {
  for (const auto* open : {"0.0.0.0:80", "192.168.1.2:80", "[::]:80", "[fe80::1]:80"}) {
    CAPTURE(open);
    const auto refused = load_settings({{}, {}, {{"--listen", {"127.0.0.1:80", open}}}});
    REQUIRE(!refused);
    const auto why = fault_lines(refused.error());
    CHECK(why.find("flag --listen: http.listen: is beyond the loopback") != why.npos);
    CHECK(why.find("http.insecure_bind = true") != why.npos);
    CHECK(load_settings({{}, {{"CARILLON_HTTP_INSECURE_BIND", "true"}}, {{"--listen", {open}}}})
              .has_value());
  }
  CHECK(load_settings({{}, {}, {{"--listen", {"127.8.9.1:80", "[::1]:80", "localhost:80"}}}})
            .has_value());
}

TEST_CASE("names and origins are read in any case and refused with more to them") {
  const environment_map names{{"CARILLON_HTTP_HOSTS", "Jobs.Example.com,box"},
                              {"CARILLON_HTTP_ALLOWED_ORIGINS", "HTTPS://Jobs.example.com:8443"}};
  const auto values = good(load_environment(names)).values;
  REQUIRE(values.http.hosts.size() == 2);
  CHECK(values.http.hosts.front().text == "jobs.example.com");
  CHECK(values.http.allowed_origins.front().text == "https://jobs.example.com:8443");
  for (const auto* wrong : {"a:80", "a/b", "-a", "*"}) {
    CAPTURE(wrong);
    CHECK(load_environment({{"CARILLON_HTTP_HOSTS", wrong}}).has_error());
  }
  for (const auto* wrong : {"*", "null", "https://a.b/", "https://a.b?c", "a.b", "https://u@a.b"}) {
    CAPTURE(wrong);
    CHECK(load_environment({{"CARILLON_HTTP_ALLOWED_ORIGINS", wrong}}).has_error());
  }
}

TEST_CASE("sizes, durations, lists, choices and times are read from a file") {
  const temporary_file file{R"(
[http]
listen = ["127.0.0.2:80", "[::1]:80"]
body_bytes_max = 65536
stream_bytes_max = "1 gb"
header_timeout = "PT2.5S"
idle_timeout = "1m30s"
[clock]
mode = "manual"
start = 2030-01-01T00:00:00.250Z
[delivery]
allow_targets = ["10.0.0.0/8", "fd00::/8"]
ca_file = "/etc/ssl/ours.pem"
)"};
  const auto values = good(load_file(file)).values;
  CHECK(values.http.listen == std::vector<endpoint>{{"127.0.0.2", 80}, {"::1", 80}});
  CHECK(values.http.body_bytes_max == 64 * kib);
  CHECK(values.http.stream_bytes_max == gib);
  CHECK(values.http.header_timeout == 2500ms);
  CHECK(values.http.idle_timeout == 90s);
  CHECK(values.clock.mode == clock_mode::manual);
  CHECK(values.clock.start == parse_instant("2030-01-01T00:00:00.250Z").value());
  CHECK(values.delivery.allow_targets == std::vector<std::string>{"10.0.0.0/8", "fd00::/8"});
  CHECK(values.delivery.ca_file == "/etc/ssl/ours.pem");
}

TEST_CASE("an empty variable sets an empty value") {
  const temporary_file file{"[delivery]\nca_file = \"a\"\nallow_targets = [\"10.0.0.0/8\"]\n"};
  const auto loaded =
      load_settings({file.path(),
                     {{"CARILLON_DELIVERY_CA_FILE", ""}, {"CARILLON_DELIVERY_ALLOW_TARGETS", ""}},
                     {}});
  CHECK(good(loaded).values.delivery.ca_file.empty());
  CHECK(loaded->values.delivery.allow_targets.empty());
}

TEST_CASE("variables of others and of the tests are left alone") {
  CHECK(load_environment({{"PATH", "/bin"},
                          {"CARILLON", "x"},
                          {"CARILLON_CORPORA", "x"},
                          {"CARILLON_SEED", "42"},
                          {"CARILLON_TEST_ANYTHING", "x"}})
            .has_value());
}

// -- faults -------------------------------------------------------------------

TEST_CASE("all faults of a file are told at once, each with line, key, rule and finding") {
  CHECK(faults_in(R"(top = 1
[http]
listen = "127.0.0.1:80"
io_threads = "4"
body_bytes_max = "64 parsecs"
header_timeout = 10
idle_timout = "3s"
headers_max = 0
[htp]
[leases]
max = 1.5
[store]
data = true
[http.answer_timeout]
x = 1
[delivery]
allow_targets = ["10.0.0.0/8", "elephant"]
[shutdown]
[[log]]
level = "info"
)") == R"(carillon: carillon.toml:1: top: is not a setting
carillon: carillon.toml:3: http.listen: expected a list of 0 to 64 addresses "HOST:PORT", found "127.0.0.1:80"
carillon: carillon.toml:4: http.io_threads: expected a whole number from 1 to 64, found "4"
carillon: carillon.toml:5: http.body_bytes_max: expected a size from 1KiB to 1GiB, found "64 parsecs"
carillon: carillon.toml:6: http.header_timeout: expected a duration from 100ms to 10m, found 10
carillon: carillon.toml:7: http.idle_timout: is not a setting; did you mean http.idle_timeout?
carillon: carillon.toml:8: http.headers_max: expected a whole number from 1 to 10000, found 0
carillon: carillon.toml:9: htp: is not a setting; did you mean http?
carillon: carillon.toml:11: leases.max: expected a whole number from 1 to 100000, found 1.5
carillon: carillon.toml:13: store.data: expected a text of 1 to 4096 bytes, found true
carillon: carillon.toml:15: http.answer_timeout.x: is not a setting; did you mean http.answer_timeout?
carillon: carillon.toml:17: delivery.allow_targets: expected a list of 0 to 1024 networks such as "10.0.0.0/8", found "elephant"
carillon: carillon.toml:19: log: is a section; expected [log], found [ { level = 'info' } ]
)");
}

TEST_CASE("faults of file, environment and flags are told together") {
  const temporary_file file{"[http]\nio_threads = 65\n"};
  const auto loaded = load_settings(
      {file.path(),
       {{"CARILLON_LOG_LEVEL", "loud"}, {"CARILLON_LISTEN", "x"}, {"CARILLON_HTP_LISTEN", "x"}},
       {{"--clock", {"real", "real"}}, {"--listen", {"x"}}}});
  CHECK(faults_of(loaded)
        == "carillon: " + file.path()
               + R"(:2: http.io_threads: expected a whole number from 1 to 64, found 65
carillon: environment CARILLON_HTP_LISTEN: is not a setting; did you mean CARILLON_HTTP_LISTEN?
carillon: environment CARILLON_LISTEN: is not a setting; did you mean CARILLON_HTTP_LISTEN?
carillon: environment CARILLON_LOG_LEVEL: log.level: expected one of trace, debug, info, warn, error, found "loud"
carillon: flag --listen: http.listen: expected a list of 0 to 64 addresses "HOST:PORT", found "x"
carillon: flag --clock: clock.mode: is given more than once
)");
  CHECK(loaded.error().kind == problem_kind::invalid);
  CHECK(loaded.error().detail == "the configuration has 6 faults");
}

TEST_CASE("a fault is one line, whatever was found") {
  CHECK(faults_of(load_environment({{"CARILLON_LOG_LEVEL", "a\n\x1B[31mb"}})).find('\x1B')
        == std::string::npos);
  const auto lines = faults_of(load_environment({{"CARILLON_X\n\x1B", "1"}}));
  CHECK(lines == "carillon: environment CARILLON_X\\n\\x1b: is not a setting\n");
}

TEST_CASE("a long value is cut short in a fault") {
  const auto loaded = load_environment({{"CARILLON_LOG_LEVEL", std::string(10'000, 'x')}});
  CHECK(loaded.error().faults.at(0).value.size() == fault_value_bytes_max);
}

TEST_CASE("a file that cannot be used does not hide the other faults") {
  const auto loaded = load_settings({"/nowhere/carillon.toml", {{"CARILLON_LOG_LEVEL", "x"}}, {}});
  REQUIRE(loaded.has_error());
  CHECK(loaded.error().faults.size() == 2);
}

// -- definitions ----------------------------------------------------------------

TEST_CASE("the definitions of the file come with the settings") {
  const temporary_file file{
      "[http]\nio_threads = 3\n[tasks.b]\nrun = \"x\"\n[services.a]\nrun = \"x\"\n"};
  const auto loaded = load_file(file);
  CHECK(good(loaded).values.http.io_threads == 3);
  CHECK(loaded->file == file.path());
  REQUIRE(loaded->definitions.size() == 2);
  CHECK(loaded->definitions[0].spec->name == "a");
  CHECK(loaded->definitions[1].spec->name == "b");
}

TEST_CASE("without a file nothing is defined") {
  const auto loaded = load_settings({});
  CHECK(good(loaded).definitions.empty());
  CHECK_FALSE(loaded->file);
}

TEST_CASE("faults of settings and definitions are told together, in the order of the lines") {
  const temporary_file file{R"([tasks.a]
on_overlap = "wait"
[http]
io_threads = 0
[task.b]
run = "x"
[services.c]
run = 5
[log]
level = 1
[leases]
duration_default = "13h"
)"};
  const auto loaded =
      load_settings({file.path(), {{"CARILLON_CLOCK_MODE", "x"}}, {{"--listen", {"x"}}}});
  REQUIRE(loaded.has_error());
  CHECK(loaded.error().detail == "the configuration has 9 faults");
  CHECK(lines_of(loaded.error(), file)
        == R"(carillon: carillon.toml:1: tasks.a.run: is missing: what is started, as run or as args
carillon: carillon.toml:2: tasks.a.on_overlap: expected one of queue, skip, terminate, found "wait"
carillon: carillon.toml:4: http.io_threads: expected a whole number from 1 to 64, found 0
carillon: carillon.toml:6: task.b.run: is not a setting; did you mean tasks.b.run?
carillon: carillon.toml:8: services.c.run: expected a text of 1 to 131071 bytes, found 5
carillon: carillon.toml:10: log.level: expected one of trace, debug, info, warn, error, found 1
carillon: environment CARILLON_CLOCK_MODE: clock.mode: expected one of real, manual, found "x"
carillon: flag --listen: http.listen: expected a list of 0 to 64 addresses "HOST:PORT", found "x"
carillon: carillon.toml:12: leases.duration_default: must not be greater than leases.duration_max, which is 12h (default), found 13h
)");
}

// -- relations ----------------------------------------------------------------

TEST_CASE("limits that contradict each other are refused where they were set") {
  CHECK(faults_in("[leases]\nduration_default = \"13h\"\n")
        == "carillon: carillon.toml:2: leases.duration_default: must not be greater than "
           "leases.duration_max, which is 12h (default), found 13h\n");
  CHECK(faults_in("[leases]\nduration_max = \"1s\"\n")
        == "carillon: carillon.toml:2: leases.duration_max: must not be less than "
           "leases.duration_default, which is 1m (default), found 1s\n");
  CHECK(faults_in("[http]\nbody_bytes_max = \"512MiB\"\n")
        == "carillon: carillon.toml:2: http.body_bytes_max: must not be greater than "
           "http.stream_bytes_max, which is 256MiB (default), found 512MiB\n"
           "carillon: carillon.toml:2: http.body_bytes_max: must not be greater than "
           "store.write_queue_bytes_max, which is 64MiB (default), found 512MiB\n");
}

TEST_CASE("limits may be equal") {
  CHECK(load_environment({{"CARILLON_LEASES_DURATION_MAX", "60s"}}).has_value());
}

TEST_CASE("a value at fault causes no second fault by its relations") {
  const auto loaded = load_environment(
      {{"CARILLON_LEASES_DURATION_DEFAULT", "13h"}, {"CARILLON_LEASES_DURATION_MAX", "x"}});
  REQUIRE(loaded.has_error());
  CHECK(loaded.error().faults.size() == 1);
}

TEST_CASE("only a manual clock has a start") {
  const environment_map start{{"CARILLON_CLOCK_START", "2030-01-01T00:00:00Z"}};
  CHECK(faults_of(load_environment(start))
        == "carillon: environment CARILLON_CLOCK_START: clock.start: needs clock.mode = "
           "\"manual\": real time cannot be set\n");
  CHECK(load_settings({std::nullopt, start, {{"--clock", {"manual"}}}}).has_value());
}
