#include "model/rrule_lines.hpp"

#include <algorithm>
#include <charconv>

namespace carillon {

namespace {

constexpr std::size_t faults_max = 50;

bool is_fold(char byte) {
  return byte == ' ' || byte == '\t';
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

/// The number that `text` has at `begin`; all digits.
int number_at(std::string_view text, std::size_t begin, std::size_t length) {
  int number = 0;
  std::from_chars(text.data() + begin, text.data() + begin + length, number);
  return number;
}

/// "NAME" of "NAME:..." or "NAME;..."; empty when the line is a value alone.
std::string_view name_of(std::string_view line) {
  const auto end = line.find_first_of(":;=");
  if (end == std::string_view::npos || line[end] == '=')
    return {};
  return line.substr(0, end);
}

rrule_line read_line(const rrule_piece& line) {
  const auto name = name_of(line.text);
  if (name.empty())
    return {"", {}, line};
  auto parts = split(line, ':');
  const auto head = parts.front();
  const auto value_begin = std::min(head.text.size() + 1, line.text.size());
  auto parameters = split(head, ';');
  parameters.erase(parameters.begin());
  return {capitals(name), std::move(parameters),
          line.part(value_begin, line.text.size() - value_begin)};
}

}  // namespace

// -- faults -------------------------------------------------------------------

void rrule_faults::add(std::string_view part, std::size_t position, std::string_view message,
                       std::string_view value) {
  std::string told{part};
  told += " at character " + std::to_string(position + 1) + ": ";
  told += message;
  add_located(std::move(told), value);
}

void rrule_faults::add(std::string_view message) {
  add_located(std::string{message}, {});
}

void rrule_faults::add_located(std::string message, std::string_view value) {
  if (++count_ <= faults_max)
    faults_.add(location_, std::move(message), value);
}

// -- lines --------------------------------------------------------------------

std::vector<rrule_piece> split(const rrule_piece& piece, char separator) {
  std::vector<rrule_piece> pieces;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t at = 0; at <= piece.text.size(); ++at) {
    if (at < piece.text.size() && piece.text[at] == '"')
      quoted = !quoted;
    if (at == piece.text.size() || (piece.text[at] == separator && !quoted)) {
      pieces.push_back(piece.part(begin, at - begin));
      begin = at + 1;
    }
  }
  return pieces;
}

rrule_lines::rrule_lines(std::string_view text, rrule_faults& faults) {
  for (std::size_t begin = 0; begin < text.size();) {
    const auto newline = std::min(text.find('\n', begin), text.size());
    auto end = newline;
    if (end > begin && text[end - 1] == '\r')
      --end;
    const bool folded = begin < end && is_fold(text[begin]);
    if (folded && lines_.empty())
      faults.add("white space", begin, "a line that goes on needs one before it");
    if (begin < end && (!folded || lines_.empty()))
      lines_.push_back({"", {begin}});
    if (begin < end) {
      auto& line = lines_.back();
      line.positions.pop_back();
      for (auto at = folded ? begin + 1 : begin; at <= end; ++at)
        line.positions.push_back(at);
      line.text += text.substr(folded ? begin + 1 : begin, end - begin - (folded ? 1 : 0));
    }
    begin = newline + 1;
  }
}

std::vector<rrule_line> rrule_lines::all() const {
  std::vector<rrule_line> lines;
  for (const auto& line : lines_)
    lines.push_back(read_line({line.text, line.positions.data()}));
  return lines;
}

std::string capitals(std::string_view text) {
  std::string raised{text};
  for (auto& byte : raised) {
    if (byte >= 'a' && byte <= 'z')
      byte = static_cast<char>(byte - 'a' + 'A');
  }
  return raised;
}

// -- dates --------------------------------------------------------------------

std::optional<rrule_date> read_rrule_date(std::string_view text) {
  const bool is_utc = text.size() == 16 && (text[15] == 'Z' || text[15] == 'z');
  const bool has_time = text.size() == 15 || is_utc;
  if (!has_time && text.size() != 8)
    return {};
  if (has_time && text[8] != 'T' && text[8] != 't')
    return {};
  for (std::size_t at = 0; at < std::min<std::size_t>(text.size(), 15); ++at) {
    if (at != 8 && !is_digit(text[at]))
      return {};
  }
  const auto date = std::chrono::year{number_at(text, 0, 4)}
                    / std::chrono::month{static_cast<unsigned>(number_at(text, 4, 2))}
                    / std::chrono::day{static_cast<unsigned>(number_at(text, 6, 2))};
  if (!date.ok())
    return {};
  const local_seconds midnight = std::chrono::local_days{date};
  if (!has_time)
    return rrule_date{midnight, false, false};
  const int hour = number_at(text, 9, 2);
  const int minute = number_at(text, 11, 2);
  const int second = number_at(text, 13, 2);
  if (hour > 23 || minute > 59 || second > 60)
    return {};
  // RFC 5545, 3.3.12: who knows no leap seconds takes 60 for 59.
  return rrule_date{midnight + std::chrono::hours{hour} + std::chrono::minutes{minute}
                        + std::chrono::seconds{std::min(second, 59)},
                    true, is_utc};
}

local_seconds local_of(const rrule_date& date, const zone& where) {
  if (!date.is_utc)
    return date.at;
  const sys_seconds real{date.at.time_since_epoch()};
  return where.span_at(real).to_local(real);
}

}  // namespace carillon
