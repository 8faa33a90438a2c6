#include <catch2/catch.hpp>

#include "tools/cli/completion.hpp"
#include "tools/cli/exit_code.hpp"
#include "tools/cli/manual.hpp"
#include "tools/cli/shell_commands.hpp"
#include "tools/cli/verb.hpp"

namespace carillon::cli {

TEST_CASE("every script knows every command and every option", "[cli]") {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(shell).value();
    for (const auto& one : all_commands()) {
      CAPTURE(shell, one.noun, one.verb);
      CHECK(script.find(one.noun) != std::string::npos);
      CHECK(script.find(one.verb) != std::string::npos);
      for (const auto& option : one.options)
        CHECK(script.find(option.name.empty() ? "" : option.name.substr(2)) != std::string::npos);
    }
  }
  CHECK(completion_script("csh").has_error());
}

TEST_CASE("the page has every command and every exit code", "[cli]") {
  const auto page = manual_page("1").value();
  for (const auto& one : all_verbs())
    CHECK(page.find(".It Nm Cm " + one.words()) != std::string::npos);
  for (const auto& each : exit_code::all)
    CHECK(page.find(".It " + std::to_string(each.code) + "\n") != std::string::npos);
  CHECK(manual_page("8").has_error());
}

TEST_CASE("choices are words with bars between, kinds of values are none", "[cli]") {
  CHECK(choices_of("a|b") == std::vector<std::string>{"a", "b"});
  CHECK(choices_of("TIME").empty());
  CHECK(choices_of("JSON|@FILE|-").empty());
}

}  // namespace carillon::cli
