#include <signal.h>
#include <sys/resource.h>
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/storage/run_log_folder.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

using texts = std::vector<std::string>;
using verdict = run_log_writer::verdict;

namespace {

namespace fs = std::filesystem;

std::string size_text(std::uint64_t bytes) {
  return bytes % (1 << 20) == 0 ? std::to_string(bytes >> 20U) + "MiB"
                                : std::to_string(bytes >> 10U) + "KiB";
}

/// Files of this process cannot grow beyond so many bytes while it lives.
class small_disk {
public:
  explicit small_disk(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~small_disk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_DFL);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("drop_new keeps the first lines and says what it dropped", "[run_log]") {
  const auto bytes_max = GENERATE(as<std::uint64_t>{}, 1 << 10, 64 << 10, 1 << 20);
  const auto step = GENERATE(as<std::uint64_t>{}, 1, 7, 5000);
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_new, bytes_max);
  const std::uint64_t lines = 2 * bytes_max / 14 / step * step + step;
  for (std::uint64_t line = 0; line < lines; line += step)
    CHECK(writer->append(out, numbered_lines(line, line + step), dawn) == verdict::kept);

  const auto kept = bytes_max / 14;
  const auto full = "[output beyond log_max_size (" + size_text(bytes_max) + ") is dropped]";
  const auto dropped = "[" + std::to_string((lines - kept) * 14) + " bytes in "
                       + std::to_string(lines - kept) + " lines were dropped: log_max_size is "
                       + size_text(bytes_max) + "]";
  CHECK(folder.raw() == numbered_lines(0, kept) + full + "\n");
  writer->finish(dawn);
  CHECK(folder.raw() == numbered_lines(0, kept) + full + "\n" + dropped + "\n");
  const auto end = folder.page(-2, 2);
  CHECK(texts_of(end) == texts{full, dropped});
  CHECK(end.lines[0].stream == marker);
  CHECK(end.lines[1].stream == marker);
  CHECK(end.first_available == 0);
  CHECK(fs::file_size(folder.file(".log")) <= bytes_max + (4 << 10));
}

TEST_CASE("a log that is exactly full has no marker", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::kill_task, 14 * 100);
  CHECK(writer->append(out, numbered_lines(0, 100), dawn) == verdict::kept);
  SECTION("and nothing more") {
    writer->finish(dawn);
    CHECK(folder.raw() == numbered_lines(0, 100));
  }
  SECTION("but one byte more") {
    CHECK(writer->append(err, ".", dawn) == verdict::full);
    writer->finish(dawn);
    CHECK(folder.raw()
          == numbered_lines(0, 100)
                 + "[output beyond log_max_size (1400B) is dropped]\n"
                   "[1 byte in 1 line was dropped: log_max_size is 1400B]\n");
  }
}

TEST_CASE("a long line that does not fit is cut", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_new, 64 << 10);
  const std::string line(60'000, 'x');
  writer->append(out, "first\n" + line + "\n" + line + "\nlast\n", dawn);
  writer->finish(dawn);
  const auto page = folder.page();
  REQUIRE(page.lines.size() == 5);
  CHECK(page.lines[1].text == line);
  CHECK(page.lines[2].text == line.substr(0, (64 << 10) - 6 - 60'001));
  CHECK(page.lines[3].text == "[output beyond log_max_size (64KiB) is dropped]");
  CHECK(page.lines[4].text
        == "[" + std::to_string(6 + 60'001 + 60'001 + 5 - (64 << 10))
               + " bytes in 2 lines were dropped: log_max_size is 64KiB]");
}

TEST_CASE("kill_task asks for the end at once", "[run_log]") {
  const auto bytes_max = GENERATE(as<std::uint64_t>{}, 1 << 10, 64 << 10, 1 << 20);
  const bool lines = GENERATE(true, false);
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::kill_task, bytes_max);
  const auto bytes = lines ? numbered_lines(0, 10) : std::string(140, 'x');
  std::uint64_t sent = 0;
  while (sent + bytes.size() <= bytes_max) {
    REQUIRE(writer->append(out, bytes, dawn) == verdict::kept);
    sent += bytes.size();
  }
  CHECK(writer->append(out, bytes, dawn) == verdict::full);
  CHECK(writer->append(err, "and on\n", dawn) == verdict::full);
  CHECK(folder.page(-1, 1).lines[0].text
        == "[output beyond log_max_size (" + size_text(bytes_max) + ") is dropped]");
  writer->finish(dawn);
  const auto size = fs::file_size(folder.file(".log"));
  CHECK(size + (4 << 10) >= bytes_max);
  CHECK(size <= bytes_max + (4 << 10));
}

TEST_CASE("what waits on both streams counts", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::kill_task, 1 << 10);
  CHECK(writer->append(out, std::string(600, 'o'), dawn) == verdict::kept);
  CHECK(writer->append(err, std::string(600, 'e'), dawn + 1ms) == verdict::full);
  CHECK(texts_of(folder.page())
        == texts{std::string(600, 'o'), std::string(424, 'e'),
                 "[output beyond log_max_size (1KiB) is dropped]"});
}

