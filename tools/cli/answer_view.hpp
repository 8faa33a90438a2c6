#pragma once

#include <string>
#include <string_view>

#include "model/json.hpp"
#include "tools/cli/arguments.hpp"
#include "tools/cli/table.hpp"

namespace carillon::cli {

/// The text that shows a good answer, whole lines. An answer without a body is no text.
std::string show(const view& how, std::string_view body, const common_options& options,
                 const screen& on);

/// The member at a path such as "counts.total", "attempts[-1].worker" (of the last) or "urls[#]"
/// (how many), or at the first of "a|b" that is there, as text for a cell; "-" when there is none.
std::string cell_of(const json::value& from, std::string_view path);

/// A value as a cell.
std::string text_of(const json::value& one);

/// The member `name` as text; empty when there is none.
std::string member_text(std::string_view body, std::string_view name);

/// The rows of an answer, and what each is a part of; nothing where it is the answer's own.
struct list_rows {
  std::vector<json::value> all;
  std::vector<json::value> wholes;
};
text_table table_of(std::span<const column> columns, const list_rows& rows);

}  // namespace carillon::cli
