#include "config/definition_table.hpp"

#include "config/definition_value.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace carillon;
using enum definition_section;

namespace {

const definition_key& key_of(const std::vector<definition_key>& all, std::string_view key,
                             definition_section of) {
  const auto found =
      std::ranges::find_if(all, [&](const auto& one) { return one.key == key && one.of == of; });
  REQUIRE(found != all.end());
  return *found;
}

}  // namespace

TEST_CASE("each section finds its own row of a key, and no other") {
  for (const auto& row : definition_table()) {
    CAPTURE(row.key);
    CHECK(row.description.ends_with("."));
    CHECK((find_definition_key(row.key, tasks) == &row) == (row.of == tasks || row.of == both));
    CHECK((find_definition_key(row.key, services) == &row)
          == (row.of == services || row.of == both));
    CHECK((find_definition_key(row.key, scheduler) == &row) == (row.of == scheduler));
  }
  CHECK(find_definition_key("elephant", tasks) == nullptr);
}

TEST_CASE("a key that only one kind has says why the other has it not") {
  for (const auto& row : definition_table()) {
    CAPTURE(row.key);
    if (row.of == tasks && find_definition_key(row.key, services) == nullptr)
      CHECK_FALSE(why_elsewhere(row.key, services).empty());
    if (row.of == services && find_definition_key(row.key, tasks) == nullptr)
      CHECK_FALSE(why_elsewhere(row.key, tasks).empty());
  }
  CHECK(why_elsewhere("run", scheduler).empty());
  CHECK(why_elsewhere("elephant", tasks).empty());
}

TEST_CASE("the table is told to people with what is allowed and with defaults") {
  const auto keys = definition_keys();
  REQUIRE(keys.size() == definition_table().size());

  CHECK(key_of(keys, "restart", tasks).allowed == "one of never, on_failure");
  CHECK(key_of(keys, "restart", tasks).default_text == "\"never\"");
  CHECK(key_of(keys, "restart", services).allowed == "one of never, on_failure, always");
  CHECK(key_of(keys, "restart", services).default_text == "\"always\"");
  CHECK(key_of(keys, "log_max_size", both).default_text == "\"100MiB\"");
  CHECK(key_of(keys, "retry_attempts", tasks).default_text == "0");
  CHECK(key_of(keys, "retry_delay", tasks).default_text == "\"5s\"");
  CHECK(key_of(keys, "retry_backoff", tasks).default_text == "\"constant\"");
  CHECK(key_of(keys, "api_trigger", both).default_text == "true");
  CHECK(key_of(keys, "timezone", scheduler).default_text == "\"UTC\"");
  for (const auto* const none : {"run", "args", "env", "max_processes", "keep_runs", "keep_for"})
    CHECK(key_of(keys, none, both).default_text.empty());
  CHECK(key_of(keys, "timeout", tasks).default_text.empty());
}
