#include "http/target.hpp"

#include <catch2/catch.hpp>

#include "http/request_id.hpp"
#include "http/text.hpp"

namespace carillon::http {

namespace {

struct reading {
  std::optional<refusal> wrong;
  request asked;
  path_segments segments;
};

reading read(std::string_view target, std::string method = "GET") {
  reading out;
  out.asked.method = std::move(method);
  out.wrong = read_target(target, out.asked, out.segments);
  return out;
}

}  // namespace

TEST_CASE("a path is cut into segments before it is decoded", "[http][target]") {
  const auto got = read("/tasks/a%2Fb%20c/");
  CHECK_FALSE(got.wrong);
  CHECK(got.segments == path_segments{"tasks", "a/b c"});
  CHECK(got.asked.path == "/tasks/a/b c");
  CHECK(read("/").segments.empty());
  CHECK(read("/").asked.path == "/");
  CHECK(read("//tasks").segments == path_segments{"", "tasks"});
}

TEST_CASE("a query is decoded in order", "[http][target]") {
  using pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(read("/t?a=1&b=x+y%2B&&flag&a=2#part").asked.query
        == pairs{{"a", "1"}, {"b", "x y+"}, {"flag", ""}, {"a", "2"}});
  CHECK(read("/t?a=b=c?d").asked.query == pairs{{"a", "b=c?d"}});
}

TEST_CASE("an absolute target is read as its path", "[http][target]") {
  CHECK(read("http://localhost:80/tasks?a=1").asked.path == "/tasks");
  CHECK(read("http://localhost:80/tasks?a=1").asked.authority == "localhost:80");
  CHECK(read("/tasks").asked.authority.empty());
  CHECK(read("http://localhost?a=1").asked.path == "/");
  CHECK(read("http://localhost?a=1").asked.query.size() == 1);
}

TEST_CASE("the star is for OPTIONS only", "[http][target]") {
  CHECK_FALSE(read("*", "OPTIONS").wrong);
  CHECK(read("*").wrong);
}

TEST_CASE("targets that cannot be read are refused", "[http][target]") {
  const auto* target =
      GENERATE("tasks", "localhost:443", "ftp://host/", "http://", "http://a b/", "/%", "/%2",
               "/%zz", "/%00", "/%c0%ae", "/%ff", "/t?a=%", "/t?%80=1");
  CAPTURE(target);
  const auto got = read(target);
  REQUIRE(got.wrong);
  CHECK(got.wrong->status == 400);
}

TEST_CASE("a decoded path is encoded again in problems", "[http][target]") {
  CHECK(encode_path("/a b/\"\xC3\xA9?") == "/a%20b/%22%C3%A9%3F");
}

TEST_CASE("UTF-8 is checked to the letter", "[http][target]") {
  CHECK(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
  for (const auto* broken : {"\x80", "\xC0\xAE", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                             "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82"})
    CHECK_FALSE(is_utf8(broken));
}

TEST_CASE("a client's request id is kept when it is one", "[http][request id]") {
  CHECK(request_id_from("a.B_9-") == "a.B_9-");
  CHECK(request_id_from(std::string(128, 'a')) == std::string(128, 'a'));
  for (const auto& wrong :
       {std::string{}, std::string(129, 'a'), std::string{"a b"}, std::string{"<script>"}}) {
    const auto made = request_id_from(wrong);
    CHECK(made != wrong);
    CHECK(made.size() == 15);
  }
  CHECK(new_request_id() != new_request_id());
}

}  // namespace carillon::http
