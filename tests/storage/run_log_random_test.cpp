#include <fcntl.h>
#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "storage/run_log_files.hpp"
#include "tests/storage/run_log_folder.hpp"
#include "tests/support/dice.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;

// Goal: whatever comes in whatever pieces, a log reads as if it were a list in memory; a
// reader beside the writer sees whole lines only.

namespace {

/// What a log should hold, byte by byte.
class model_log {
public:
  explicit model_log(std::size_t piece) : piece_{piece} {}

  std::vector<log_line> lines;
  std::string raw;

  void append(log_stream stream, std::string_view bytes, instant now) {
    auto& from = rests_[static_cast<std::size_t>(stream)];
    for (const char byte : bytes) {
      if (byte == '\n') {
        keep(stream, now);
        raw += '\n';
        from.continued = false;
        continue;
      }
      if (from.text.size() == piece_)
        keep(stream, now);
      if (from.text.empty())
        from.since = now;
      from.text += byte;
    }
  }
  void flush(instant begun_by, instant now) {
    const bool err_first = rests_[1].since < rests_[0].since;
    for (const auto stream : err_first ? std::array{err, out} : std::array{out, err}) {
      const auto& from = rests_[static_cast<std::size_t>(stream)];
      if (!from.text.empty() && from.since <= begun_by)
        keep(stream, now);
    }
  }

private:
  struct rest {
    std::string text;
    instant since{};
    bool continued = false;
  };
  void keep(log_stream stream, instant now) {
    auto& from = rests_[static_cast<std::size_t>(stream)];
    raw += from.text;
    lines.push_back({std::ssize(lines), now, stream, std::move(from.text), from.continued});
    from.text.clear();
    from.continued = true;
  }

