#include "storage/record.hpp"

#include <algorithm>

#include <bit>

namespace carillon::storage {

std::string_view id_bytes(const task_id& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

std::optional<task_id> read_id(std::string_view bytes) {
  task_id id;
  if (bytes.size() != id.bytes.size())
    return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

void record_writer::varint(std::uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<char>(value | 0x80U));
    value >>= 7;
  }
  out_.push_back(static_cast<char>(value));
}

void record_writer::number(std::uint32_t field, std::int64_t value) {
  varint(std::uint64_t{field} * 2);
  varint(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
}

void record_writer::bytes(std::uint32_t field, std::string_view value) {
  varint(std::uint64_t{field} * 2 + 1);
  varint(value.size());
  out_.append(value);
}

void record_writer::real(std::uint32_t field, double value) {
  number(field, std::bit_cast<std::int64_t>(value));
}

record_reader::record_reader(std::string_view data) : rest_{data}, ok_{!data.empty()} {
  if (ok_) {
    version_ = static_cast<std::uint8_t>(data.front());
    rest_.remove_prefix(1);
  }
}

bool record_reader::varint(std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80)
      return true;
  }
  ok_ = false;
  return false;
}

bool record_reader::next() {
  std::uint64_t tag = 0;
  std::uint64_t value = 0;
  if (!ok_ || rest_.empty() || !varint(tag) || !varint(value))
    return false;
  field_ = static_cast<std::uint32_t>(tag / 2);
  if (tag % 2 == 0) {
    number_ = static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
    return true;
  }
  if (value > rest_.size()) {
    ok_ = false;
    return false;
  }
  bytes_ = rest_.substr(0, value);
  rest_.remove_prefix(value);
  return true;
}

double record_reader::real() const {
  return std::bit_cast<double>(number_);
}

}  // namespace carillon::storage
