#include "storage/run_log.hpp"

#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <limits>

#include "tests/storage/run_log_folder.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

using texts = std::vector<std::string>;

namespace {

namespace fs = std::filesystem;

/// Letters that tell where they stand.
std::string letters(std::uint64_t from, std::size_t size) {
  std::string made(size, '\0');
  for (std::size_t at = 0; at < size; ++at)
    made[at] = static_cast<char>('a' + ((from + at) * 2654435761U >> 7U) % 26);
  return made;
}

}  // namespace

TEST_CASE("a run without output has no files and an empty log", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create();
  writer->append(out, "", dawn);
  writer->flush(dawn + 1h);
  writer->finish(dawn);
  CHECK_FALSE(fs::exists(folder.path));
  CHECK(folder.page().lines.empty());
  CHECK(folder.page().total_lines == 0);
  CHECK(folder.raw().empty());
}

TEST_CASE("a log is for its owner alone", "[run_log]") {
  const run_log_folder folder;
  const auto before = ::umask(0);
  folder.create()->append(out, "secret\n", dawn);
  ::umask(before);
  const auto mode = [](const fs::path& path) {
    return static_cast<int>(fs::status(path).permissions());
  };
  CHECK(mode(folder.path) == 0700);
  CHECK(mode(folder.path / "ab") == 0700);
  CHECK(mode(folder.file(".log")) == 0600);
  CHECK(mode(folder.file(".idx")) == 0600);
}

TEST_CASE("lines keep their order, their stream and their time", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create();
  writer->append(out, "one\ntw", dawn);
  writer->append(err, "oops\n", dawn + 5ms);
  writer->append(out, "o\n\nthr", dawn + 7ms);
  writer->append(err, "half", dawn + 8ms);
  CHECK(texts_of(folder.page()) == texts{"one", "oops", "two", ""});
  writer->finish(dawn + 9ms);

  const auto page = folder.page();
  CHECK(texts_of(page) == texts{"one", "oops", "two", "", "thr", "half"});
  CHECK(page.total_lines == 6);
  CHECK(page.first_available == 0);
  std::vector<log_stream> streams;
  std::vector<duration> times;
  for (std::size_t at = 0; at < page.lines.size(); ++at) {
    CHECK(page.lines[at].number == static_cast<std::int64_t>(at));
    CHECK_FALSE(page.lines[at].continued);
    streams.push_back(page.lines[at].stream);
    times.push_back(page.lines[at].time - dawn);
  }
  CHECK(streams == std::vector{out, err, out, out, out, err});
  CHECK(times == std::vector<duration>{0ms, 5ms, 7ms, 7ms, 9ms, 9ms});
  CHECK(folder.raw() == "one\noops\ntwo\n\nthrhalf");
}

TEST_CASE("a page begins where it is asked to", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create();
  for (int number = 0; number < 300; ++number)
    writer->append(number % 2 == 0 ? out : err, numbered_line(number), dawn + duration{number / 9});
  const auto first_and_count = [&folder](std::int64_t from, std::size_t limit) {
    const auto page = folder.page(from, limit);
    for (std::size_t at = 0; at < page.lines.size(); ++at)
      CHECK(page.lines[at].text + '\n' == numbered_line(page.lines[0].number + at));
    CHECK(page.total_lines == 300);
    return std::pair{page.lines.empty() ? -1 : page.lines.front().number, page.lines.size()};
  };
  CHECK(first_and_count(0, 10) == std::pair{std::int64_t{0}, std::size_t{10}});
  CHECK(first_and_count(7, 1) == std::pair{std::int64_t{7}, std::size_t{1}});
  CHECK(first_and_count(295, 10) == std::pair{std::int64_t{295}, std::size_t{5}});
  CHECK(first_and_count(-3, 10) == std::pair{std::int64_t{297}, std::size_t{3}});
  CHECK(first_and_count(-301, 2) == std::pair{std::int64_t{0}, std::size_t{2}});
  CHECK(first_and_count(std::numeric_limits<std::int64_t>::min(), 2)
        == std::pair{std::int64_t{0}, std::size_t{2}});
  CHECK(first_and_count(300, 10) == std::pair{std::int64_t{-1}, std::size_t{0}});
  CHECK(first_and_count(std::numeric_limits<std::int64_t>::max(), 10)
        == std::pair{std::int64_t{-1}, std::size_t{0}});
  CHECK(first_and_count(5, 0) == std::pair{std::int64_t{-1}, std::size_t{0}});
}

TEST_CASE("raw bytes begin where they are asked to", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create();
  writer->append(out, "hello\nworld\nand", dawn);
  const auto middle = folder.logs.read_raw(folder.run, 3, 5);
  REQUIRE(middle.has_value());
  CHECK(middle->bytes == "lo\nwo");
  CHECK(middle->offset == 3);
  CHECK(middle->end == 12);  // the rest of a line is not kept yet
  CHECK(folder.raw(12).empty());
  const auto beyond = folder.logs.read_raw(folder.run, 100, 5);
  REQUIRE(beyond.has_value());
  CHECK(beyond->bytes.empty());
  CHECK(beyond->offset == 12);
}

TEST_CASE("bytes are kept as they came", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create();
  const std::string binary{"a\0b\xff\xfe\x1b[31m\r\r\n\0\n\xc3", 16};
  writer->append(out, binary, dawn);
  writer->finish(dawn);
  CHECK(folder.raw() == binary);
  CHECK(texts_of(folder.page())
        == texts{std::string{"a\0b\xff\xfe\x1b[31m\r\r", 12}, std::string{"\0", 1}, "\xc3"});
}

