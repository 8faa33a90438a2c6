#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/zone.hpp"

namespace carillon {

/// Faults of a recurrence text; their messages begin with the part and where it stands.
class rrule_faults {
public:
  explicit rrule_faults(std::string_view location) : location_{location} {}

  /// `position` counts the characters of the text from 0. What is beyond the first 50 is dropped.
  void add(std::string_view part, std::size_t position, std::string_view message,
           std::string_view value = {});
  /// Of the text as a whole.
  void add(std::string_view message);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] problem to_problem() && { return std::move(faults_).to_problem(); }

private:
  void add_located(std::string message, std::string_view value);

  std::string location_;
  fault_list faults_;
  std::size_t count_ = 0;
};

/// A piece of a text that knows where it comes from, also when lines were unfolded.
struct rrule_piece {
  std::string_view text;
  const std::size_t* positions;  ///< One for each byte of `text` and one for its end.

  [[nodiscard]] std::size_t position() const { return *positions; }
  [[nodiscard]] rrule_piece part(std::size_t begin, std::size_t length) const {
    return {text.substr(begin, length), positions + begin};
  }
};

/// Splits at every `separator` outside of double quotes; empty pieces are kept.
std::vector<rrule_piece> split(const rrule_piece& piece, char separator);

/// "NAME;PARAMETER=VALUE:value", or a value alone.
struct rrule_line {
  std::string name;  ///< In capitals; empty for a value alone.
  std::vector<rrule_piece> parameters = {};
  rrule_piece value;
};

/// The content lines of a text (RFC 5545, 3.1), unfolded. Lines end with LF or CRLF.
class rrule_lines {
public:
  rrule_lines(std::string_view text, rrule_faults& faults);

  [[nodiscard]] std::vector<rrule_line> all() const;

private:
  struct unfolded {
    std::string text;
    std::vector<std::size_t> positions;
  };
  std::vector<unfolded> lines_;
};

/// ASCII capitals.
std::string capitals(std::string_view text);

/// A DATE (midnight is meant) or a DATE-TIME.
struct rrule_date {
  local_seconds at;
  bool has_time;
  bool is_utc;  ///< `at` is UTC.
};
/// Empty: it is none.
std::optional<rrule_date> read_rrule_date(std::string_view text);

/// What a clock in `where` shows then.
local_seconds local_of(const rrule_date& date, const zone& where);

}  // namespace carillon
