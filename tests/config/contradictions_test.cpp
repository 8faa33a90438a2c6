#include "config/contradictions.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace carillon;

namespace {

std::vector<std::string_view> keys_at_fault(const settings& all) {
  std::vector<std::string_view> keys;
  for (const auto& each : contradictions(all))
    keys.push_back(each.key);
  return keys;
}

using keys = std::vector<std::string_view>;

settings with_keys() {
  settings all;
  all.jwt.keys_file = "keys.json";
  all.jwt.issuer = "https://issuer";
  all.jwt.audience = "carillon";
  return all;
}

}  // namespace

TEST_CASE("the defaults contradict nothing") {
  CHECK(keys_at_fault({}).empty());
}

TEST_CASE("an address with TLS needs a certificate and its key") {
  settings all;
  all.http.tls_listen = {{"0.0.0.0", 443}};
  CHECK(keys_at_fault(all) == keys{"http.tls_listen", "http.tls_listen"});
  all.http.tls_certificate = "a.pem";
  CHECK(keys_at_fault(all) == keys{"http.tls_listen"});
  all.http.tls_key = "a.key";
  CHECK(keys_at_fault(all).empty());
}

TEST_CASE("there must be an address, with TLS or without") {
  settings all;
  all.http.listen.clear();
  CHECK(keys_at_fault(all) == keys{"http.listen"});
  all.http.tls_listen = {{"127.0.0.1", 443}};
  all.http.tls_certificate = all.http.tls_key = "a.pem";
  CHECK(keys_at_fault(all).empty());
}

TEST_CASE("keys of tokens need an issuer and an audience, and come from one place") {
  CHECK(keys_at_fault(with_keys()).empty());
  auto all = with_keys();
  all.jwt.issuer.clear();
  all.jwt.audience.clear();
  CHECK(keys_at_fault(all) == keys{"jwt.issuer", "jwt.audience"});
  all = with_keys();
  all.jwt.keys_url = "https://issuer/keys";
  CHECK(keys_at_fault(all) == keys{"jwt.keys_url"});
}

TEST_CASE("keys come from an address that nobody on the way can speak for") {
  auto all = with_keys();
  all.jwt.keys_file.clear();
  for (const auto* good : {"https://issuer/keys?x=1", "http://127.0.0.1:8080/keys",
                           "http://[::1]/keys", "http://localhost/keys"}) {
    all.jwt.keys_url = good;
    CAPTURE(good);
    CHECK(keys_at_fault(all).empty());
  }
  for (const auto* bad : {"http://issuer/keys", "http://10.0.0.1/keys", "file:///keys", "keys",
                          "http://localhost.issuer/keys", "https://user@issuer/keys"}) {
    all.jwt.keys_url = bad;
    CAPTURE(bad);
    CHECK(keys_at_fault(all) == keys{"jwt.keys_url"});
  }
}
