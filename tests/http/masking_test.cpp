#include "http/masking.hpp"

#include <catch2/catch.hpp>

#include "model/json.hpp"

namespace carillon::http {

TEST_CASE("what is secret by its name or its look is masked", "[http][masking]") {
  CHECK(masked(R"({"token":"t","name":"n","client_secret":"s"})", 1000)
        == R"({"token":"***","name":"n","client_secret":"***"})");
  CHECK(masked(R"({"headers":{"Authorization":"x","X-Api-Key":"k","Accept":"a"}})", 1000)
        == R"({"headers":{"Authorization":"***","X-Api-Key":"***","Accept":"a"}})");
  CHECK(masked(R"(["whsec_abc","carillon_abc","Bearer abc","plain"])", 1000)
        == R"(["***","***","***","plain"])");
  CHECK(masked(R"({"tokens":["a",{"id":1,"password":"p"}]})", 1000)
        == R"({"tokens":["***",{"id":1,"password":"***"}]})");
  CHECK(masked(R"({"url":"https://me:pass@host/a@b"})", 1000)
        == R"({"url":"https://***@host/a@b"})");
  CHECK(masked(R"({"concurrency_key":"k","api_trigger":true,"secret":""})", 1000)
        == R"({"concurrency_key":"k","api_trigger":true,"secret":""})");
}

TEST_CASE("a body over the bound is cut and says so", "[http][masking]") {
  const auto cut = masked("\"" + std::string(100, 'x') + "\"", 10);
  CHECK(cut == R"({"cut":true,"bytes":102,"text":"\"xxxxxxxxx"})");
  CHECK(json::read(cut).has_value());
  CHECK(masked("no json", 10).empty());
}

}  // namespace carillon::http
