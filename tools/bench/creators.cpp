#include "tools/bench/creators.hpp"

#include <fmt/format.h>

#include <iterator>

namespace carillon::bench {

namespace {

constexpr std::size_t chunk_bytes = 32 * 1024;
constexpr std::uint64_t stream_lines_max = 200'000;  // about 120 MB
constexpr std::size_t failure_text_max = 300;

}  // namespace

void failure_count::add(int status, std::string_view body) {
  if (count++ == 0)
    first = fmt::format("{} {}", status, body.substr(0, failure_text_max));
}

// -- one request a task -------------------------------------------------------

single_creators::single_creators(event_loop& loop, const api_access& access, ledger& book,
                                 int connections, const creation_route& route)
    : book_(book),
      id_prefix_(route.id_prefix),
      maker_(access, "POST", route.path),
      lanes_(static_cast<std::size_t>(connections)) {
  for (auto& each : lanes_)
    each.line = std::make_unique<connection>(
        loop, access, [this, &each](const answer& news) { on_answer(each, news); });
}

void single_creators::start() {
  for (auto& each : lanes_)
    send_next(each);
}

bool single_creators::idle() const {
  for (const auto& each : lanes_)
    if (each.line->busy())
      return false;
  return true;
}

void single_creators::send_next(lane& which) {
  body_.clear();
  const auto sequence = book_.write_next(body_);
  if (!sequence)
    return;
  which.sequence = *sequence;
  which.line->send(maker_.make(body_));
}

void single_creators::on_answer(lane& which, const answer& news) {
  const auto id = news.status == 201 ? find_id(news.body, id_prefix_) : std::nullopt;
  if (id) {
    book_.on_created(which.sequence, *id);
    span_.latency.record(steady_now() - book_.sent_at(which.sequence));
    ++span_.created;
  } else {
    failures_.add(news.status, news.body);
  }
  if (news.status != 0 && !failures_.too_many())
    send_next(which);
}

// -- streams ------------------------------------------------------------------

stream_creator::stream_creator(event_loop& loop, const api_access& access, ledger& book)
    : book_(book),
      maker_(access, "POST", "/v1/tasks", "application/x-ndjson"),
      line_(loop, access, [this](const answer& news) { on_end(news); }) {
  line_.on_piece([this](std::string_view piece) { on_piece(piece); });
  line_.on_room([this] { fill(); });
}

void stream_creator::start() {
  first_ = book_.written();
  lines_ = answered_ = 0;
  ended_ = false;
  line_.send(maker_.chunked_head());
  fill();
}

/// Writes until the socket is full: then its wake-up goes on.
void stream_creator::fill() {
  while (!ended_ && line_.busy() && line_.unsent() == 0)
    ended_ = !write_chunk();
}

/// Returns whether the stream goes on.
bool stream_creator::write_chunk() {
  body_.clear();
  bool more = true;
  while (more && body_.size() < chunk_bytes && lines_ < stream_lines_max) {
    more = book_.write_next(body_).has_value();
    if (more) {
      body_ += '\n';
      ++lines_;
    }
  }
  chunk_.clear();
  if (!body_.empty())
    fmt::format_to(std::back_inserter(chunk_), "{:x}\r\n{}\r\n", body_.size(), body_);
  const auto ends = !more || lines_ == stream_lines_max;
  if (ends)
    chunk_ += "0\r\n\r\n";
  line_.write(chunk_);
  return !ends;
}

void stream_creator::on_piece(std::string_view piece) {
  for (;;) {
    const auto end = piece.find('\n');
    if (end == std::string_view::npos) {
      unfinished_.append(piece);
      return;
    }
    if (unfinished_.empty()) {
      on_line(piece.substr(0, end));
    } else {
      unfinished_.append(piece.substr(0, end));
      on_line(unfinished_);
      unfinished_.clear();
    }
    piece.remove_prefix(end + 1);
  }
}

void stream_creator::on_line(std::string_view line) {
  const auto index = find_number(line, "index");
  const auto id = find_task_id(line);
  if (index != answered_ || find_number(line, "status") != 201u || !id) {
    failures_.add(line_.status(), line);
    ++answered_;
    return;
  }
  const auto sequence = first_ + answered_++;
  book_.on_created(sequence, *id);
  span_.latency.record(steady_now() - book_.sent_at(sequence));
  ++span_.created;
}

void stream_creator::on_end(const answer& news) {
  if (!unfinished_.empty())
    on_line(unfinished_);
  unfinished_.clear();
  if (news.status == 0)
    failures_.add(news.status, news.body);
  const auto whole = ended_ && answered_ == lines_;
  if (!whole && failures_.count == 0)
    failures_.add(news.status, "the stream's answer has another number of lines");
  ended_ = true;
  const auto full = lines_ == stream_lines_max;  // there may be more to write
  if (whole && full && !failures_.too_many())
    start();
}

std::unique_ptr<creator> make_creator(creation how, event_loop& loop, const api_access& access,
                                      ledger& book, int connections) {
  if (how == creation::stream)
    return std::make_unique<stream_creator>(loop, access, book);
  return std::make_unique<single_creators>(loop, access, book, connections);
}

}  // namespace carillon::bench
