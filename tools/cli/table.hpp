#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carillon::cli {

/// What the output goes to.
struct screen {
  bool is_terminal = false;
  std::size_t width = 80;
  std::size_t height = 24;
  bool has_color = false;
};

struct text_table {
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> rows;  ///< As many cells as titles each.
};

/// On a terminal aligned columns with titles, no line wider than it: what is too wide is cut, the
/// first column last. Elsewhere a line a row, cells with a tab between them, no titles, nothing
/// cut.
std::string lay_out(const text_table& all, const screen& on);

/// Names and values: aligned on a terminal, with a tab between elsewhere. Nothing is cut.
std::string lay_out_pairs(const std::vector<std::pair<std::string, std::string>>& all,
                          const screen& on);

/// How many columns of a terminal a text takes, and the text cut to so many.
std::size_t width_of(std::string_view text);
std::string cut(std::string_view text, std::size_t width);

/// A word of a status in the colour of what it means.
std::string colored(const std::string& shown, std::string_view word, const screen& on);

}  // namespace carillon::cli