TEST_CASE("a flood of lines costs an index entry a piece, not a line", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create();
  std::string flood;
  while (flood.size() < 64 << 10)
    flood += "y\n";
  for (int append = 0; append < 64; ++append)
    writer->append(out, flood, dawn + duration{append / 2});
  CHECK(folder.page(0, 0).total_lines == 64 * (32 << 10));
  CHECK(fs::file_size(folder.file(".idx")) <= 80 + 70 * 32);
  const auto last = folder.page(-1, 10).lines.back();
  CHECK(last.text == "y");
  CHECK(last.number == 64 * (32 << 10) - 1);
  CHECK(last.time == dawn + 31ms);
}

TEST_CASE("a line without an end is kept in pieces", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_new, 200 << 20);
  constexpr std::size_t append_size = 1 << 20;
  constexpr std::size_t piece = 64 << 10;
  constexpr int appends = 100;
  for (std::uint64_t append = 0; append < appends; ++append)
    writer->append(out, letters(append * append_size, append_size), dawn);
  writer->append(out, "\nnext\n", dawn);

  const auto shape = folder.page(0, 3);
  CHECK(shape.total_lines == 1600 + 1);
  for (std::size_t at = 0; at < 3; ++at) {
    CHECK(shape.lines[at].continued == (at > 0));
    CHECK(shape.lines[at].text == letters(at * piece, piece));
  }
  const auto end = folder.page(-2, 2);
  CHECK(end.lines[0].continued);
  CHECK(end.lines[0].text == letters(1599 * piece, piece));
  CHECK_FALSE(end.lines[1].continued);
  CHECK(end.lines[1].text == "next");
  // A page has an end even if its limit has none.
  CHECK(folder.page(0, 1600).lines.size() == (8 << 20) / piece);

  bool equal = true;
  for (std::uint64_t at = 0; at < appends; ++at)
    equal = equal
            && folder.raw(at * append_size, append_size) == letters(at * append_size, append_size);
  CHECK(equal);
  CHECK(folder.raw(appends * append_size) == "\nnext\n");
}

TEST_CASE("a line may end exactly with its piece", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create();
  const std::string piece(64 << 10, 'x');
  SECTION("in one append") {
    writer->append(out, piece + "\nz\n", dawn);
  }
  SECTION("with the newline later") {
    writer->append(out, piece, dawn);
    CHECK(folder.page().total_lines == 0);
    writer->append(out, "\nz\n", dawn);
  }
  CHECK(texts_of(folder.page()) == texts{piece, "z"});
  CHECK_FALSE(folder.page().lines[1].continued);
}

TEST_CASE("a prompt does not wait for ever", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create();
  writer->append(err, "later: ", dawn + 500ms);
  writer->append(out, "password: ", dawn);
  writer->flush(dawn + 999ms);
  CHECK(folder.page().lines.empty());
  writer->flush(dawn + 1s);
  CHECK(texts_of(folder.page()) == texts{"password: "});
  writer->flush(dawn + 2s);
  writer->append(out, "thanks\nbye\n", dawn + 3s);
  writer->append(err, "\n", dawn + 3s);
  const auto page = folder.page();
  CHECK(texts_of(page) == texts{"password: ", "later: ", "thanks", "bye", ""});
  std::vector<bool> continued;
  for (const auto& line : page.lines)
    continued.push_back(line.continued);
  CHECK(continued == std::vector{false, false, true, false, true});
  CHECK(folder.raw() == "password: later: thanks\nbye\n\n");
}

TEST_CASE("a new attempt of the same name begins a new log", "[run_log]") {
  const run_log_folder folder;
  folder.create()->append(out, numbered_lines(0, 50), dawn);
  folder.create()->append(out, "again\n", dawn);
  CHECK(texts_of(folder.page()) == texts{"again"});
  CHECK(folder.raw() == "again\n");
}

TEST_CASE("a removed log leaves nothing", "[run_log]") {
  const run_log_folder folder;
  CHECK(folder.logs.remove(folder.run));  // there was none
  auto other = folder.run;
  other.bytes[0] = 99;
  folder.create()->append(out, "x\n", dawn);
  folder.logs.create(other, {})->append(out, "y\n", dawn);
  write_bytes(folder.file(".idx.new"), "left by a crash");
  CHECK(folder.logs.remove(folder.run));
  CHECK_FALSE(fs::exists(folder.file(".log")));
  CHECK_FALSE(fs::exists(folder.file(".idx")));
  CHECK_FALSE(fs::exists(folder.file(".idx.new")));
  CHECK(folder.page().lines.empty());
  CHECK(fs::exists(folder.path / "ab"));  // somebody else's log is in it
  CHECK(folder.logs.remove(other));
  CHECK_FALSE(fs::exists(folder.path / "ab"));
}

TEST_CASE("a log that cannot be removed says so", "[run_log]") {
  const run_log_folder folder;
  fs::create_directories(folder.file(".log"));
  CHECK_FALSE(folder.logs.remove(folder.run));
}

TEST_CASE("streams have names", "[run_log]") {
  CHECK(to_string(out) == "stdout");
  CHECK(to_string(err) == "stderr");
  CHECK(to_string(marker) == "system");
}

TEST_CASE("every attempt with a log is found", "[run_log]") {
  const run_log_folder folder;
  std::vector<task_id> found;
  const auto look = [&] {
    found.clear();
    folder.logs.for_each([&](const task_id& run) { found.push_back(run); });
    return found.size();
  };
  CHECK(look() == 0);
  const auto writer = folder.create();
  writer->append(out, "hello\n", dawn);
  REQUIRE(look() == 1);
  CHECK(folder.logs.remove(found.front()));
  CHECK(look() == 0);
}
