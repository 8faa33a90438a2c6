#include "config/show_settings.hpp"

#include "config/printable.hpp"
#include "config/setting_text.hpp"
#include "model/json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carillon {

namespace {

void write_value(json::writer& out, const setting_row& row, const settings& values) {
  const bool is_duration = std::holds_alternative<field_of<duration>>(row.field);
  if (const auto number = number_of(row, values); number && !is_duration) {
    out.integer(*number);
    return;
  }
  const auto texts = texts_of(row, values);
  if (!is_list(row)) {
    out.string(texts.front());
    return;
  }
  out.begin_array();
  for (const auto& text : texts)
    out.string(text);
  out.end_array();
}

}  // namespace

std::string show_as_text(const loaded_settings& loaded) {
  const auto rows = settings_table();
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const auto& row : rows) {
    key_width = std::max(key_width, row.key.size());
    value_width = std::max(value_width, printable(toml_text(row, loaded.values)).size());
  }
  std::string out;
  for (std::size_t at = 0; at < rows.size(); ++at)
    out += fmt::format("{:<{}}  {:<{}}  {}\n", rows[at].key, key_width,
                       printable(toml_text(rows[at], loaded.values)), value_width,
                       printable(loaded.origins[at]));
  return out;
}

std::string show_as_json(const loaded_settings& loaded) {
  const auto rows = settings_table();
  json::writer out;
  out.begin_object();
  for (std::size_t at = 0; at < rows.size(); ++at) {
    out.key(rows[at].key).begin_object().key("value");
    write_value(out, rows[at], loaded.values);
    out.field("origin", loaded.origins[at]).end_object();
  }
  return out.end_object().take() + "\n";
}

}  // namespace carillon
