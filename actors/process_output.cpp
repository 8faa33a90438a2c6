// What commands print.
#include <algorithm>
#include <cerrno>

#include "actors/process_loop.hpp"

namespace carillon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A log keeps what has waited a second for the end of its line.
constexpr milliseconds flush_after{1100};

}  // namespace

void process_loop::read_output(process_run& run, storage::log_stream stream, int pieces_max) {
  auto& from = stream == storage::log_stream::out ? run.out : run.err;
  bool kept = false;
  while (from && pieces_max-- > 0) {
    const auto bytes = ::read(from.get(), buffer_.data(), buffer_.size());
    if (bytes > 0) {
      keep(run, stream, {buffer_.data(), static_cast<std::size_t>(bytes)});
      kept = true;
    } else if (bytes == 0 || (errno != EAGAIN && errno != EINTR)) {
      from.close();
    } else if (errno == EAGAIN) {
      break;
    }
  }
  if (kept)
    tell_output(run);
}

void process_loop::keep(process_run& run, storage::log_stream stream, std::string_view bytes) {
  take(run, run.log->append(stream, bytes, settings_.time->now()));
  if (bytes.ends_with('\n'))
    return;
  run.open_line_at = steady_clock::now();
  if (!run.waits_for_flush)
    want_flush(run);
}

void process_loop::take(process_run& run, storage::run_log_writer::verdict verdict) {
  if (verdict != storage::run_log_writer::verdict::full || run.stopping)
    return;
  run.log_full = true;
  stop(run);
}

void process_loop::want_flush(process_run& run) {
  run.waits_for_flush = true;
  flushes_.emplace_back(steady_clock::now() + flush_after, run.id);
}

void process_loop::flush_logs() {
  for (const auto now = steady_clock::now(); !flushes_.empty() && flushes_.front().first <= now;) {
    const auto [moment, id] = flushes_.front();
    flushes_.pop_front();
    const auto found = runs_.find(id);
    if (found == runs_.end() || !found->second->log)
      continue;
    auto& run = *found->second;
    run.waits_for_flush = false;
    take(run, run.log->flush(settings_.time->now()));
    tell_output(run);
    if (run.open_line_at > moment - flush_after)  // it is younger than this flush was for
      want_flush(run);
  }
}

void process_loop::tell_output(const process_run& run) const {
  if (settings_.on_output)
    settings_.on_output(run.call.run);
}

}  // namespace carillon