  std::size_t piece_;
  std::array<rest, 2> rests_;
};

std::string random_piece(dice& chance) {
  const std::size_t sizes[] = {3, 20, 20, 200, 200, 3000, 150'000};
  std::string piece(chance.below(sizes[chance.below(std::size(sizes))] + 1), '\0');
  const auto newline_chances = std::array<std::size_t, 4>{3, 30, 1000, 1'000'000}[chance.below(4)];
  for (auto& byte : piece)
    byte = chance.one_in(newline_chances) ? '\n' : static_cast<char>('a' + chance.below(26));
  return piece;
}

/// One random life of a log, with a model beside it.
class random_life {
public:
  random_life(unsigned seed, log_on_full on_full, std::uint64_t bytes_max)
      : random_{seed},
        writer_{folder_.create(on_full, bytes_max)},
        model_{std::min<std::size_t>(64 << 10, bytes_max / 2)} {}

  void step() {
    if (chance_.one_in(3))
      now_ += duration{static_cast<std::int64_t>(chance_.below(800))};
    if (chance_.one_in(10)) {
      writer_->flush(now_);
      model_.flush(now_ - std::chrono::seconds{1}, now_);
      return;
    }
    const auto stream = chance_.percent(60) ? out : err;
    const auto piece = random_piece(chance_);
    writer_->append(stream, piece, now_);
    model_.append(stream, piece, now_);
  }
  void finish() {
    writer_->finish(now_);
    model_.flush(instant::max(), now_);
  }

  void check_all_is_there() {
    const auto total = std::ssize(model_.lines);
    const auto from = static_cast<std::int64_t>(chance_.below(model_.lines.size() + 1));
    const auto limit = chance_.below(40);
    for (const auto first : {from, from - total - 1}) {
      const auto page = folder_.page(first, limit);
      REQUIRE(page.total_lines == total);
      const auto begin = std::max<std::int64_t>(0, first < 0 ? total + first : first);
      REQUIRE(
          std::ssize(page.lines)
          == std::min(std::max<std::int64_t>(0, total - begin), static_cast<std::int64_t>(limit)));
      for (std::int64_t at = 0; at < std::ssize(page.lines); ++at) {
        const auto& line = page.lines[static_cast<std::size_t>(at)];
        REQUIRE(line.number == begin + at);
        REQUIRE(same(line, model_.lines[static_cast<std::size_t>(begin + at)]));
      }
    }
    const auto offset = chance_.below(model_.raw.size() + 1);
    const auto size = chance_.below(100'000);
    REQUIRE((folder_.raw(offset, size) == model_.raw.substr(offset, size)));
  }

  /// Of a ring: the last lines are there, as many as find room, in order.
  void check_the_newest_are_there(std::uint64_t bytes_max) {
    const auto page = folder_.page();
    REQUIRE(page.total_lines == page.first_available + std::ssize(page.lines));
    std::uint64_t bytes = 0;
    bool rising = true;
    std::vector<const log_line*> printed;
    for (std::size_t at = 0; at < page.lines.size(); ++at) {
      rising =
          rising && page.lines[at].number == page.first_available + static_cast<std::int64_t>(at);
      bytes += page.lines[at].text.size() + 1;
      if (page.lines[at].stream != marker)
        printed.push_back(&page.lines[at]);
    }
    REQUIRE(rising);
    REQUIRE(printed.size() <= model_.lines.size());
    const auto skipped = model_.lines.size() - printed.size();
    bool equal = true;
    for (std::size_t at = 0; at < printed.size(); ++at)
      equal = equal && same(*printed[at], model_.lines[skipped + at]);
    REQUIRE(equal);
    REQUIRE(bytes <= bytes_max + page.lines.size());
    if (page.first_available == 0) {
      REQUIRE(skipped == 0);
    } else {
      const auto cut = skipped > 0 ? model_.lines[skipped - 1].text.size() : 0;
      REQUIRE(bytes + cut + 200 >= bytes_max);
      REQUIRE(printed.size() < page.lines.size());
    }
    if (!page.lines.empty()) {
      const auto from = chance_.below(page.lines.size());
      const auto part = folder_.page(page.lines[from].number, 5);
      for (std::size_t at = 0; at < part.lines.size(); ++at)
        REQUIRE(same(part.lines[at], page.lines[from + at]));
    }
  }

private:
  std::mt19937_64 random_;
  dice chance_{random_};
  run_log_folder folder_;
  std::unique_ptr<run_log_writer> writer_;
  model_log model_;
  instant now_ = dawn;
};

}  // namespace

TEST_CASE("a log reads like a list in memory", "[run_log]") {
  const auto seed = GENERATE(range(0U, 20U));
  CAPTURE(seed);
  random_life life{seed, log_on_full::drop_new, 100 << 20};
  for (int step = 0; step < 200; ++step) {
    life.step();
    if (step % 5 == 0)
      life.check_all_is_there();
  }
  life.finish();
  life.check_all_is_there();
}

TEST_CASE("a ring reads like the end of a list in memory", "[run_log]") {
  const auto seed = GENERATE(range(0U, 10U));
  const auto bytes_max = GENERATE(as<std::uint64_t>{}, 1 << 10, 5'000, 64 << 10, 1 << 20);
  CAPTURE(seed, bytes_max);
  random_life life{seed, log_on_full::drop_old, bytes_max};
  for (int step = 0; step < 150; ++step) {
    life.step();
    if (step % 5 == 0)
      life.check_the_newest_are_there(bytes_max);
  }
  life.finish();
  life.check_the_newest_are_there(bytes_max);
}

TEST_CASE("a reader beside a flood sees whole lines only", "[run_log]") {
  const auto bytes_max = GENERATE(as<std::uint64_t>{}, 1 << 10, 64 << 10);
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_old, bytes_max);
  std::atomic<bool> done{false};
  std::thread flood{[&] {
    std::mt19937 random{1};
    for (std::uint64_t line = 0; line < 300'000;) {
      const auto step = 1 + random() % 300;
      writer->append(line % 3 == 0 ? err : out, numbered_lines(line, line + step),
                     dawn + duration{line / 1000});
      line += step;
    }
    done = true;
  }};
  std::size_t torn = 0;
  std::mt19937 random{2};
  while (!done) {
    const auto page = folder.logs.read(folder.run, -1 - static_cast<int>(random() % 5000), 1000);
    if (!page) {
      ++torn;
      continue;
    }
    std::uint64_t serial = 0;
    std::int64_t number = -1;
    for (const auto& line : page->lines) {
      torn += number >= 0 && line.number != number + 1;
      number = line.number;
      if (line.stream == marker) {
        torn += !line.text.starts_with('[') || !line.text.ends_with(']');
        continue;
      }
      const auto found = std::strtoull(
          line.text.c_str() + std::min<std::size_t>(5, line.text.size()), nullptr, 10);
      torn += line.text + '\n' != numbered_line(found) || (serial > 0 && found != serial + 1);
      serial = found;
    }
    torn += !page->lines.empty() && page->first_available > page->lines.front().number;
    const auto raw = folder.logs.read_raw(folder.run, 0, 1000);
    torn += !raw || (!raw->bytes.empty() && raw->bytes[0] != 'l' && raw->bytes[0] != '[');
  }
  flood.join();
  CHECK(torn == 0);
  CHECK(folder.page(-1, 1).lines[0].text.starts_with("line "));
}

TEST_CASE("who has an index open learns that it was replaced", "[run_log]") {
  const run_log_folder folder;
  const auto writer = folder.create(log_on_full::drop_old, 1 << 10);
  writer->append(out, numbered_line(0), dawn);
  const log_file before{folder.file(".idx").string(), O_RDONLY};
  for (std::uint64_t line = 1; line < 3000; ++line)
    writer->append(line % 2 == 0 ? out : err, numbered_line(line), dawn);
  log_header header;
  REQUIRE(before.read(header));
  CHECK_FALSE(before.named());
  CHECK(header.start == start_replaced);
}
