#pragma once

#include <catch2/catch.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "storage/run_log.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace carillon::test {

inline constexpr storage::log_stream out = storage::log_stream::out;
inline constexpr storage::log_stream err = storage::log_stream::err;
inline constexpr storage::log_stream marker = storage::log_stream::system;

inline constexpr instant dawn{std::chrono::milliseconds{1'900'000'000'000}};

/// The logs of a test, and one run among them.
struct run_log_folder {
  temporary_folder parent;
  std::filesystem::path path = parent.path() / "logs";
  storage::run_logs logs{path.string()};
  task_id run{{1, 2, 3, 4, 5, 6, 0x77, 8, 0x89, 10, 11, 12, 13, 14, 15, 0xAB}};

  [[nodiscard]] std::filesystem::path file(const std::string& ending) const {
    return path / "ab" / (to_uuid(run) + ending);
  }
  [[nodiscard]] std::unique_ptr<storage::run_log_writer> create(
      log_on_full on_full = log_on_full::drop_new, std::uint64_t bytes_max = 100 << 20) const {
    return logs.create(run, {bytes_max, on_full});
  }
  [[nodiscard]] storage::log_page page(std::int64_t from = 0, std::size_t limit = 1 << 30) const {
    auto read = logs.read(run, from, limit);
    REQUIRE(read.has_value());
    return *std::move(read);
  }
  [[nodiscard]] std::string raw(std::uint64_t offset = 0, std::size_t limit = 1 << 30) const {
    auto read = logs.read_raw(run, offset, limit);
    REQUIRE(read.has_value());
    return std::move(read->bytes);
  }
};

inline std::vector<std::string> texts_of(const storage::log_page& page) {
  std::vector<std::string> texts;
  for (const auto& line : page.lines)
    texts.push_back(line.text);
  return texts;
}

inline bool same(const storage::log_line& one, const storage::log_line& other) {
  return one.time == other.time && one.stream == other.stream && one.text == other.text
         && one.continued == other.continued;
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_bytes(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream{file, std::ios::binary} << bytes;
}

/// "line 00000042\n"
inline std::string numbered_line(std::uint64_t number) {
  const auto digits = std::to_string(number);
  return "line " + std::string(8 - std::min<std::size_t>(8, digits.size()), '0') + digits + '\n';
}

inline std::string numbered_lines(std::uint64_t from, std::uint64_t end) {
  std::string lines;
  for (; from < end; ++from)
    lines += numbered_line(from);
  return lines;
}

}  // namespace carillon::test
