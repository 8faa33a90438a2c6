#include "tools/cli/table.hpp"

#include <catch2/catch.hpp>

#include "tools/cli/terminal.hpp"

namespace carillon::cli {
namespace {

const text_table sample{{"ID", "STATUS", "NOTE"},
                        {{"a", "completed", "short"}, {"bcd", "failed", "a long note of it"}}};

screen terminal(std::size_t width) {
  return {true, width, 24, false};
}

}  // namespace

TEST_CASE("on a terminal columns are aligned below their titles", "[cli]") {
  CHECK(lay_out(sample, terminal(80))
        == "ID   STATUS     NOTE\n"
           "a    completed  short\n"
           "bcd  failed     a long note of it\n");
}

TEST_CASE("no line is wider than the terminal; what is cut says so", "[cli]") {
  CHECK(lay_out(sample, terminal(24))
        == "ID   STATUS    NOTE\n"
           "a    complet…  short\n"
           "bcd  failed    a long n…\n");
  const text_table ids{{"ID", "NOTE"}, {{"0123456789", "0123456789"}}};
  CHECK(lay_out(ids, terminal(18)) == "ID          NOTE\n0123456789  01234…\n");
}

TEST_CASE("elsewhere a row is a line with tabs, without titles, and nothing is cut", "[cli]") {
  CHECK(lay_out(sample, {}) == "a\tcompleted\tshort\nbcd\tfailed\ta long note of it\n");
  CHECK(lay_out_pairs({{"a", "1"}, {"long", "2"}}, {}) == "a\t1\nlong\t2\n");
  CHECK(lay_out_pairs({{"a", "1"}, {"long", "2"}}, terminal(80)) == "a     1\nlong  2\n");
}

TEST_CASE("colours stand only where they are wanted", "[cli]") {
  auto on = terminal(80);
  CHECK(colored("failed", "failed", on) == "failed");
  on.has_color = true;
  CHECK(colored("failed  ", "failed", on) == "\x1b[31mfailed  \x1b[0m");
  CHECK(colored("other", "other", on) == "other");
}

TEST_CASE("a text is cut between letters", "[cli]") {
  CHECK(cut("äöüß", 3) == "äö…");
  CHECK(width_of("äöüß") == 4);
  CHECK(cut("abc", 3) == "abc");
}

TEST_CASE("a bar fills with its part", "[cli]") {
  CHECK(bar_of(0, 4) == "[....]   0.0 %");
  CHECK(bar_of(0.5, 4) == "[##..]  50.0 %");
  CHECK(bar_of(1, 4) == "[####] 100.0 %");
}

}  // namespace carillon::cli