// -- rings --------------------------------------------------------------------

TEST_CASE("drop_old keeps the last lines in the room it has", "[run_log]") {
  const auto bytes_max = GENERATE(as<std::uint64_t>{}, 1 << 10, 64 << 10, 1 << 20);
  const auto step = GENERATE(as<std::uint64_t>{}, 1, 7, 5000);
  CAPTURE(bytes_max, step);
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_old, bytes_max);
  const std::uint64_t lines = 7 * bytes_max / 28 / step * step + step;
  bool marked = true;
  for (std::uint64_t line = 0; line < lines; line += step) {
    writer->append(out, numbered_lines(line, line + step), dawn + duration{line / 100});
    if (line / step % (bytes_max >> 9) == 0) {
      const auto page = folder.page();
      const auto is_marker = [](const log_line& each) { return each.stream == marker; };
      marked = marked
               && (page.first_available == 0
                   || std::any_of(page.lines.begin(), page.lines.end(), is_marker));
    }
  }
  CHECK(marked);
  writer->finish(dawn);

  const auto page = folder.page();
  const auto first = page.first_available;
  REQUIRE_FALSE(page.lines.empty());
  CHECK(first > 0);
  CHECK(page.lines.front().number == first);
  CHECK(page.lines.back().text
        == "[" + std::to_string(first) + " earlier lines were dropped: log_max_size is "
               + size_text(bytes_max) + "]");
  CHECK(page.lines[page.lines.size() - 2].text + '\n' == numbered_line(lines - 1));
  std::string joined;
  for (const auto& line : page.lines)
    joined += line.text + '\n';
  CHECK(joined == folder.raw());
  CHECK(joined.size() <= bytes_max);
  CHECK(joined.size() + 100 >= bytes_max);
  CHECK(fs::file_size(folder.file(".log")) == bytes_max);
  CHECK(folder.page(0, 1).lines[0].number == first);
  CHECK(folder.page(-3, 9).lines.front().number == page.total_lines - 3);
  CHECK(folder.page(-1'000'000, 1).lines[0].number == first);
}

TEST_CASE("the raw bytes of a ring go on where they were", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_old, 1 << 10);
  writer->append(out, numbered_lines(0, 500), dawn);
  const auto from_start = folder.logs.read_raw(folder.run, 0, 14);
  REQUIRE(from_start.has_value());
  CHECK(from_start->offset > 0);
  CHECK(from_start->bytes.ends_with('\n'));
  CHECK((from_start->bytes.starts_with("line ") || from_start->bytes.starts_with("[")));
  const auto rest = folder.logs.read_raw(folder.run, from_start->offset + 14, 1 << 20);
  REQUIRE(rest.has_value());
  CHECK(rest->offset == from_start->offset + 14);
  CHECK(rest->offset + rest->bytes.size() == rest->end);
  CHECK(rest->bytes.ends_with(numbered_line(499)));
}

