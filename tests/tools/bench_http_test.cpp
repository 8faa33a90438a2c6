#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tools/bench/message_parser.hpp"
#include "tools/bench/server.hpp"

using namespace carillon::bench;

namespace {

struct message {
  int status;
  std::string body;
  bool closes;

  bool operator==(const message&) const = default;
};

std::ostream& operator<<(std::ostream& out, const message& shown) {
  return out << shown.status << " " << shown.body << (shown.closes ? " closes" : "");
}

/// What a connection does: offers bytes `piece_size` at a time and keeps what was not used.
struct reading {
  std::vector<message> messages;
  bool broken = false;
};

reading read_all(const std::string& bytes, std::size_t piece_size,
                 message_parser::kind kind = message_parser::kind::response) {
  message_parser parser{kind};
  reading result;
  std::string rest;
  std::string body;
  for (std::size_t begin = 0; begin < bytes.size(); begin += piece_size) {
    rest += bytes.substr(begin, piece_size);
    std::string_view input{rest};
    for (auto step = parser.advance(input); step != message_parser::step::more;
         step = parser.advance(input)) {
      if (step == message_parser::step::broken) {
        result.broken = true;
        return result;
      }
      if (step == message_parser::step::piece)
        body += parser.piece();
      else
        result.messages.push_back({parser.status(), std::exchange(body, {}), parser.closes()});
    }
    rest.erase(0, rest.size() - input.size());
  }
  return result;
}

}  // namespace

TEST_CASE("answers are read however the bytes are cut", "[bench]") {
  const auto piece_size = GENERATE(1u, 2u, 3u, 7u, 50u, 1000u);
  const std::string bytes =
      "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello"
      "HTTP/1.1 200 OK\r\ncontent-length:0\r\nConnection: Close\r\n\r\n"
      "HTTP/1.1 204 No Content\r\n\r\n"
      "HTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nwiki\r\nA;name=value\r\npedia in\r\n\r\n0\r\nTrailer: x\r\n\r\n"
      "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";

  const auto result = read_all(bytes, piece_size);

  CHECK_FALSE(result.broken);
  CHECK(result.messages
        == std::vector<message>{{201, "hello", false},
                                {200, "", true},
                                {204, "", false},
                                {200, "wikipedia in\r\n", false},
                                {404, "{}", false}});
}

TEST_CASE("requests are read with and without a body", "[bench]") {
  const auto result = read_all(
      "POST /hook HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: x\r\n\r\n", 5,
      message_parser::kind::request);

  REQUIRE(result.messages.size() == 2);
  CHECK(result.messages[0].body == "abc");
  CHECK(result.messages[1].body.empty());
}

TEST_CASE("what is not an answer is broken", "[bench]") {
  const std::string bytes = GENERATE(
      "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-server\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\nuntil the end of the connection",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");

  CHECK(read_all(bytes, 1000).broken);
}

TEST_CASE("loads go to this machine only", "[bench]") {
  REQUIRE(parse_loopback_url("http://localhost:8080"));
  CHECK(parse_loopback_url("http://127.3.0.1:8080/")->port == 8080);
  CHECK(parse_loopback_url("http://127.0.0.1")->port == 80);
  const std::string url =
      GENERATE("http://10.0.0.1:8080", "https://127.0.0.1", "http://example.com:80", "localhost",
               "http://127.0.0.1:x", "http://127.0.0.1:99999", "http://127.0.0.1.example.com");
  CHECK_FALSE(parse_loopback_url(url));
}
