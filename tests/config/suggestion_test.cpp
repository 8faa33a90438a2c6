#include "config/suggestion.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace carillon;

namespace {

const std::vector<std::string> keys{"http.listen", "http.io_threads", "log.level", "leases.max"};

}  // namespace

TEST_CASE("a typing error is answered with the closest name") {
  CHECK(closest("http.lisen", keys) == "http.listen");
  CHECK(closest("http.listne", keys) == "http.listen");
  CHECK(closest("http.iothreads", keys) == "http.io_threads");
  CHECK(closest("log.levle", keys) == "log.level");
}

TEST_CASE("a name without its section is answered with the whole name") {
  CHECK(closest("listen", keys) == "http.listen");
  CHECK(closest("max", keys) == "leases.max");
  CHECK(closest("isten", keys).empty());
}

TEST_CASE("nothing is suggested when nothing is close") {
  CHECK(closest("elephant", keys).empty());
  CHECK(closest("", keys).empty());
  CHECK(closest(std::string(1000, 'x'), keys).empty());
  CHECK(closest("http.listen", {}).empty());
}

TEST_CASE("a suggestion is a question, and silent when there is none") {
  CHECK(did_you_mean("LISTEN", "CARILLON_") == "; did you mean CARILLON_LISTEN?");
  CHECK(did_you_mean("", "CARILLON_").empty());
}
