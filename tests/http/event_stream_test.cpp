#include "http/event_stream.hpp"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

namespace carillon::http {

namespace {

/// A client that takes a piece when the test says so.
struct slow_line final : stream {
  void read(std::function<void(expected<std::string>)> next) override { next(std::string{}); }
  void begin(int code, header_list, std::string content_type) override {
    status = code;
    type = std::move(content_type);
  }
  void write(std::string piece, std::function<void(bool)> done) override {
    pieces.push_back(std::move(piece));
    under_way = std::move(done);
  }
  void finish() override { is_finished = true; }
  void when_over(std::function<void()> told) override { over = std::move(told); }

  void take() { std::exchange(under_way, nullptr)(true); }

  int status = 0;
  std::string type;
  std::vector<std::string> pieces;
  std::function<void(bool)> under_way;
  std::function<void()> over;
  bool is_finished = false;
};

/// Events that are there, given one at a time.
struct box {
  std::vector<event_batch> batches;

  event_stream::source source() {
    return [this](const std::function<void(event_batch)>& reply) {
      if (batches.empty())
        return reply({});
      const auto first = batches.front();
      batches.erase(batches.begin());
      reply(first);
    };
  }
};

}  // namespace

TEST_CASE("an event is a name, a line of data and perhaps an id", "[events]") {
  std::string text;
  append_event(text, "line", R"({"n":7})", 7);
  append_event(text, "done", "{}");
  CHECK(text == "id: 7\nevent: line\ndata: {\"n\":7}\n\nevent: done\ndata: {}\n\n");
}

TEST_CASE("where a client left off is a number of ours or nothing", "[events]") {
  const auto seen = [](std::string value) {
    request asked;
    asked.headers = {{"last-event-id", std::move(value)}};
    return last_event_id(asked);
  };
  CHECK(seen("42") == 42);
  CHECK_FALSE(seen(""));
  CHECK_FALSE(seen("-1"));
  CHECK_FALSE(seen("42 "));
  CHECK_FALSE(seen("99999999999999999999"));
  CHECK_FALSE(last_event_id({}));
}

TEST_CASE("events leave one batch at a time and in their order", "[events]") {
  box events{{{"a"}, {"b"}}};
  const auto line = std::make_shared<slow_line>();
  const auto sender = std::make_shared<event_stream>(line, events.source());
  sender->start("hello", nullptr);
  CHECK(line->type == "text/event-stream");
  sender->wake();
  sender->wake();
  CHECK(line->pieces == std::vector<std::string>{"hello"});
  line->take();
  line->take();
  line->take();
  CHECK(line->pieces == std::vector<std::string>{"hello", "a", "b"});
  CHECK(line->under_way == nullptr);
  events.batches = {{"c"}};
  sender->wake();
  CHECK(line->pieces.back() == "c");
  CHECK_FALSE(line->is_finished);
}

TEST_CASE("a wake while nothing new was found is not lost", "[events]") {
  const auto line = std::make_shared<slow_line>();
  std::function<void(event_batch)> reply;
  const auto sender = std::make_shared<event_stream>(
      line, [&](std::function<void(event_batch)> to) { reply = std::move(to); });
  sender->start("", nullptr);
  sender->wake();
  std::exchange(reply, nullptr)({});
  REQUIRE(reply != nullptr);  // asked again
  std::exchange(reply, nullptr)({"a"});
  CHECK(line->pieces == std::vector<std::string>{"a"});
}

TEST_CASE("the last batch ends the stream once it has left", "[events]") {
  box events{{{"a", true}}};
  const auto line = std::make_shared<slow_line>();
  const auto watch = std::make_shared<int>();
  std::make_shared<event_stream>(line, events.source())->start("", watch);
  CHECK_FALSE(line->is_finished);
  line->take();
  CHECK(line->is_finished);
  CHECK(watch.use_count() == 1);
}

TEST_CASE("a stream lives as long as its client and lets go of everything then", "[events]") {
  box events;
  const auto line = std::make_shared<slow_line>();
  const auto watch = std::make_shared<int>();
  auto sender = std::make_shared<event_stream>(line, events.source());
  sender->start("", watch);
  const std::weak_ptr<event_stream> left = std::exchange(sender, nullptr);
  CHECK_FALSE(left.expired());
  CHECK(watch.use_count() == 2);
  std::exchange(line->over, nullptr)();
  CHECK(left.expired());
  CHECK(watch.use_count() == 1);
  CHECK(line.use_count() == 1);
}

}  // namespace carillon::http
