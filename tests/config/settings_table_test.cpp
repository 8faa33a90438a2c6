#include "config/settings_table.hpp"

#include "config/setting_text.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <vector>

using namespace carillon;

namespace {

/// The text of a number in the unit of the row's bounds.
std::string number_text(const setting_row& row, std::int64_t number) {
  const bool is_duration = std::holds_alternative<field_of<duration>>(row.field);
  return std::to_string(number) + (is_duration ? "ms" : "");
}

bool accepts(const setting_row& row, const std::vector<std::string>& texts) {
  settings values;
  const bool accepted = !assign(row, texts, values);
  if (accepted && number_of(row, values))
    CHECK(assign(row, texts_of(row, values), values) == std::nullopt);
  return accepted;
}

}  // namespace

TEST_CASE("every setting has a key, a variable and a flag of its own") {
  std::set<std::string> names;
  for (const auto& row : settings_table()) {
    CAPTURE(row.key);
    CHECK(names.insert(std::string{row.key}).second);
    CHECK(names.insert(environment_name(row)).second);
    if (!row.flag.name.empty())
      CHECK(names.insert(std::string{row.flag.name}).second);
    CHECK(std::count(row.key.begin(), row.key.end(), '.') == 1);
    CHECK(row.description.ends_with("."));
    CHECK(find_setting(row.key) == &row);
  }
  CHECK(find_setting("http.elephants") == nullptr);
}

TEST_CASE("the variable of a setting is its key in capitals") {
  CHECK(environment_name(*find_setting("http.io_threads")) == "CARILLON_HTTP_IO_THREADS");
}

TEST_CASE("every default is allowed, and its text reads back to itself") {
  for (const auto& row : settings_table()) {
    CAPTURE(row.key);
    const auto texts = texts_of(row, settings{});
    settings values;
    CHECK(assign(row, texts, values) == std::nullopt);
    CHECK(texts_of(row, values) == texts);
  }
}

TEST_CASE("every number is accepted at its bounds and refused beyond them") {
  int rows_with_bounds = 0;
  for (const auto& row : settings_table()) {
    if (!number_of(row, settings{}))
      continue;
    CAPTURE(row.key);
    ++rows_with_bounds;
    const auto [min, max] = row.bounds;
    REQUIRE(min < max);
    CHECK(accepts(row, {number_text(row, min)}));
    CHECK(accepts(row, {number_text(row, max)}));
    CHECK_FALSE(accepts(row, {number_text(row, min - 1)}));
    CHECK_FALSE(accepts(row, {number_text(row, max + 1)}));
    CHECK_FALSE(accepts(row, {"elephant"}));
    CHECK_FALSE(accepts(row, {""}));
    CHECK_FALSE(accepts(row, {number_text(row, min), number_text(row, min)}));
    CHECK_FALSE(accepts(row, {}));
  }
  CHECK(rows_with_bounds > 25);
}

TEST_CASE("texts and lists are accepted at their bounds and refused beyond them") {
  const auto& data = *find_setting("store.data");
  CHECK(accepts(data, {std::string(4096, 'x')}));
  CHECK_FALSE(accepts(data, {std::string(4097, 'x')}));
  CHECK_FALSE(accepts(data, {""}));
  CHECK_FALSE(accepts(data, {std::string("a\0b", 3)}));

  const auto& listen = *find_setting("http.listen");
  CHECK(accepts(listen, std::vector<std::string>(64, "127.0.0.1:0")));
  CHECK_FALSE(accepts(listen, std::vector<std::string>(65, "127.0.0.1:0")));
  CHECK(accepts(listen, {}));
  CHECK_FALSE(accepts(listen, {"127.0.0.1:0", "elephant"}));

  const auto& allowed = *find_setting("delivery.allow_targets");
  CHECK(accepts(allowed, std::vector<std::string>(1024, "10.0.0.0/8")));
  CHECK_FALSE(accepts(allowed, std::vector<std::string>(1025, "10.0.0.0/8")));
  CHECK(accepts(allowed, {}));
  CHECK(accepts(allowed, {"fd00::/8"}));
  CHECK_FALSE(accepts(allowed, {"10.0.0.0/33"}));
}

TEST_CASE("a choice is one of its names, exactly") {
  const auto& mode = *find_setting("clock.mode");
  CHECK(accepts(mode, {"manual"}));
  CHECK_FALSE(accepts(mode, {"Manual"}));
  CHECK_FALSE(accepts(mode, {""}));
  CHECK(allowed(mode) == "one of real, manual");

  const auto& format = *find_setting("log.format");
  settings values;
  REQUIRE_FALSE(assign(format, std::vector<std::string>{"json"}, values));
  CHECK(values.log.format == log_format::json);
  CHECK(toml_text(format, settings{}) == "\"auto\"");
}

TEST_CASE("a value that is refused leaves the setting as it was") {
  settings values;
  values.http.io_threads = 7;
  CHECK(assign(*find_setting("http.io_threads"), std::vector<std::string>{"65"}, values) == "65");
  CHECK(values.http.io_threads == 7);
}

TEST_CASE("an instant may be empty or a moment, nothing else") {
  const auto& start = *find_setting("clock.start");
  settings values;
  REQUIRE_FALSE(assign(start, std::vector<std::string>{"2030-01-01T02:00:00+02:00"}, values));
  CHECK(texts_of(start, values).front() == "2030-01-01T00:00:00Z");
  REQUIRE_FALSE(assign(start, std::vector<std::string>{""}, values));
  CHECK_FALSE(values.clock.start);
  CHECK_FALSE(accepts(start, {"tomorrow"}));
  CHECK_FALSE(accepts(start, {"2030-01-01T00:00:00"}));
}

TEST_CASE("the defaults keep every relation, which is between comparable settings") {
  for (const auto& [smaller, larger] : settings_relations()) {
    CAPTURE(smaller, larger);
    const auto* const low = find_setting(smaller);
    const auto* const high = find_setting(larger);
    REQUIRE(low != nullptr);
    REQUIRE(high != nullptr);
    CHECK(low->field.index() == high->field.index());
    REQUIRE(number_of(*low, settings{}));
    CHECK(number_of(*low, settings{}) <= number_of(*high, settings{}));
  }
}
