#include "tools/cli/table.hpp"

#include <algorithm>
#include <array>
#include <cwchar>
#include <numeric>

namespace carillon::cli {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t least = 6;  ///< A cut column keeps so much.
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view reset = "\x1b[0m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view yellow = "\x1b[33m";

struct meaning {
  std::string_view color;
  std::array<std::string_view, 8> words;
};
constexpr std::array<meaning, 3> meanings{
    {{red, {"failed", "error", "timeout", "crashed", "expired", "open", "start_failed", "missed"}},
     {green, {"completed", "success", "active", "closed", "ran", "ready", "ok", "published"}},
     {yellow,
      {"processing", "running", "retrying", "paused", "disabled", "half_open", "resting",
       "late"}}}};

/// The bytes of the code point that begins at `at`, and its columns.
struct glyph {
  std::size_t bytes;
  std::size_t columns;
};

glyph glyph_at(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  std::size_t bytes = 1;
  char32_t point = first;
  if (first >= 0xF0)
    bytes = 4, point = first & 0x07U;
  else if (first >= 0xE0)
    bytes = 3, point = first & 0x0FU;
  else if (first >= 0xC0)
    bytes = 2, point = first & 0x1FU;
  bytes = std::min(bytes, text.size() - at);
  for (std::size_t next = 1; next < bytes; ++next)
    point = (point << 6U) | (static_cast<unsigned char>(text[at + next]) & 0x3FU);
  const int columns = wcwidth(static_cast<wchar_t>(point));
  return {bytes, columns < 0 ? 1 : static_cast<std::size_t>(columns)};
}

/// Takes from the widest column but the first until the rest fits.
void narrow(std::vector<std::size_t>& widths, std::size_t room) {
  const auto total = [&] {
    return std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
  };
  while (total() > room) {
    auto widest = std::max_element(widths.begin() + (widths.size() > 1 ? 1 : 0), widths.end());
    if (*widest <= least)
      widest = widths.begin();
    if (*widest <= least)
      return;
    --*widest;
  }
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, width_of(text)), ' ');
}

std::string plain_rows(const text_table& all) {
  std::string out;
  for (const auto& row : all.rows) {
    for (std::size_t at = 0; at < row.size(); ++at)
      out.append(at == 0 ? "" : "\t").append(row[at]);
    out += '\n';
  }
  return out;
}

}  // namespace

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto one = glyph_at(text, at);
    width += one.columns;
    at += one.bytes;
  }
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (width_of(text) <= width)
    return std::string{text};
  std::size_t used = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto one = glyph_at(text, at);
    if (used + one.columns + 1 > width)
      break;
    used += one.columns;
    at += one.bytes;
  }
  return std::string{text.substr(0, at)} + (width > 0 ? "…" : "");
}

std::string colored(const std::string& shown, std::string_view word, const screen& on) {
  if (!on.has_color)
    return shown;
  for (const auto& one : meanings)
    if (std::ranges::find(one.words, word) != one.words.end())
      return std::string{one.color} + shown + std::string{reset};
  return shown;
}

std::string lay_out(const text_table& all, const screen& on) {
  if (!on.is_terminal)
    return plain_rows(all);
  std::vector<std::size_t> widths;
  for (std::size_t at = 0; at < all.titles.size(); ++at) {
    widths.push_back(width_of(all.titles[at]));
    for (const auto& row : all.rows)
      widths[at] = std::max(widths[at], width_of(row[at]));
  }
  narrow(widths, on.width);
  std::string out{on.has_color ? bold : ""};
  const auto line = [&](const std::vector<std::string>& cells, bool is_title) {
    std::string text;
    for (std::size_t at = 0; at < cells.size(); ++at) {
      const bool is_last = at + 1 == cells.size();
      const auto shown = cut(cells[at], widths[at]);
      text += is_title ? (is_last ? shown : padded(shown, widths[at]))
                       : colored(is_last ? shown : padded(shown, widths[at]), cells[at], on);
      text += is_last ? "" : std::string(gap, ' ');
    }
    return text;
  };
  out += line(all.titles, true) + std::string{on.has_color ? reset : ""} + "\n";
  for (const auto& row : all.rows)
    out += line(row, false) + "\n";
  return out;
}

std::string lay_out_pairs(const std::vector<std::pair<std::string, std::string>>& all,
                          const screen& on) {
  std::size_t width = 0;
  for (const auto& one : all)
    width = std::max(width, width_of(one.first));
  std::string out;
  for (const auto& [name, value] : all)
    out += on.is_terminal ? padded(name, width + gap) + colored(value, value, on) + "\n"
                          : std::string{name}.append("\t").append(value) + "\n";
  return out;
}

}  // namespace carillon::cli
