#include "storage/data_folder.hpp"

#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <map>

#include "tests/storage/temporary_folder.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write(const fs::path& file, std::string_view text) {
  std::ofstream{file, std::ios::binary} << text;
}

/// Every file with its bytes.
std::map<std::string, std::string> contents_of(const fs::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator{folder})
    contents[entry.path()] = entry.is_regular_file() ? text_of(entry.path()) : "";
  return contents;
}

/// The process's umask for the time of a test.
class with_umask {
public:
  explicit with_umask(mode_t mask) : before_{::umask(mask)} {}
  ~with_umask() { ::umask(before_); }
  with_umask(const with_umask&) = delete;
  with_umask& operator=(const with_umask&) = delete;

private:
  mode_t before_;
};

}  // namespace

TEST_CASE("a fresh folder is made, for its owner alone", "[data_folder]") {
  const with_umask open_to_all{0};
  const temporary_folder parent;
  const auto folder = parent.path() / "deep" / "store";
  const auto database = open_data_folder(folder.string());
  REQUIRE(database.has_value());
  CHECK(*database == (folder / "db").string());
  CHECK((fs::status(folder).permissions() & fs::perms::mask) == fs::perms::owner_all);
  CHECK((fs::status(folder / "FORMAT").permissions() & fs::perms::mask)
        == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("the file FORMAT looks the same for ever", "[data_folder]") {
  const temporary_folder parent;
  const auto folder = parent.path() / "store";
  REQUIRE(open_data_folder(folder.string()).has_value());
  CHECK(text_of(folder / "FORMAT") == "carillon store format 1\nshards 64\n");
  CHECK(contents_of(folder).size() == 1);  // no draft is left
}

TEST_CASE("a folder is opened again as it is", "[data_folder]") {
  const temporary_folder parent;
  const auto folder = parent.path() / "store";
  const auto first = open_data_folder(folder.string());
  REQUIRE(first.has_value());
  fs::create_directory(*first);
  write(fs::path{*first} / "CURRENT", "x");
  const auto before = contents_of(folder);
  const auto again = open_data_folder(folder.string());
  REQUIRE(again.has_value());
  CHECK(*again == *first);
  CHECK(contents_of(folder) == before);
}

TEST_CASE("an empty folder that is there is used", "[data_folder]") {
  const temporary_folder folder;
  CHECK(open_data_folder(folder.path().string()).has_value());
}

TEST_CASE("a newer store is refused and no byte of it changed", "[data_folder]") {
  const temporary_folder folder;
  write(folder.path() / "FORMAT", "carillon store format 2\nshards 64\nmore\n");
  fs::create_directory(folder.path() / "db");
  write(folder.path() / "db" / "CURRENT", "x");
  const auto before = contents_of(folder.path());
  const auto refused = open_data_folder(folder.path().string());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == problem_kind::corrupt);
  CHECK(refused.error().detail.find("format 2") != std::string::npos);
  CHECK(contents_of(folder.path()) == before);
}

TEST_CASE("a foreign folder is refused and no byte of it changed", "[data_folder]") {
  const temporary_folder folder;
  SECTION("a FORMAT of somebody else") {
    write(folder.path() / "FORMAT",
          GENERATE(as<std::string>{}, "", "1", "store format 1\n", "carillon store format \n",
                   "carillon store format x\n", "carillon store format 0\n",
                   "carillon store format -1\n"));
  }
  SECTION("a database without FORMAT") {
    fs::create_directory(folder.path() / "db");
    write(folder.path() / "db" / "CURRENT", "x");
  }
  const auto before = contents_of(folder.path());
  CHECK_FALSE(open_data_folder(folder.path().string()).has_value());
  CHECK(contents_of(folder.path()) == before);
}

TEST_CASE("a store with another number of shards is refused", "[data_folder]") {
  const temporary_folder folder;
  write(folder.path() / "FORMAT", "carillon store format 1\nshards 128\n");
  CHECK_FALSE(open_data_folder(folder.path().string()).has_value());
}

TEST_CASE("what a crash left of FORMAT's draft is in nobody's way", "[data_folder]") {
  const temporary_folder folder;
  write(folder.path() / "FORMAT.new", "carillon st");
  CHECK(open_data_folder(folder.path().string()).has_value());
  CHECK(text_of(folder.path() / "FORMAT") == "carillon store format 1\nshards 64\n");
}

TEST_CASE("a folder that cannot be made is a problem, not a crash", "[data_folder]") {
  const temporary_folder folder;
  write(folder.path() / "file", "");
  const auto refused = open_data_folder((folder.path() / "file" / "store").string());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == problem_kind::unavailable);
}
