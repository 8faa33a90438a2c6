// The sample file and the page of the documentation, held against the table of settings.
#include "config/definition_value.hpp"
#include "config/load_settings.hpp"
#include "config/setting_text.hpp"
#include "tests/config/temporary_file.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

using namespace carillon;
using test::temporary_file;

namespace {

std::string read_source(const std::string& name) {
  std::ifstream file{std::filesystem::path{CARILLON_SOURCE_DIR} / name};
  REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// As the sample has it: the description, and the default behind a "#" without a space.
std::string sample_lines(const setting_row& row) {
  const auto name = row.key.substr(row.key.find('.') + 1);
  return std::string{"# "}
             .append(row.description)
             .append("\n#")
             .append(name)
             .append(" = ")
             .append(toml_text(row, settings{}))
         + "\n";
}

std::string page_line(const setting_row& row) {
  std::string line = "| `" + std::string{row.key} + "` | `" + toml_text(row, settings{}) + "` | "
                     + allowed(row) + " | " + std::string{row.description};
  if (!row.flag.name.empty())
    line.append(" Flag `").append(row.flag.name).append("`.");
  return line + " |\n";
}

void check_holds(const std::string& document, const std::string& lines) {
  INFO("expected:\n" << lines);
  CHECK(document.find(lines) != std::string::npos);
}

void check_all_default(const std::string& text) {
  const temporary_file file{text};
  const auto loaded = load_settings({file.path(), {}, {}});
  if (!loaded)
    FAIL(fault_lines(loaded.error()));
  for (const auto& row : settings_table()) {
    CAPTURE(row.key);
    CHECK(texts_of(row, loaded->values) == texts_of(row, settings{}));
  }
}

/// Takes the "#" from every line where a key follows it at once.
std::string switch_on(const std::string& sample) {
  std::istringstream lines{sample};
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const bool is_key = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    out += (is_key ? line.substr(1) : line) + "\n";
  }
  return out;
}

/// The lines of the example between the rulers, which stand behind "#   ".
std::string example_in(const std::string& sample) {
  constexpr std::string_view mark = "#   ";
  std::istringstream lines{sample};
  std::string out;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(mark))
      out += line.substr(mark.size()) + "\n";
  return out;
}

}  // namespace

TEST_CASE("the sample shows every setting with description and default") {
  const auto sample = read_source("config/sample.toml");
  for (const auto& row : settings_table())
    check_holds(sample, sample_lines(row));
}

TEST_CASE("the sample as it stands changes nothing") {
  check_all_default(read_source("config/sample.toml"));
}

TEST_CASE("the sample with every key switched on gives the defaults, all of them from the file") {
  const auto switched_on = switch_on(read_source("config/sample.toml"));
  check_all_default(switched_on);

  const temporary_file file{switched_on};
  const auto loaded = load_settings({file.path(), {}, {}});
  for (const auto& origin : loaded.value().origins)
    CHECK(origin.starts_with("file "));
}

TEST_CASE("the sample defines nothing, its example two tasks and a service") {
  const auto sample = read_source("config/sample.toml");
  const temporary_file plain{sample};
  CHECK(load_settings({plain.path(), {}, {}})->definitions.empty());

  const temporary_file example{example_in(sample)};
  const auto loaded = load_settings({example.path(), {}, {}});
  if (!loaded)
    FAIL(fault_lines(loaded.error()));
  REQUIRE(loaded->definitions.size() == 3);
  CHECK(loaded->definitions[0].spec->name == "backup");
  CHECK(loaded->definitions[0].spec->timezone == "Europe/Berlin");
  CHECK(loaded->definitions[1].spec->name == "disk:check");
  CHECK(loaded->definitions[2].spec->kind == schedule_kind::service);
}

TEST_CASE("the page of the settings has a line for each") {
  const auto page = read_source("docs/configuration.md");
  for (const auto& row : settings_table())
    check_holds(page, page_line(row));
}

TEST_CASE("the page for operators has a line for each key of a definition") {
  const auto page = read_source("docs/runner.md");
  for (const auto& key : definition_keys()) {
    const auto shown = key.default_text.empty() ? std::string{} : "`" + key.default_text + "`";
    check_holds(page, fmt::format("| `{}` | {} | {} | {} | {} |", key.key, to_string(key.of),
                                  key.allowed, shown, key.description));
  }
}
