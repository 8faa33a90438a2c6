#include "http/event_stream.hpp"

#include <charconv>
#include <utility>

namespace carillon::http {

void append_event(std::string& out, std::string_view name, std::string_view data,
                  std::optional<std::int64_t> id) {
  if (id)
    out += "id: " + std::to_string(*id) + '\n';
  out += "event: ";
  out += name;
  out += "\ndata: ";
  out += data;
  out += "\n\n";
}

std::optional<std::int64_t> last_event_id(const request& asked) {
  const auto text = asked.header("last-event-id");
  const auto* end = text.data() + text.size();
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < 0)
    return std::nullopt;
  return number;
}

void answer_whole(const std::shared_ptr<stream>& line, response what) {
  line->begin(what.status, std::move(what.headers), std::move(what.content_type));
  line->write(std::move(what.body), [line](bool) { line->finish(); });
}

void event_stream::start(std::string hello, std::shared_ptr<void> watch) {
  std::shared_ptr<stream> line;
  {
    const std::lock_guard lock{mutex_};
    watch_ = std::move(watch);
    line = line_;
  }
  line->begin(200, {{"Cache-Control", "no-store"}}, std::string{event_stream_type});
  // This is what keeps it alive while it waits: the watch only knows it weakly.
  line->when_over([self = shared_from_this()] { self->end(); });
  if (hello.empty())
    return ask();
  write(std::move(hello), false);
}

void event_stream::wake() {
  {
    const std::lock_guard lock{mutex_};
    if (phase_ == phase::busy)
      phase_ = phase::woken_while_busy;
    if (phase_ != phase::idle)
      return;
    phase_ = phase::busy;
  }
  ask();
}

void event_stream::ask() {
  source next;
  {
    const std::lock_guard lock{mutex_};
    if (phase_ == phase::over)
      return;
    phase_ = phase::busy;
    next = next_;
  }
  next([self = shared_from_this()](event_batch batch) { self->send(std::move(batch)); });
}

void event_stream::send(event_batch batch) {
  if (!batch.text.empty())
    write(std::move(batch.text), batch.is_last);
  else if (batch.is_last)
    end();
  else
    rest();
}

void event_stream::write(std::string text, bool is_last) {
  std::shared_ptr<stream> line;
  {
    const std::lock_guard lock{mutex_};
    line = line_;
  }
  if (line == nullptr)
    return;
  line->write(std::move(text), [self = shared_from_this(), is_last](bool sent) {
    if (is_last || !sent)
      self->end();
    else
      self->ask();
  });
}

void event_stream::rest() {
  {
    const std::lock_guard lock{mutex_};
    if (phase_ == phase::over)
      return;
    if (phase_ == phase::busy) {
      phase_ = phase::idle;
      return;
    }
  }
  ask();
}

void event_stream::end() {
  std::shared_ptr<stream> line;
  std::shared_ptr<void> watch;
  source next;
  {
    const std::lock_guard lock{mutex_};
    phase_ = phase::over;
    line = std::move(line_);
    watch = std::move(watch_);
    next = std::move(next_);
  }
  if (line != nullptr)
    line->finish();
}

}  // namespace carillon::http
