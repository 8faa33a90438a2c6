#include "model/jwt.hpp"

#include <catch2/catch.hpp>

#include "model/base64.hpp"

using namespace carillon;
using namespace std::chrono_literals;

namespace {

const instant noon{1'800'000'000s};

jwt_rules rules() {
  return {"https://issuer", "carillon", {jwt_algorithm::rs256, jwt_algorithm::es256}, 30s,
          "scope",          "tenant"};
}

std::string claims(const std::string& more = {}, const std::string& end = "1800000600") {
  return R"({"iss":"https://issuer","aud":"carillon","sub":"ann","exp":)" + end + more + "}";
}

bool is_good(const std::string& text, instant now = noon) {
  return principal_of_claims(text, rules(), now).has_value();
}

bool may_be_verified(const std::string& head) {
  return read_jwt_head(head, rules()).has_value();
}

}  // namespace

TEST_CASE("a token has three parts and a bounded size", "[jwt]") {
  const auto parts = split_jwt("aa.bb.cc");
  REQUIRE(parts);
  CHECK(parts->head == "aa");
  CHECK(parts->claims == "bb");
  CHECK(parts->signature == "cc");
  for (const auto* text : {"", "aa", "aa.bb", "aa.bb.", ".bb.cc", "aa..cc", "..", "aa.bb.cc.dd"})
    CHECK_FALSE(split_jwt(text));
  const std::string most(jwt_bytes_max - 4, 'x');
  CHECK(split_jwt(most + ".y.z"));
  CHECK_FALSE(split_jwt(most + "x.y.z"));
}

TEST_CASE("the algorithm of a head must be one of the rules", "[jwt]") {
  const auto head = read_jwt_head(R"({"alg":"ES256","kid":"k1","jku":"http://x"})", rules());
  REQUIRE(head);
  CHECK(head->algorithm == jwt_algorithm::es256);
  CHECK(head->key == "k1");
  CHECK_FALSE(read_jwt_head(R"({"alg":"RS256"})", rules())->key);
  for (const auto* text :
       {R"({"alg":"PS256"})", R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"rs256"})",
        R"({"alg":7})", R"({})", R"([])", R"("RS256")", "", R"({"alg":"RS256","alg":"RS256"})",
        R"({"alg":"RS256","crit":["exp"]})", R"({"alg":"RS256","kid":7})"})
    CHECK_FALSE(may_be_verified(text));
  CHECK_FALSE(may_be_verified(R"({"alg":"RS256","kid":")" + std::string(600, 'k') + R"("})"));
}

TEST_CASE("claims stand for a subject with scopes and a tenant", "[jwt]") {
  const auto who = principal_of_claims(
      claims(R"(,"scope":" tasks:read  worker:mail nonsense ","tenant":"shop-1")"), rules(), noon);
  REQUIRE(who);
  CHECK(who->id == "jwt:ann");
  CHECK(who->name == "ann");
  CHECK(who->tenant == "shop-1");
  const std::vector<std::string> scopes{"tasks:read", "worker:mail"};
  CHECK(who->may_do == rights_of(scopes));
  CHECK(who->expires_at == instant{1'800'000'630s});
  CHECK(
      principal_of_claims(claims(R"(,"scope":["worker:mail","tasks:read"])"), rules(), noon)->may_do
      == rights_of(scopes));
  CHECK(principal_of_claims(claims(), rules(), noon)->may_do == rights{});
}

TEST_CASE("where scopes and tenant stand is set", "[jwt]") {
  auto other = rules();
  other.scope_claim = "https://x/scp";
  other.tenant_claim = "org";
  const auto text =
      claims(R"(,"scope":"admin","https://x/scp":["runs:read"],"org":"o","tenant":7)");
  const auto who = principal_of_claims(text, other, noon);
  REQUIRE(who);
  CHECK(who->tenant == "o");
  CHECK(scope_for({requirement::kind::one_right, right::runs_read}) == "runs:read");
  CHECK(who->may_do.has(right::runs_read));
  CHECK_FALSE(who->may_do.has(right::admin));
}

TEST_CASE("a token is in force from nbf and iat until exp, give or take the leeway", "[jwt]") {
  const auto text = claims(R"(,"nbf":1800000100,"iat":1800000000.25)");
  CHECK_FALSE(is_good(text, instant{1'800'000'069'999ms}));
  CHECK(is_good(text, instant{1'800'000'070s}));
  CHECK(is_good(text, instant{1'800'000'629'999ms}));
  CHECK_FALSE(is_good(text, instant{1'800'000'630s}));
  CHECK_FALSE(is_good(claims(R"(,"iat":1800000031)")));
  CHECK(is_good(claims({}, "1.8000006e9")));
  for (const auto* end : {"\"1800000600\"", "null", "true", "1e300", "-1e300", "0", "[1800000600]"})
    CHECK_FALSE(is_good(claims({}, end)));
  CHECK_FALSE(is_good(R"({"iss":"https://issuer","aud":"carillon","sub":"ann"})"));
}

TEST_CASE("claims of another issuer, for another audience or of nobody are refused", "[jwt]") {
  const auto with = [](const char* issuer, const char* audience, const char* subject) {
    return is_good(R"({"exp":1800000600,"iss":)" + std::string{issuer} + R"(,"aud":)" + audience
                   + R"(,"sub":)" + subject + "}");
  };
  const auto* const us = R"("https://issuer")";
  const auto* const here = R"("carillon")";
  const auto* const ann = R"("ann")";
  CHECK(with(us, here, ann));
  CHECK(with(us, R"(["x","carillon"])", ann));
  for (const auto* issuer : {R"("https://issuer/")", "null", R"(["https://issuer"])"})
    CHECK_FALSE(with(issuer, here, ann));
  for (const auto* audience : {R"("Carillon")", "[]", "null", R"({"carillon":1})", "7"})
    CHECK_FALSE(with(us, audience, ann));
  for (const auto* subject : {R"("")", "7", "null", R"("a\u0000b")", R"("a\nb")"})
    CHECK_FALSE(with(us, here, subject));
}

TEST_CASE("claims that say something twice or in another form are refused", "[jwt]") {
  for (const auto* more :
       {R"(,"scope":"a","scope":"admin")", R"(,"scope":7)", R"(,"scope":[7])", R"(,"tenant":"")",
        R"(,"tenant":7)", R"(,"tenant":null)", R"(,"tenant":"a/b")", R"(,"sub":"bob")"})
    CHECK_FALSE(is_good(claims(more)));
  CHECK_FALSE(is_good(claims() + " x"));
  CHECK_FALSE(is_good("[]"));
  CHECK_FALSE(is_good(""));
}

TEST_CASE("each text of base64url stands for its own bytes", "[base64]") {
  CHECK(from_base64url("-_-_") == "\xFB\xFF\xBF");
  CHECK(from_base64url("YQ") == "a");
  CHECK(from_base64url("") == "");
  for (const auto* text : {"YQ==", "YR", "Y", "+/+/", "Y Q", "YQ\n", "YQ="})
    CHECK_FALSE(from_base64url(text));
}
