#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "model/log.hpp"
#include "storage/run_log.hpp"
#include "storage/run_log_appender.hpp"
#include "storage/run_log_markers.hpp"

namespace carillon::storage {
namespace {

using namespace std::chrono_literals;
using verdict = run_log_writer::verdict;

/// How long the beginning of a line, such as a prompt, waits for the rest of it.
constexpr auto rest_age_max = 1s;
/// Smaller rings could not hold a marker beside a line.
constexpr std::uint64_t ring_bytes_min = 1 << 10;
/// The line that does not fit is left out whole when no more room than this is wasted by it.
constexpr std::uint64_t waste_bytes_max = 4 << 10;

std::uint64_t ring_of(const log_rules& rules) {
  return rules.on_full == log_on_full::drop_old ? std::max(rules.bytes_max, ring_bytes_min) : 0;
}

/// In a ring there is room for a piece, its newline and a marker.
std::size_t piece_of(const log_rules& rules) {
  const auto ring = ring_of(rules);
  return ring > 0 ? std::min<std::uint64_t>(piece_bytes_max, ring / 2) : piece_bytes_max;
}

/// One of the streams that are being kept.
struct source {
  log_stream stream;
  std::string rest = {};   ///< The beginning of a line; at most a piece.
  instant since = {};      ///< When `rest` began.
  bool continued = false;  ///< The line began with a piece that is kept already.
  bool dropping = false;   ///< The end of a line is being dropped, and the line not counted yet.
};

/// Cuts streams into lines and holds them to the rules. What it keeps goes through the appender.
class rule_writer final : public run_log_writer {
public:
  rule_writer(std::string uuid, log_paths paths, const log_rules& rules)
      : uuid_{std::move(uuid)},
        rules_{rules},
        ring_{ring_of(rules)},
        piece_{piece_of(rules)},
        files_{std::move(paths), rules, ring_, piece_} {}

  verdict append(log_stream stream, std::string_view bytes, instant now) override;
  verdict flush(instant now) override;
  void finish(instant now) override;

private:
  void cut(source& from, std::string_view bytes, instant now);
  void keep(source& from, std::string_view bytes, instant now);
  void keep_rests(instant begun_by, instant now);

  void keep_in_ring(const source& from, std::string_view bytes, instant now);
  void keep_what_fits(source& from, std::string_view bytes, instant now);
  void drop(source& from, std::string_view bytes);

  void store(const source& from, std::string_view bytes, instant now);
  void lose(std::string_view bytes);
  bool mark(const std::string& text, instant now);
  bool mark_lost(instant now);
  bool mark_overwritten(std::uint64_t bytes_to_come, instant now);

  [[nodiscard]] std::uint64_t held() const;
  verdict answer(instant now);

  const std::string uuid_;
  const log_rules rules_;
  const std::uint64_t ring_;
  const std::size_t piece_;
  log_appender files_;
  std::array<source, 3> sources_{{{log_stream::out}, {log_stream::err}, {log_stream::system}}};

