#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/instant.hpp"
#include "model/task_id.hpp"

namespace carillon::storage {

// record := version:u8 field*
// field  := tag:varint (number:u32 of bytes): number * 2 for a number, number * 2 + 1 for bytes
//           number:varint (zigzag) | length:varint bytes
// A reader skips the numbers that it does not know, so fields may be added without a new version.

/// The 16 bytes of an id, as they stand in keys and records.
std::string_view id_bytes(const task_id& id);
/// Empty when there are not 16.
std::optional<task_id> read_id(std::string_view bytes);

/// Builds a record.
class record_writer {
public:
  explicit record_writer(std::uint8_t version) { out_.push_back(static_cast<char>(version)); }

  void number(std::uint32_t field, std::int64_t value);
  void bytes(std::uint32_t field, std::string_view value);
  void moment(std::uint32_t field, instant value) {
    number(field, value.time_since_epoch().count());
  }
  void moment(std::uint32_t field, std::optional<instant> value) {
    if (value)
      moment(field, *value);
  }
  void real(std::uint32_t field, double value);
  /// Bytes that are left out when empty.
  void text(std::uint32_t field, std::string_view value) {
    if (!value.empty())
      bytes(field, value);
  }

  [[nodiscard]] const std::string& data() const { return out_; }
  void reserve(std::size_t size) { out_.reserve(size); }

private:
  void varint(std::uint64_t value);

  std::string out_;
};

/// Walks the fields of a record. Bytes that are cut or broken make ok() false.
class record_reader {
public:
  explicit record_reader(std::string_view data);

  [[nodiscard]] std::uint8_t version() const { return version_; }
  [[nodiscard]] bool ok() const { return ok_; }

  /// Goes to the next field; false at the end or when the bytes are broken.
  bool next();
  [[nodiscard]] std::uint32_t field() const { return field_; }
  [[nodiscard]] std::int64_t number() const { return number_; }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] std::string text() const { return std::string{bytes_}; }
  [[nodiscard]] instant moment() const { return instant{duration{number_}}; }
  [[nodiscard]] double real() const;
  /// A number that stands for a word, the last of which is `last`. Any other breaks the record.
  template <class Enum>
  [[nodiscard]] Enum word(Enum last) {
    ok_ = ok_ && number_ >= 0 && number_ <= static_cast<std::int64_t>(last);
    return ok_ ? static_cast<Enum>(number_) : Enum{};
  }

private:
  bool varint(std::uint64_t& value);

  std::string_view rest_;
  std::uint8_t version_ = 0;
  bool ok_ = true;
  std::uint32_t field_ = 0;
  std::int64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace carillon::storage
