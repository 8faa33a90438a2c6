#include "config/settings_file.hpp"

#include "tests/config/temporary_file.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

using namespace carillon;
using test::temporary_file;

namespace {

std::string message_of(const expected<std::vector<file_entry>>& read) {
  REQUIRE(read.has_error());
  REQUIRE(read.error().faults.size() == 1);
  return read.error().faults.front().message;
}

}  // namespace

TEST_CASE("entries come in the order of the lines, with key, line and form") {
  const temporary_file file{R"(
[http]
listen = ["a:1",
          "b:2"]
io_threads = 4
[clock]
start = 2030-01-01T00:00:00Z
mode = "manual"
[store]
)"};
  const auto entries = read_settings_file(file.path());
  REQUIRE(entries.has_value());
  REQUIRE(entries->size() == 7);

  const auto& http = entries->at(0);
  CHECK(http.key == "http");
  CHECK(http.line == 2);
  CHECK(http.form == value_form::section);

  const auto& listen = entries->at(1);
  CHECK(listen.key == "http.listen");
  CHECK(listen.path == std::vector<std::string>{"http", "listen"});
  CHECK(listen.line == 3);
  CHECK(listen.form == value_form::list_of_texts);
  CHECK(listen.texts == std::vector<std::string>{"a:1", "b:2"});

  CHECK(entries->at(2).key == "http.io_threads");
  CHECK(entries->at(2).form == value_form::integer);
  CHECK(entries->at(2).texts == std::vector<std::string>{"4"});
  CHECK(entries->at(4).form == value_form::time);
  CHECK(entries->at(4).texts == std::vector<std::string>{"2030-01-01T00:00:00Z"});
  CHECK(entries->at(5).form == value_form::text);
  CHECK(entries->at(5).line == 8);
  CHECK(entries->at(5).written == "\"manual\"");
  CHECK(entries->at(6).key == "store");
  CHECK(entries->at(6).form == value_form::table);
}

TEST_CASE("a section comes before what is in it, also on one line") {
  const temporary_file file{"a = { b = { c = true } }\n"};
  const auto entries = read_settings_file(file.path());
  REQUIRE(entries->size() == 3);
  CHECK(entries->at(0).key == "a");
  CHECK(entries->at(1).key == "a.b");
  CHECK(entries->at(1).form == value_form::section);
  CHECK(entries->at(2).key == "a.b.c");
  CHECK(entries->at(2).form == value_form::boolean);
  CHECK(entries->at(2).written == "true");
}

TEST_CASE("values that no setting has are of another form") {
  const std::string value = GENERATE("1.5", "[1, 2]", "[\"a\", 1]", "12:30:00");
  CAPTURE(value);
  const temporary_file file{"key = " + value};
  CHECK(read_settings_file(file.path())->front().form == value_form::other);
}

TEST_CASE("a quoted key with a dot does not pass for a key in a section") {
  const temporary_file file{"\"http.listen\" = []"};
  CHECK(read_settings_file(file.path())->front().key == "\"http.listen\"");
  CHECK(read_settings_file(file.path())->front().path == std::vector<std::string>{"http.listen"});
}

TEST_CASE("a file that is not TOML is refused with its line") {
  const temporary_file file{"[http]\nio_threads = \n"};
  const auto read = read_settings_file(file.path());
  REQUIRE(read.has_error());
  CHECK(read.error().kind == problem_kind::invalid);
  CHECK(read.error().faults.at(0).location == file.path() + ":2");
}

TEST_CASE("a key that stands twice is refused") {
  const temporary_file file{"[http]\nio_threads = 1\nio_threads = 2\n"};
  CHECK(read_settings_file(file.path()).error().faults.at(0).location == file.path() + ":3");
}

TEST_CASE("a file that cannot be read is refused with the reason") {
  const temporary_file file{""};
  CHECK(message_of(read_settings_file(file.path() + "x"))
        == "cannot be read: No such file or directory");
  CHECK(message_of(read_settings_file(file.folder())) == "is not a file");
}

TEST_CASE("a file that everybody may write is refused") {
  const temporary_file file{""};
  std::filesystem::permissions(file.path(), std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  CHECK(message_of(read_settings_file(file.path()))
        == "may be written by every user; run chmod o-w on it");
}

TEST_CASE("a file of more than one mebibyte is refused") {
  const temporary_file large{std::string(1024 * 1024 + 1, '#')};
  CHECK(message_of(read_settings_file(large.path())) == "is larger than 1MiB");
  const temporary_file full{std::string(1024 * 1024, '#')};
  CHECK(read_settings_file(full.path()).has_value());
}
