#include "config/settings_file.hpp"

#include "model/json.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace carillon {

namespace {

constexpr std::uintmax_t file_bytes_max = 1U << 20U;

problem unreadable(std::string location, std::string message) {
  return {problem_kind::invalid,
          "the configuration file cannot be used",
          {{std::move(location), std::move(message)}}};
}

expected<std::string> read_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const auto status = fs::status(path, error);
  if (error || !fs::exists(status))
    return unreadable(path, "cannot be read: " + (error ? error.message() : "no such file"));
  if (!fs::is_regular_file(status))
    return unreadable(path, "is not a file");
  // Whoever may write it decides where the server calls and what it stores.
  if ((status.permissions() & fs::perms::others_write) != fs::perms::none)
    return unreadable(path, "may be written by every user; run chmod o-w on it");
  if (fs::file_size(path, error) > file_bytes_max)
    return unreadable(path, "is larger than 1MiB");

  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file)
    return unreadable(path, "cannot be read: " + std::generic_category().message(errno));
  return text;
}

constexpr int key_depth_max = 64;

/// Levels of the dotted key or table header that begins the line; the parser calls itself for each.
int key_depth(std::string_view line) {
  const auto skip = [&line](std::string_view letters) {
    line.remove_prefix(std::min(line.find_first_not_of(letters), line.size()));
  };
  skip(" \t[");
  for (int depth = 1; !line.empty(); ++depth) {
    const char first = line.front();
    const bool is_quoted = first == '"' || first == '\'';
    const auto end = is_quoted ? line.find(first, 1) : line.find_first_of(" \t.=]");
    if (end == 0 || end == std::string_view::npos)
      return depth;
    line.remove_prefix(is_quoted ? end + 1 : end);
    skip(" \t");
    if (line.empty() || line.front() != '.')
      return depth;
    line.remove_prefix(1);
    skip(" \t");
  }
  return 0;
}

/// The first line, from 1, whose key is too deep; 0: none is.
unsigned too_deep_at(std::string_view text) {
  unsigned number = 1;
  for (; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    if (key_depth(text.substr(0, end)) > key_depth_max)
      return number;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

/// A key that holds a dot or stranger letters is quoted, so that it cannot pass for two keys.
std::string key_text(std::string_view key) {
  const bool is_bare = !key.empty() && std::ranges::all_of(key, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
           || (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
  });
  return is_bare ? std::string{key} : json::writer{}.string(key).take();
}

template <class Value>
std::string streamed(const Value& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

// -- values -------------------------------------------------------------------

void read_value(const toml::value<std::string>& text, file_entry& entry) {
  entry.form = value_form::text;
  entry.texts = {text.get()};
  entry.written = json::writer{}.string(text.get()).take();
}

void read_value(const toml::value<std::int64_t>& number, file_entry& entry) {
  entry.form = value_form::integer;
  entry.texts = {std::to_string(number.get())};
  entry.written = entry.texts.front();
}

void read_value(const toml::value<bool>& answer, file_entry& entry) {
  entry.form = value_form::boolean;
  entry.texts = {answer.get() ? "true" : "false"};
  entry.written = entry.texts.front();
}

void read_value(const toml::value<toml::date_time>& moment, file_entry& entry) {
  entry.form = value_form::time;
  entry.written = streamed(moment.get());
  entry.texts = {entry.written};
}

void read_value(const toml::array& list, file_entry& entry) {
  entry.form = list.empty() || list.is_homogeneous<std::string>() ? value_form::list_of_texts
                                                                  : value_form::other;
  for (const auto& element : list)
    if (const auto text = element.value<std::string>())
      entry.texts.push_back(*text);
  entry.written = streamed(list);
}

void read_value(const toml::table& table, file_entry& entry) {
  entry.form = table.empty() ? value_form::table : value_form::section;
  entry.written = table.empty() ? "{}" : "a table";
}

template <class Other>
void read_value(const Other& value, file_entry& entry) {
  entry.written = streamed(value);
}

// -- tables -------------------------------------------------------------------

/// Adds the entries of a table whose own entry is `parent`, or of the whole file.
void collect(const toml::table& table, const file_entry* parent, std::vector<file_entry>& out) {
  for (const auto& [name, node] : table) {
    file_entry entry{key_text(name.str()), {}, name.source().begin.line, value_form::other, {}, {}};
    if (parent != nullptr) {
      entry.key = parent->key + "." + entry.key;
      entry.path = parent->path;
    }
    entry.path.emplace_back(name.str());
    node.visit([&](const auto& value) { read_value(value, entry); });
    out.push_back(entry);
    if (const auto* const inner = node.as_table())
      collect(*inner, &entry, out);
  }
}

}  // namespace

expected<std::vector<file_entry>> read_settings_file(const std::string& path) {
  const auto text = read_file(path);
  if (!text)
    return text.error();
  if (const auto line = too_deep_at(*text); line != 0)
    return unreadable(path + ":" + std::to_string(line), "has a key of more than 64 levels");
  try {
    std::vector<file_entry> entries;
    collect(toml::parse(*text, path), nullptr, entries);
    std::ranges::stable_sort(entries, {}, &file_entry::line);
    return entries;
  } catch (const toml::parse_error& error) {
    return unreadable(path + ":" + std::to_string(error.source().begin.line),
                      std::string{error.description()});
  }
}

}  // namespace carillon
