#include "storage/tzif.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model/posix_tz.hpp"

namespace carillon::storage {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view magic = "TZif";
constexpr std::size_t header_size = 44;
constexpr std::size_t counts_at = 20;
constexpr std::size_t type_size = 6;

/// A whole number in two's complement, the high byte first. The caller has checked the size.
template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t read = 0;
  for (const char byte : bytes.substr(at, sizeof(Number)))
    read = read << 8U | static_cast<unsigned char>(byte);
  return static_cast<Number>(read);
}

/// How many there are of each part of a data block, in the order of the header.
struct counts {
  std::uint64_t ut_marks;
  std::uint64_t standard_marks;
  std::uint64_t leaps;
  std::uint64_t times;
  std::uint64_t types;
  std::uint64_t letters;

  [[nodiscard]] std::uint64_t block_size(std::uint64_t time_size) const {
    return times * (time_size + 1) + types * type_size + letters + leaps * (time_size + 4)
           + standard_marks + ut_marks;
  }
};

/// Cuts the header off.
std::optional<counts> take_header(std::string_view& bytes) {
  if (bytes.size() < header_size || !bytes.starts_with(magic) || bytes[magic.size()] < '2')
    return {};
  const auto count = [bytes](std::size_t index) {
    return number_at<std::uint32_t>(bytes, counts_at + index * sizeof(std::uint32_t));
  };
  const counts read{count(0), count(1), count(2), count(3), count(4), count(5)};
  bytes.remove_prefix(header_size);
  return read;
}

/// The data block with times of eight bytes.
struct table {
  seconds first;  ///< Holds before the first change.
  std::vector<zone_change> changes;
};

std::optional<table> read_table(std::string_view block, const counts& count) {
  const auto indices = block.substr(count.times * sizeof(std::int64_t));
  const auto types = indices.substr(count.times);
  const auto offset_of = [&](std::size_t type) {
    return seconds{number_at<std::int32_t>(types, type * type_size)};
  };
  for (std::size_t type = 0; type < count.types; ++type)
    if (offset_of(type) <= -hours{25} || offset_of(type) >= hours{26})
      return {};

  table read{offset_of(0), {}};
  auto before = seconds::min();
  auto offset = read.first;
  for (std::size_t index = 0; index < count.times; ++index) {
    const seconds at{number_at<std::int64_t>(block, index * sizeof(std::int64_t))};
    const std::size_t type = static_cast<unsigned char>(indices[index]);
    if (at <= before || type >= count.types)
      return {};
    before = at;
    // A change of the name alone, or of what counts as summer time, is none to us.
    if (offset_of(type) != offset) {
      offset = offset_of(type);
      read.changes.push_back({sys_seconds{at}, offset});
    }
  }
  return read;
}

/// The rule between the two line ends, which may be empty.
std::optional<std::string_view> read_footer(std::string_view bytes) {
  if (bytes.size() < 2 || bytes.front() != '\n' || bytes.back() != '\n')
    return {};
  const auto rule = bytes.substr(1, bytes.size() - 2);
  if (!rule.empty() && !posix_tz::parse(rule))
    return {};
  return rule;
}

}  // namespace

zone_ptr read_tzif(std::string name, std::string_view bytes) {
  // The first block repeats the second for readers of 32 bits.
  const auto old = take_header(bytes);
  if (!old || old->block_size(4) > bytes.size())
    return {};
  bytes.remove_prefix(old->block_size(4));

  const auto count = take_header(bytes);
  if (!count || count->block_size(8) > bytes.size() || count->types == 0 || count->leaps != 0)
    return {};
  const auto size = count->block_size(8);
  auto read = read_table(bytes.substr(0, size), *count);
  const auto rule = read_footer(bytes.substr(size));
  if (!read || !rule)
    return {};
  return std::make_shared<const zone>(std::move(name), read->first, std::move(read->changes),
                                      *rule);
}

}  // namespace carillon::storage
