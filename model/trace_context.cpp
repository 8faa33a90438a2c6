#include "model/trace_context.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "model/task.hpp"

namespace carillon {
namespace {

constexpr std::size_t version_bytes = 2;
constexpr std::size_t trace_bytes = 32;
constexpr std::size_t span_bytes = 16;
constexpr std::size_t flags_bytes = 2;
constexpr std::size_t trace_at = version_bytes + 1;
constexpr std::size_t span_at = trace_at + trace_bytes + 1;
constexpr std::size_t flags_at = span_at + span_bytes + 1;
constexpr std::size_t parent_bytes = flags_at + flags_bytes;

constexpr std::size_t state_bytes_max = 512;
constexpr std::size_t state_members_max = 32;
constexpr std::size_t state_key_bytes_max = 256;
constexpr std::size_t state_value_bytes_max = 256;

/// Of a trace that begins here: what is done about it is recorded. Of other flags nothing is known.
constexpr std::string_view flags_sampled = "01";
constexpr std::string_view flags_none = "00";

bool is_sampled(std::string_view traceparent) {
  return std::string_view{"13579bdf"}.find(traceparent.at(flags_at + 1)) != std::string_view::npos;
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_nothing(std::string_view digits) {
  return digits.find_first_not_of('0') == std::string_view::npos;
}

/// Version 00 to the letter; a later one may go on behind it with a dash.
bool is_traceparent(std::string_view text) {
  if (text.size() < parent_bytes || text[trace_at - 1] != '-' || text[span_at - 1] != '-'
      || text[flags_at - 1] != '-')
    return false;
  const auto version = text.substr(0, version_bytes);
  const auto trace = text.substr(trace_at, trace_bytes);
  const auto span = text.substr(span_at, span_bytes);
  if (!is_hex(version) || version == "ff" || !is_hex(trace) || is_nothing(trace) || !is_hex(span)
      || is_nothing(span) || !is_hex(text.substr(flags_at, flags_bytes)))
    return false;
  if (text.size() == parent_bytes)
    return true;
  return version != "00" && text[parent_bytes] == '-';
}

// -- tracestate -------------------------------------------------------------------

bool is_lower_or_digit(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

bool is_key(std::string_view key) {
  const auto is_fine = [](char letter) {
    return is_lower_or_digit(letter) || std::string_view{"_-*/@"}.find(letter) != std::string::npos;
  };
  return !key.empty() && key.size() <= state_key_bytes_max && is_lower_or_digit(key.front())
         && std::ranges::all_of(key, is_fine) && std::ranges::count(key, '@') <= 1
         && !key.ends_with('@');
}

bool is_value(std::string_view value) {
  const auto is_fine = [](char letter) {
    return letter >= ' ' && letter <= '~' && letter != ',' && letter != '=';
  };
  return !value.empty() && value.size() <= state_value_bytes_max
         && std::ranges::all_of(value, is_fine);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// The list without its empty members; nothing when one of the others breaks the rules.
std::string read_state(std::string_view text) {
  std::vector<std::string_view> keys;
  std::string list;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto member = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (member.empty())
      continue;
    const auto key = member.substr(0, member.find('='));
    if (key.size() == member.size() || !is_key(key) || !is_value(member.substr(key.size() + 1))
        || std::ranges::find(keys, key) != keys.end() || keys.size() == state_members_max)
      return {};
    keys.push_back(key);
    list.append(list.empty() ? "" : ",").append(member);
  }
  return list.size() <= state_bytes_max ? list : std::string{};
}

// -- our own ----------------------------------------------------------------------

template <class Bytes>
std::string hex_of(const Bytes& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t each : bytes)
    text.append({digits[each >> 4U], digits[each & 0xFU]});
  return text;
}

/// The finalizer of splitmix64: neighbours become strangers.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EB;
  return value ^ (value >> 31U);
}

std::string span_of(const task& subject) {
  const auto number = subject.attempts.empty() ? 0 : subject.attempts.back().number;
  const auto& id = subject.id.bytes;
  const auto half = [&](std::size_t at) {
    std::uint64_t value = 0;
    for (const auto end = at + span_bytes / 2; at < end; ++at)
      value = value << 8U | id.at(at);
    return value;
  };
  auto span = mixed(mixed(half(0)) ^ mixed(half(span_bytes / 2) + static_cast<unsigned>(number)));
  span |= span == 0 ? 1 : 0;
  std::array<std::uint8_t, span_bytes / 2> bytes{};
  for (auto at = bytes.rbegin(); at != bytes.rend(); ++at, span >>= 8U)
    *at = static_cast<std::uint8_t>(span);
  return hex_of(bytes);
}

}  // namespace

trace_link read_trace(std::string_view traceparent, std::string_view tracestate) {
  const auto text = trimmed(traceparent);
  if (!is_traceparent(text))
    return {};
  return {"00" + std::string{text.substr(version_bytes, parent_bytes - version_bytes)},
          read_state(tracestate)};
}

std::string trace_id_of(const task& subject) {
  const auto& parent = subject.spec->trace.parent;
  return parent.empty() ? hex_of(subject.id.bytes) : parent.substr(trace_at, trace_bytes);
}

trace_link trace_of_attempt(const task& subject) {
  const auto& given = subject.spec->trace;
  const auto flags = given.parent.empty() || is_sampled(given.parent) ? flags_sampled : flags_none;
  return {"00-" + trace_id_of(subject) + "-" + span_of(subject) + "-" + std::string{flags},
          given.state};
}

}  // namespace carillon
