#include "http/strictness.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "http/request_reader.hpp"

namespace carillon::http {

namespace {

constexpr head_limits limits{16 * 1024, 100, 8 * 1024};

/// The status that a head is refused with; 0 when it is complete, -1 when more is needed.
int judge(std::string_view head) {
  head_guard guard{limits};
  switch (guard.check(head)) {
    case head_guard::verdict::more:
      return -1;
    case head_guard::verdict::complete:
      return 0;
    case head_guard::verdict::refused:
      return guard.why().status;
  }
  return -2;
}

int judge_headers(const std::string& headers) {
  return judge("GET / HTTP/1.1\r\n" + headers + "\r\n");
}

int judge_with_host(const std::string& headers) {
  return judge_headers("Host: localhost\r\n" + headers);
}

/// Reads one request to its end; the body, or why not.
std::string read_body(std::string_view bytes, std::uint64_t body_max = 1000) {
  request_reader reader{limits};
  request asked;
  reader.start();
  const auto head = reader.read_head(bytes, asked);
  REQUIRE(head.now == request_reader::step::done);
  reader.limit_body(body_max);
  const auto body = reader.read_body(bytes.substr(head.used), asked.body);
  if (body.now == request_reader::step::refused)
    return std::to_string(reader.why().status);
  return body.now == request_reader::step::done ? asked.body : "more";
}

std::string chunked(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("an ordinary head passes, whole and byte by byte", "[http][strictness]") {
  const std::string head =
      "POST /tasks?x=1 HTTP/1.1\r\nHost: localhost:8080\r\nX-Name: \xC3\xA9\tb\r\n"
      "Content-Length: 003\r\n\r\n";
  CHECK(judge(head) == 0);
  head_guard guard{limits};
  for (std::size_t size = 1; size < head.size(); ++size)
    REQUIRE(guard.check(head.substr(0, size)) == head_guard::verdict::more);
  REQUIRE(guard.check(head + "body") == head_guard::verdict::complete);
  CHECK(guard.size() == head.size());
}

TEST_CASE("a wrong line is refused before the head ends", "[http][strictness]") {
  for (const auto* part :
       {"GET / HTTP/1.1\r\n Host", "GET / HTTP/1.1\r\nHost : a\r\n", "GET  /", "GET / IHTTP", "\rG",
        "GET / HTTP/1.1\rX", "GET /\r\n", "G\tT", "GET / HTTP/1.1\nHost: a",
        "GET / HTTP/1.1\r\nX: a\rb", "GET / HTTP/1.1\r\n\rX"}) {
    CAPTURE(part);
    CHECK(judge(part) == 400);
  }
  CHECK(judge("GET / HTTP/5.6") == 505);
  CHECK(judge("GET / HTTP/2.0\r\n") == 505);
  CHECK(judge("GET / HTTP/1.1\r") == -1);
}

TEST_CASE("HTTP/1.1 needs exactly one valid host", "[http][strictness]") {
  CHECK(judge_headers("X: y\r\n") == 400);
  CHECK(judge_headers("Host: a\r\nHost: a\r\n") == 400);
  CHECK(judge("GET / HTTP/1.0\r\n\r\n") == 0);
  for (const auto* host : {"a", "a.b:80", "127.0.0.1", "[::1]:8080", "a:", "0.0.0.0=5000"})
    CHECK(is_host(host));
  for (const auto* host : {"", "a b", "a/b", "u@a", ".", "a..b", "a:b", "a:65536", "a:1:2", "[::1",
                           "[::1]x", "x[::1]", "[1]", "[a..b::]", "a\\b"}) {
    CAPTURE(host);
    CHECK_FALSE(is_host(host));
  }
}

TEST_CASE("the framing of a body must be beyond doubt", "[http][strictness]") {
  CHECK(judge_with_host("Transfer-Encoding: Chunked\r\n") == 0);
  CHECK(judge_with_host("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") == 400);
  CHECK(judge_with_host("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") == 400);
  CHECK(judge_with_host("Content-Length: 5\r\nContent-Length: 5\r\n") == 400);
  for (const auto* length : {"", "+5", "-1", "5,5", "0x5", "5 5", "18446744073709551617"})
    CHECK(judge_with_host("Content-Length: " + std::string{length} + "\r\n") == 400);
  for (const auto* encoding : {"gzip", "chunked, identity", "xchunked", "\"chunked\"", ""})
    CHECK(judge_with_host("Transfer-Encoding: " + std::string{encoding} + "\r\n") == 501);
  CHECK(judge("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 501);
  CHECK(judge_with_host("Transfer_Encoding: chunked\r\nContent-Length: 0\r\n") == 0);
}

TEST_CASE("headers are names, colons and clean values", "[http][strictness]") {
  for (const auto* line : {"X : y", " X: y", "X\r\n y: z", ": y", "X Y: z", "nocolon", "X: a\x01",
                           "X: a\x7F", "X: \xFF", "X(: y"}) {
    CAPTURE(line);
    CHECK(judge_with_host(std::string{line} + "\r\n") == 400);
  }
  CHECK(judge_with_host(std::string{"X: a\0b\r\n", 8}) == 400);
  CHECK(judge_with_host("Authorization: a\r\nauthorization: b\r\n") == 400);
}

TEST_CASE("a head has limits", "[http][strictness]") {
  const std::string large(17 * 1024, 'x');
  CHECK(judge_with_host("X: " + large + "\r\n") == 431);
  CHECK(judge("GET / HTTP/1.1\r\nX: " + large) == 431);
  CHECK(judge("GET /" + large.substr(0, 9000)) == 414);
  CHECK(judge(large) == 400);
  std::string many;
  for (int each = 0; each < 99; ++each)
    many += "X: y\r\n";
  CHECK(judge_with_host(many) == 0);
  CHECK(judge_with_host(many + "X: y\r\n") == 431);
}

TEST_CASE("chunks are read as HTTP wants them and not otherwise", "[http][strictness]") {
  CHECK(read_body(chunked("5\r\nhello\r\n00003;a=\"b;c\"\r\nabc\r\n000\r\nX: y\r\n\r\n"))
        == "helloabc");
  CHECK(read_body(chunked("5\r\nhel")) == "more");
  for (const auto* body : {"5\nhello\n0\n\n", "5", "-1\r\nhello\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
                           " 5\r\n", "5\r\nhello0\r\n", "5\r\nhelloXX\r\n", "5;a\nb\r\nhello\r\n",
                           "zz\r\n", "10000000000000005\r\nhello\r\n", "5\rXhello\r\n",
                           "\r\nhello\r\n", "2;\r\naa\r\n0\r\n\r\n", "5;\x01\r\nhello\r\n"}) {
    CAPTURE(body);
    if (std::string_view{body} == "5")
      CHECK(read_body(chunked(body)) == "more");
    else
      CHECK(read_body(chunked(body)) == "400");
  }
  CHECK(read_body(chunked("5;" + std::string(17 * 1024, 'a'))) == "400");
  CHECK(read_body(chunked("ffffffffffffffff\r\n")) == "413");
  CHECK(read_body(chunked("5\r\nhello\r\n5\r\nhello\r\n"), 9) == "413");
}

}  // namespace carillon::http
