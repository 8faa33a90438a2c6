#include "config/logging.hpp"

#include "config/log_line.hpp"
#include "model/json.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

using namespace carillon;

namespace {

/// A file that start_logging() writes to; silences the log before it goes.
class log_file {
public:
  log_file() { REQUIRE(file_ != nullptr); }
  ~log_file() {
    set_log_sink(log_level::error, {});
    std::fclose(file_);
  }
  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  std::FILE* get() { return file_; }

  std::vector<std::string> lines() {
    std::rewind(file_);
    std::string text;
    for (int byte = std::fgetc(file_); byte != EOF; byte = std::fgetc(file_))
      text += static_cast<char>(byte);
    CHECK((text.empty() || text.back() == '\n'));
    std::vector<std::string> out;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);)
      out.push_back(line);
    return out;
  }

private:
  std::FILE* file_ = std::tmpfile();
};

constexpr std::string_view hostile = "a\r\nb\x1B[31m\"c\\ {} %v";

}  // namespace

// -- lines --------------------------------------------------------------------

TEST_CASE("a line for people has level, event and fields") {
  const std::array fields{log_field{"address", "127.0.0.1:8080"}, log_field{"reason", "no way"},
                          log_field{"empty", ""}, log_field{"pair", "a=b"}};
  CHECK(text_line(log_level::info, "server listening", fields)
        == "INFO  server listening address=127.0.0.1:8080 reason=\"no way\" empty=\"\" "
           "pair=\"a=b\"");
  CHECK(text_line(log_level::error, "x", {}) == "ERROR x");
}

TEST_CASE("no value can break a line for people or forge a field") {
  const std::array fields{log_field{"value", std::string{hostile}}};
  CHECK(text_line(log_level::warn, "ev\nent", fields)
        == R"(WARN  ev\nent value="a\r\nb\x1b[31m\"c\\ {} %v")");
}

TEST_CASE("no value can break a line for machines") {
  const std::array fields{log_field{"value", std::string{hostile}}, log_field{"bytes", "\xFF"}};
  const auto text = "{" + json_members(log_level::warn, "ev\nent", fields) + "}";
  CHECK(text.find_first_of("\r\n\x1B") == std::string::npos);

  const auto root = json::read(text);
  REQUIRE(root.has_value());
  const auto members = json::members(*root);
  REQUIRE(members.size() == 4);
  CHECK(json::as_string(members[0].value) == "warn");
  CHECK(json::as_string(members[1].value) == "ev\nent");
  CHECK(json::as_string(members[2].value) == std::string{hostile});
  CHECK(json::as_string(members[3].value) == "\xEF\xBF\xBD");
}

// -- the front ----------------------------------------------------------------

TEST_CASE("without a sink nothing is written, and asking is allowed") {
  set_log_sink(log_level::trace, {});
  CHECK_FALSE(log_enabled(log_level::error));
  log(log_level::error, "into the void");
}

TEST_CASE("a sink gets the lines of its level and above, with their fields") {
  std::vector<std::string> seen;
  set_log_sink(log_level::warn,
               [&](log_level level, std::string_view event, std::span<const log_field> fields) {
                 seen.push_back(text_line(level, event, fields));
               });
  log(log_level::info, "quiet");
  log(log_level::warn, "loud", {{"count", "3"}});
  log(log_level::error, "louder");
  CHECK(log_enabled(log_level::warn));
  CHECK_FALSE(log_enabled(log_level::info));
  set_log_sink(log_level::warn, {});
  log(log_level::error, "after the end");

  CHECK(seen == std::vector<std::string>{"WARN  loud count=3", "ERROR louder"});
}

// -- spdlog behind it ---------------------------------------------------------

TEST_CASE("lines for people begin with the time in UTC") {
  log_file file;
  start_logging({log_level::info, log_format::text}, file.get());
  log(log_level::debug, "not seen");
  log(log_level::info, "server listening", {{"address", "127.0.0.1:8080"}});

  const auto lines = file.lines();
  REQUIRE(lines.size() == 1);
  constexpr std::string_view form = "2026-11-21 19:55:57.123 ";
  const auto moment = lines[0].substr(0, 10) + "T" + lines[0].substr(11, 12) + "Z";
  CHECK(parse_instant(moment).has_value());
  CHECK(lines[0].substr(form.size()) == "INFO  server listening address=127.0.0.1:8080");
}

TEST_CASE("lines for machines are whole JSON objects that begin with the time in UTC") {
  log_file file;
  start_logging({log_level::trace, log_format::json}, file.get());
  log(log_level::trace, "event {} %v", {{"value", std::string{hostile}}});

  const auto lines = file.lines();
  REQUIRE(lines.size() == 1);
  const auto root = json::read(lines[0]);
  REQUIRE(root.has_value());
  const auto members = json::members(*root);
  REQUIRE(members.size() == 4);
  CHECK(members[0].key == "time");
  CHECK(parse_instant(json::as_string(members[0].value).value()).has_value());
  CHECK(json::as_string(members[2].value) == "event {} %v");
  CHECK(json::as_string(members[3].value) == std::string{hostile});
}

TEST_CASE("what is not a terminal gets JSON by itself") {
  log_file file;
  start_logging({log_level::info, log_format::automatic}, file.get());
  log(log_level::info, "x");
  CHECK(file.lines().at(0).starts_with("{\"time\":"));
}

TEST_CASE("lines of many threads stay whole") {
  constexpr int threads = 4;
  constexpr int lines_each = 200;
  log_file file;
  start_logging({log_level::info, log_format::json}, file.get());
  std::vector<std::thread> writers;
  for (int writer = 0; writer < threads; ++writer)
    writers.emplace_back([writer] {
      for (int line = 0; line < lines_each; ++line)
        log(log_level::info, "line", {{"writer", std::to_string(writer)}});
    });
  for (auto& writer : writers)
    writer.join();

  const auto lines = file.lines();
  CHECK(lines.size() == threads * lines_each);
  for (const auto& line : lines)
    REQUIRE(json::read(line).has_value());
}