TEST_CASE("a line that is longer than the ring is kept in its last pieces", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_old, 1 << 10);
  for (int at = 0; at < 100; ++at)
    writer->append(out, std::string(100, 'x'), dawn);
  writer->append(out, "end\n", dawn);
  const auto page = folder.page();
  REQUIRE(page.lines.size() >= 2);
  CHECK(page.lines.back().continued);
  CHECK(page.lines.back().text.ends_with("xend"));
  CHECK(fs::file_size(folder.file(".log")) == 1 << 10);
}

TEST_CASE("the index of a ring does not grow for ever", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_old, 64 << 10);
  std::uintmax_t largest = 0;
  for (std::uint64_t line = 0; line < 60'000; ++line) {
    writer->append(line % 2 == 0 ? out : err, numbered_line(line), dawn);
    if (line % 1000 == 0)
      largest = std::max(largest, fs::file_size(folder.file(".idx")));
  }
  // 4,681 lines are there at a time, each with its own entry of 32 bytes.
  CHECK(largest < 3 * 4'681 * 32);
  CHECK_FALSE(fs::exists(folder.file(".idx.new")));
  const auto page = folder.page();
  CHECK(page.lines.size() > 4'600);
  CHECK(page.lines.back().text + '\n' == numbered_line(59'999));
  CHECK(page.total_lines == page.first_available + std::ssize(page.lines));
  CHECK(texts_of(folder.page(page.first_available + 9, 1)) == texts{page.lines[9].text});
}

TEST_CASE("a log that is removed while it is written stays removed", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_old, 1 << 10);
  for (std::uint64_t line = 0; line < 10'000; ++line) {
    writer->append(line % 2 == 0 ? out : err, numbered_line(line), dawn);
    if (line == 100)
      CHECK(folder.logs.remove(folder.run));
  }
  writer->finish(dawn);
  CHECK(fs::is_empty(folder.path));
}

// -- a disk that refuses ------------------------------------------------------

TEST_CASE("a full disk loses output and the log says how much", "[run_log]") {
  const auto on_full = GENERATE(log_on_full::drop_new, log_on_full::drop_old);
  const run_log_folder folder;
  const auto writer = folder.create(on_full, 1 << 20);
  const std::string line = std::string(999, 'x') + '\n';
  {
    const small_disk disk{8'020};
    for (int count = 0; count < 10; ++count)
      CHECK(writer->append(out, line, dawn) == verdict::kept);
    CHECK(folder.page().total_lines == 8);
  }
  writer->append(err, "better\n", dawn + 1ms);
  writer->finish(dawn);
  const auto page = folder.page(8);
  CHECK(texts_of(page)
        == texts{"[2000 bytes in 2 lines were lost: the disk was full or broken]", "better"});
  CHECK(page.lines[0].stream == marker);
  CHECK(page.lines[1].stream == err);
}

TEST_CASE("a full disk at the end is told by finish", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create();
  writer->append(out, "kept\n", dawn);
  {
    const small_disk disk{5};
    writer->append(out, "lost\n", dawn);
  }
  writer->finish(dawn);
  CHECK(texts_of(folder.page())
        == texts{"kept", "[5 bytes in 1 line were lost: the disk was full or broken]"});
}

TEST_CASE("a folder that cannot be made loses output and nothing else", "[run_log]") {
  const run_log_folder folder;
  write_bytes(folder.path, "a file");
  const auto writer = folder.create(log_on_full::kill_task, 1 << 10);
  CHECK(writer->append(out, "lost\n", dawn) == verdict::kept);
  CHECK(folder.page().lines.empty());
  fs::remove(folder.path);
  writer->append(out, "found\n", dawn);
  writer->finish(dawn);
  CHECK(texts_of(folder.page())
        == texts{"[5 bytes in 1 line were lost: the disk was full or broken]", "found"});
}