  std::uint64_t kept_ = 0;       ///< Bytes, without a ring.
  bool full_ = false;            ///< Nothing more is kept.
  bool full_marked_ = false;     ///< And the log says so.
  log_amount dropped_;           ///< By the rules.
  log_amount lost_;              ///< By the disk, and not yet told in the log.
  std::uint64_t marker_at_ = 0;  ///< The last one in the ring.
  bool ring_marked_ = false;     ///< There is one.
};

verdict rule_writer::append(log_stream stream, std::string_view bytes, instant now) {
  auto& from = sources_[static_cast<std::size_t>(stream)];
  if (full_)
    drop(from, bytes);
  else
    cut(from, bytes, now);
  // What cannot fit any more need not wait for its newline.
  if (!full_ && ring_ == 0 && kept_ + held() > rules_.bytes_max)
    keep_rests(instant::max(), now);
  return answer(now);
}

verdict rule_writer::flush(instant now) {
  keep_rests(now - rest_age_max, now);
  return answer(now);
}

void rule_writer::finish(instant now) {
  keep_rests(instant::max(), now);
  if (lost_.bytes > 0)
    mark_lost(now);
  if (full_) {
    answer(now);
    for (const auto& from : sources_)
      dropped_.lines += from.dropping ? 1 : 0;
    mark(dropped_marker(dropped_, rules_), now);
  }
  if (ring_ > 0 && files_.overwritten_after(0) > 0)
    mark_overwritten(0, now);
}

std::uint64_t rule_writer::held() const {
  std::uint64_t bytes = 0;
  for (const auto& from : sources_)
    bytes += from.rest.size();
  return bytes;
}

verdict rule_writer::answer(instant now) {
  if (full_ && !full_marked_)
    full_marked_ = mark(full_marker(rules_), now);
  return full_ && rules_.on_full == log_on_full::kill_task ? verdict::full : verdict::kept;
}

// -- lines --------------------------------------------------------------------

void rule_writer::cut(source& from, std::string_view bytes, instant now) {
  while (!bytes.empty()) {
    // No line in a window is longer than a piece, so that all lines in it can be kept at once. The
    // end of a line that began earlier is kept alone.
    const auto window = bytes.substr(0, piece_ + 1 - from.rest.size());
    const bool began = from.continued || !from.rest.empty();
    const auto newline = began ? window.find('\n') : window.rfind('\n');
    auto taken = window.size();
    if (newline != std::string_view::npos) {
      taken = newline + 1;
      keep(from, window.substr(0, taken), now);
    } else if (from.rest.size() + window.size() > piece_) {
      taken = piece_ - from.rest.size();
      keep(from, window.substr(0, taken), now);
    } else {
      if (from.rest.empty())
        from.since = now;
      from.rest += window;
    }
    bytes.remove_prefix(taken);
    if (full_ && !bytes.empty())
      return drop(from, bytes);
  }
}

/// What waits of the stream and `bytes`: whole lines, or a piece of one.
void rule_writer::keep(source& from, std::string_view bytes, instant now) {
  std::string joined;
  if (!from.rest.empty()) {
    joined = std::move(from.rest.append(bytes));
    from.rest.clear();
    bytes = joined;
  }
  if (ring_ > 0)
    keep_in_ring(from, bytes, now);
  else
    keep_what_fits(from, bytes, now);
  from.continued = !bytes.ends_with('\n');
}

void rule_writer::keep_rests(instant begun_by, instant now) {
  std::array<source*, 3> order{&sources_[0], &sources_[1], &sources_[2]};
  std::stable_sort(order.begin(), order.end(), [](const source* one, const source* other) {
    return one->since < other->since;
  });
  for (auto* from : order)
    if (!from->rest.empty() && from->since <= begun_by)
      keep(*from, {}, now);
}

// -- rules --------------------------------------------------------------------

void rule_writer::keep_in_ring(const source& from, std::string_view bytes, instant now) {
  const auto end = files_.end() + bytes.size() + 1;
  const bool overwrites = end > ring_;
  if (overwrites && (!ring_marked_ || end - marker_at_ > ring_))
    ring_marked_ = mark_overwritten(bytes.size(), now);
  store(from, bytes, now);
}

void rule_writer::keep_what_fits(source& from, std::string_view bytes, instant now) {
  auto room = rules_.bytes_max - std::min(rules_.bytes_max, kept_);
  if (bytes.size() <= room)
    return store(from, bytes, now);
  const auto newline = bytes.substr(0, room).rfind('\n');
  if (newline != std::string_view::npos) {
    const auto whole = bytes.substr(0, newline + 1);
    store(from, whole, now);
    from.continued = false;
    room -= whole.size();
    bytes.remove_prefix(whole.size());
  }
  if (room > std::min(waste_bytes_max, rules_.bytes_max / 4)) {
    store(from, bytes.substr(0, room), now);
    bytes.remove_prefix(room);
  }
  full_ = true;
  drop(from, bytes);
  for (auto& other : sources_)
    drop(other, std::exchange(other.rest, {}));
}

void rule_writer::drop(source& from, std::string_view bytes) {
  if (bytes.empty())
    return;
  const auto lines = lines_ended_in(bytes);
  dropped_.bytes += bytes.size();
  dropped_.lines += lines;
  files_.drop(bytes.size(), lines);
  from.dropping = !bytes.ends_with('\n');
}

// -- the disk -----------------------------------------------------------------

void rule_writer::store(const source& from, std::string_view bytes, instant now) {
  const auto lines = lines_ended_in(bytes) + (bytes.ends_with('\n') ? 0 : 1);
  if (lost_.bytes > 0 && !mark_lost(now))
    return lose(bytes);
  if (!files_.append({from.stream, from.continued}, bytes, lines, now))
    return lose(bytes);
  kept_ += bytes.size();
}

void rule_writer::lose(std::string_view bytes) {
  if (lost_.bytes == 0)
    log(log_level::warn, "output of a command is lost",
        {{"run", uuid_}, {"reason", std::strerror(errno)}});
  const auto lines = lines_ended_in(bytes);
  lost_.bytes += bytes.size();
  lost_.lines += lines;
  files_.drop(bytes.size(), lines);
}

bool rule_writer::mark(const std::string& text, instant now) {
  return files_.end_line() && files_.append({log_stream::system, false}, text + '\n', 1, now);
}

bool rule_writer::mark_lost(instant now) {
  const auto text = lost_marker(lost_);
  if (!mark(text, now))
    return false;
  lost_ = {};
  kept_ += text.size() + 1;  // or a disk that comes and goes could fill itself with markers
  return true;
}

/// Tells what will be lost with the marker and so many bytes after it.
bool rule_writer::mark_overwritten(std::uint64_t bytes_to_come, instant now) {
  if (!files_.end_line())
    return false;
  marker_at_ = files_.end();
  // The marker overwrites lines itself, and more of them when their number is longer.
  auto text = overwritten_marker(files_.lines(), rules_);
  std::size_t size = 0;
  for (int round = 0; round < 3 && size != text.size(); ++round) {
    size = text.size();
    text = overwritten_marker(files_.overwritten_after(size + 1 + bytes_to_come), rules_);
  }
  return mark(text, now);
}

}  // namespace

std::unique_ptr<run_log_writer> run_logs::create(const task_id& run, log_rules rules) const {
  return std::make_unique<rule_writer>(to_uuid(run), paths_of(folder_, run), rules);
}

}  // namespace carillon::storage
