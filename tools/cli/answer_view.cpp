#include "tools/cli/answer_view.hpp"

#include "config/printable.hpp"

#include <algorithm>
#include <optional>

namespace carillon::cli {
namespace {

constexpr auto nothing = "-";

std::optional<json::value> member(const json::value& of, std::string_view name) {
  for (const auto& each : json::members(of))
    if (each.key == name)
      return each.value;
  return std::nullopt;
}

std::string without_spaces(const json::value& one) {
  json::writer out;
  const auto copy = [&out](const auto& self, const json::value& from) -> void {
    if (from.kind == json::kind::object) {
      out.begin_object();
      for (const auto& each : json::members(from)) {
        out.key(each.key);
        self(self, each.value);
      }
      out.end_object();
    } else if (from.kind == json::kind::array) {
      out.begin_array();
      for (const auto& each : json::elements(from))
        self(self, each);
      out.end_array();
    } else {
      out.raw(from.raw);
    }
  };
  copy(copy, one);
  return out.take();
}

bool is_list_of_objects(const json::value& one) {
  const auto all = json::elements(one);
  return !all.empty() && std::ranges::all_of(all, [](const auto& each) {
    return each.kind == json::kind::object;
  });
}

/// The elements of a list, or the lists in its elements.
std::vector<json::value> elements_of(const view& how, const json::value& root,
                                     std::vector<json::value>& wholes) {
  if (how.list == "[]")
    return json::elements(root);
  const auto dot = how.list.find('.');
  const auto outer = json::elements(member(root, how.list.substr(0, dot)).value_or(json::value{}));
  if (dot == std::string_view::npos)
    return outer;
  std::vector<json::value> all;
  for (const auto& whole : outer)
    for (const auto& part :
         json::elements(member(whole, how.list.substr(dot + 1)).value_or(json::value{}))) {
      all.push_back(part);
      wholes.push_back(whole);
    }
  return all;
}

/// The rows of a list, but for those that the view leaves out.
list_rows rows_of(const view& how, const json::value& root) {
  list_rows found;
  found.all = elements_of(how, root, found.wholes);
  if (!how.only_with.empty())
    std::erase_if(found.all, [&](const auto& row) {
      const auto value = member(row, how.only_with);
      return !value || value->kind == json::kind::null;
    });
  return found;
}

/// Of rows that no view describes: every member that any of them has.
text_table table_of_all(const std::vector<json::value>& rows) {
  text_table all;
  for (const auto& row : rows)
    for (const auto& each : json::members(row))
      if (std::ranges::find(all.titles, each.key) == all.titles.end())
        all.titles.push_back(each.key);
  for (const auto& row : rows) {
    auto& cells = all.rows.emplace_back();
    for (const auto& title : all.titles) {
      const auto found = member(row, title);
      cells.push_back(found ? text_of(*found) : nothing);
    }
  }
  return all;
}

/// One thing: its members, and below them its lists.
std::string show_one(const json::value& root, const screen& on) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::string lists;
  for (const auto& each : json::members(root)) {
    if (each.key == "$schema")
      continue;
    if (on.is_terminal && is_list_of_objects(each.value))
      lists +=
          "\n" + printable(each.key) + "\n" + lay_out(table_of_all(json::elements(each.value)), on);
    else
      pairs.emplace_back(printable(each.key), text_of(each.value));
  }
  return lay_out_pairs(pairs, on) + lists;
}

/// What a person is told below a list on a terminal: that there is more.
std::string rest_of(const json::value& root, std::size_t shown, const screen& on) {
  const auto more = member(root, "has_more");
  if (!on.is_terminal || !more || !json::as_bool(*more).value_or(false))
    return {};
  std::string text = std::to_string(shown);
  if (const auto total = member(root, "total"))
    text += " of " + std::string{total->raw};
  const auto cursor = cell_of(root, "next_cursor");
  return text
         + (cursor == nothing ? "; --offset shows more\n" : "; more: --cursor " + cursor + "\n");
}

std::string show_keys(const view& how, const json::value& root) {
  if (how.list.empty()) {
    const auto key = cell_of(root, how.key);
    return key == nothing ? "" : key + "\n";
  }
  std::string out;
  for (const auto& row : rows_of(how, root).all)
    out += cell_of(row, how.key) + "\n";
  return out;
}

std::string show_lines(const view& how, const json::value& root) {
  if (how.list.empty())
    return without_spaces(root) + "\n";
  std::string out;
  for (const auto& row : rows_of(how, root).all)
    out += without_spaces(row) + "\n";
  return out;
}

}  // namespace

std::string text_of(const json::value& one) {
  if (one.kind == json::kind::null)
    return nothing;
  if (auto text = json::as_string(one))
    return printable(*text);
  if (one.kind == json::kind::array && !is_list_of_objects(one)) {
    std::string all;
    for (const auto& each : json::elements(one))
      all += (all.empty() ? "" : ",") + text_of(each);
    return all.empty() ? nothing : all;
  }
  return printable(without_spaces(one));
}

std::string cell_of(const json::value& from, std::string_view path) {
  if (const auto bar = path.find('|'); bar != std::string_view::npos) {
    auto first = cell_of(from, path.substr(0, bar));
    return first == nothing ? cell_of(from, path.substr(bar + 1)) : first;
  }
  const auto end = path.find_first_of(".[");
  auto found = member(from, path.substr(0, end));
  if (!found || end == std::string_view::npos)
    return found ? text_of(*found) : nothing;
  auto rest = path.substr(end);
  if (rest == "[#]")
    return std::to_string(json::elements(*found).size());
  constexpr std::string_view last = "[-1]";
  if (rest.starts_with(last)) {
    const auto all = json::elements(*found);
    if (all.empty())
      return nothing;
    found = all.back();
    rest.remove_prefix(last.size());
  }
  if (rest.empty() || found->kind == json::kind::string)  // a target may be its URL alone
    return text_of(*found);
  return cell_of(*found, rest.substr(1));
}

std::string member_text(std::string_view body, std::string_view name) {
  const auto root = json::read(body);
  const auto found = root ? member(*root, name) : std::nullopt;
  if (!found || found->kind == json::kind::null)
    return {};
  return json::as_string(*found).value_or(std::string{found->raw});
}

text_table table_of(std::span<const column> columns, const list_rows& rows) {
  text_table all;
  for (const auto& one : columns)
    all.titles.emplace_back(one.title);
  for (std::size_t at = 0; at < rows.all.size(); ++at) {
    auto& cells = all.rows.emplace_back();
    for (const auto& one : columns)
      cells.push_back(one.path.starts_with('^') ? cell_of(rows.wholes[at], one.path.substr(1))
                                                : cell_of(rows.all[at], one.path));
  }
  return all;
}

std::string show(const view& how, std::string_view body, const common_options& options,
                 const screen& on) {
  const auto root = json::read(body);
  if (!root)  // nothing, or a text
    return std::string{body}.append(body.empty() || body.ends_with('\n') ? "" : "\n");
  if (options.as == output_form::json)
    return std::string{body} + "\n";
  if (options.as == output_form::ndjson)
    return show_lines(how, *root);
  if (options.is_quiet)
    return show_keys(how, *root);
  if (how.list.empty())
    return show_one(*root, on);
  const auto rows = rows_of(how, *root);
  return lay_out(table_of(how.columns, rows), on) + rest_of(*root, rows.all.size(), on);
}

}  // namespace carillon::cli
