#include "http/request_reader.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "http/text.hpp"

namespace carillon::http {

namespace beast = boost::beast;

namespace {

/// Beast's parser, writing straight into our request: no second set of fields in between.
class sink_parser final : public beast::http::basic_parser<true> {
public:
  request* head = nullptr;
  std::string* body = nullptr;
  std::string target;
  bool old_version = false;
  bool chunk_ended = false;  ///< Next comes the line end after a chunk.

private:
  using error = beast::error_code;
  using view = beast::string_view;

  void on_request_impl(beast::http::verb, view method, view raw_target, int version,
                       error&) override {
    head->method.assign(method.data(), method.size());
    target.assign(raw_target.data(), raw_target.size());
    old_version = version < 11;
  }

  void on_response_impl(int, view, int, error&) override {}

  void on_field_impl(beast::http::field, view name, view value, error&) override {
    if (!is_header_done())  // trailers are checked and dropped
      head->headers.emplace_back(to_lower({name.data(), name.size()}),
                                 std::string_view{value.data(), value.size()});
  }

  void on_header_impl(error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error&) override {}

  std::size_t on_body_impl(view piece, error&) override {
    body->append(piece.data(), piece.size());
    return piece.size();
  }

  void on_chunk_header_impl(std::uint64_t, view, error&) override { chunk_ended = false; }

  std::size_t on_chunk_body_impl(std::uint64_t left, view piece, error&) override {
    body->append(piece.data(), piece.size());
    chunk_ended = left == piece.size();
    return piece.size();
  }

  void on_finish_impl(error&) override {}
};

}  // namespace

struct request_reader::parser {
  std::optional<sink_parser> beast;  ///< Made anew for each request: it is not reusable.
};

request_reader::request_reader(head_limits limits)
    : limits_{limits}, guard_{limits}, parser_{std::make_unique<parser>()} {}

request_reader::~request_reader() = default;

void request_reader::start() {
  guard_ = head_guard{limits_};
  parser_->beast.emplace();
}

request_reader::progress request_reader::refuse(refusal why, std::size_t used) {
  why_ = why;
  return {step::refused, used};
}

request_reader::progress request_reader::read_head(std::string_view bytes, request& into) {
  switch (guard_.check(bytes)) {
    case head_guard::verdict::more:
      return {step::more, 0};
    case head_guard::verdict::refused:
      return refuse(guard_.why());
    case head_guard::verdict::complete:
      break;
  }
  auto& beast = *parser_->beast;
  beast.head = &into;
  beast.header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  beast.body_limit(boost::none);
  beast::error_code error;
  beast.put({bytes.data(), guard_.size()}, error);
  if (error || !beast.is_header_done())
    return refuse({400, "the head of the request is not HTTP"});
  return {step::done, guard_.size()};
}

std::string_view request_reader::target() const {
  return parser_->beast->target;
}

bool request_reader::old_version() const {
  return parser_->beast->old_version;
}

bool request_reader::keep_alive() const {
  return parser_->beast->keep_alive();
}

bool request_reader::has_body() const {
  return !parser_->beast->is_done();
}

std::optional<std::uint64_t> request_reader::content_length() const {
  const auto length = parser_->beast->content_length();
  return length ? std::optional{*length} : std::nullopt;
}

void request_reader::limit_body(std::uint64_t bytes_max) {
  parser_->beast->body_limit(bytes_max);
}

request_reader::progress request_reader::read_body(std::string_view bytes, std::string& into) {
  auto& beast = *parser_->beast;
  beast.body = &into;
  beast.eager(true);
  beast::error_code error;
  const auto used = beast.put({bytes.data(), bytes.size()}, error);
  if (error == beast::http::error::body_limit)
    return refuse({413, "the body of the request is too large"}, used);
  if (error && error != beast::http::error::need_more)
    return refuse({400, "the body of the request is not chunked as HTTP wants it"}, used);
  if (beast.is_done())
    return {step::done, used};
  // What the parser leaves over is a chunk's size line, or trailers, in part.
  const auto rest = bytes.substr(used);
  const bool no_line_end = beast.chunk_ended && !rest.empty() && rest.front() != '\r';
  if (rest.size() > limits_.header_bytes_max || no_line_end || has_stray_bytes(rest))
    return refuse({400, "a line between the chunks is not as HTTP wants it"}, used);
  return {step::more, used};
}

}  // namespace carillon::http
