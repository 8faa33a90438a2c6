#include <catch2/catch.hpp>

#include <cstring>
#include <optional>
#include <random>

#include "storage/run_log_files.hpp"
#include "tests/storage/run_log_folder.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;

// Goal: whatever bytes the files of a log hold, a reader comes to an end.

namespace {

/// A log of a few dozen lines on both streams, some of them continued.
void write_small_log(const run_log_folder& folder, log_on_full on_full) {
  const auto writer = folder.create(on_full, 1 << 10);
  for (int line = 0; line < 30; ++line) {
    const auto now = dawn + duration{line * 40};
    writer->append(line % 3 == 0 ? err : out, numbered_line(line) + (line % 7 == 0 ? "?" : ""),
                   now);
    writer->flush(now + std::chrono::seconds{1});
  }
  writer->finish(dawn);
}

/// Reads in all ways. What comes is of no interest, only that it comes. Returns the lines, if any.
std::optional<log_page> read_all_ways(const run_log_folder& folder) {
  for (const std::int64_t from : {-3, 7, 29, 1'000'000})
    if (const auto page = folder.logs.read(folder.run, from, 5))
      CHECK(page->lines.size() <= 5);
  for (const std::uint64_t offset : {0, 100, 1'000'000})
    if (const auto raw = folder.logs.read_raw(folder.run, offset, 1 << 20))
      CHECK(raw->bytes.size() <= 1 << 20);
  auto all = folder.logs.read(folder.run, 0, 1000);
  if (all)
    return *std::move(all);
  CHECK(all.error().kind == problem_kind::corrupt);
  return {};
}

}  // namespace

TEST_CASE("a log is read after its writer vanished", "[run_log]") {
  const run_log_folder folder;
  auto writer = folder.create();
  writer->append(out, numbered_lines(0, 10), dawn);
  const auto index = bytes_of(folder.file(".idx"));
  writer->append(err, "one more\nand a beginning", dawn);
  writer.reset();
  CHECK(folder.page().total_lines == 11);
  SECTION("before it wrote that the log goes on") {
    const auto later = bytes_of(folder.file(".idx"));
    write_bytes(folder.file(".idx"),
                index.substr(0, sizeof(log_header)) + later.substr(sizeof(log_header)));
    CHECK(folder.page().total_lines == 10);
    CHECK(folder.raw() == numbered_lines(0, 10));
  }
  SECTION("and the machine lost the last bytes") {
    std::filesystem::resize_file(folder.file(".log"), 14 * 4 + 3);
    const auto page = folder.page();
    CHECK(page.total_lines == 5);
    CHECK(page.lines.back().text == "lin");
    CHECK(folder.raw() == numbered_lines(0, 4) + "lin");
  }
  SECTION("and the machine lost the last entry") {
    std::filesystem::resize_file(folder.file(".idx"), sizeof(log_header) + sizeof(log_entry) + 7);
    CHECK(folder.page().lines.empty());
  }
  SECTION("and somebody removed the bytes") {
    std::filesystem::remove(folder.file(".log"));
    CHECK(folder.page().lines.empty());
    CHECK(folder.raw().empty());
  }
}

TEST_CASE("a log that was cut is shorter or corrupt", "[run_log]") {
  const auto on_full = GENERATE(log_on_full::drop_new, log_on_full::drop_old);
  const auto ending = GENERATE(as<std::string>{}, ".idx", ".log");
  const run_log_folder folder;
  write_small_log(folder, on_full);
  const auto whole = folder.page();
  const auto bytes = bytes_of(folder.file(ending));
  for (auto size = bytes.size(); size-- > 0;) {
    std::filesystem::resize_file(folder.file(ending), size);
    CAPTURE(size);
    const auto page = read_all_ways(folder);
    if (!page || page->lines.empty())
      continue;
    REQUIRE(page->lines.size() <= whole.lines.size());
    for (std::size_t at = 0; at + 1 < page->lines.size(); ++at)
      REQUIRE(same(page->lines[at], whole.lines[at]));
    REQUIRE(whole.lines[page->lines.size() - 1].text.starts_with(page->lines.back().text));
  }
}

TEST_CASE("no byte of an index makes a reader crash", "[run_log]") {
  const auto on_full = GENERATE(log_on_full::drop_new, log_on_full::drop_old);
  const bool check_is_right = GENERATE(true, false);
  const run_log_folder folder;
  write_small_log(folder, on_full);
  const auto index = bytes_of(folder.file(".idx"));
  std::mt19937 random{4};
  for (int flip = 0; flip < 500; ++flip) {
    auto damaged = index;
    for (auto count = 1 + random() % 3; count > 0; --count)
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
    if (check_is_right) {
      log_header header;
      std::memcpy(&header, damaged.data(), sizeof header);
      header.check = check_of(header);
      std::memcpy(damaged.data(), &header, sizeof header);
    }
    write_bytes(folder.file(".idx"), damaged);
    CAPTURE(flip);
    read_all_ways(folder);
  }
}

TEST_CASE("the layout of the index is the same for ever", "[run_log]") {
  const run_log_folder folder;
  folder.create(log_on_full::drop_old, 1 << 10)->append(err, "x\n", dawn);
  const auto bytes = bytes_of(folder.file(".idx"));
  REQUIRE(bytes.size() == 80 + 32);
  const auto number = [&bytes](std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t byte = 8; byte-- > 0;)
      value = value << 8U | static_cast<unsigned char>(bytes[at + byte]);
    return value;
  };
  CHECK(bytes.starts_with(std::string{"CLOG\1\0\1\0", 8}));
  std::vector<std::uint64_t> header;
  for (std::size_t at = 8; at < 72; at += 8)
    header.push_back(number(at));
  CHECK(header == std::vector<std::uint64_t>{1024, 1024, 0, 2, 1, 1, 0, 0});
  CHECK(number(80) == 0);
  CHECK(number(88) == 0);
  CHECK(number(96) == 1'900'000'000'000);
  CHECK(number(104) == 1);
}
