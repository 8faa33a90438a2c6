#include "storage/run_log_view.hpp"

#include <algorithm>

#include "storage/run_log.hpp"
#include "storage/run_log_markers.hpp"

namespace carillon::storage {
namespace {

bool is_sound(const log_entry& entry) {
  return entry.stream <= static_cast<std::uint8_t>(log_stream::system) && entry.continued <= 1;
}

/// Where the lines begin.
std::vector<std::uint32_t> split(std::string_view bytes, std::size_t from) {
  std::vector<std::uint32_t> lines;
  while (from < bytes.size()) {
    lines.push_back(static_cast<std::uint32_t>(from));
    const auto newline = bytes.find('\n', from);
    from = newline == std::string_view::npos ? bytes.size() : newline + 1;
  }
  return lines;
}

/// Where the first line begins that is not cut.
std::size_t first_whole(std::string_view bytes) {
  return std::min(bytes.find('\n'), bytes.size() - 1) + 1;
}

}  // namespace

std::string_view log_run::text(std::size_t line) const {
  const auto end = line + 1 < lines.size() ? lines[line + 1] : bytes.size();
  auto found = std::string_view{bytes}.substr(lines[line], end - lines[line]);
  if (found.ends_with('\n'))
    found.remove_suffix(1);
  return found;
}

log_view::log_view(const log_file& log, const log_file& index, const log_header& header)
    : log_{&log}, index_{&index}, header_{header} {}

// -- entries ------------------------------------------------------------------

log_entry log_view::entry(std::uint64_t place) {
  if (place >= header_.entries) {
    log_entry end;
    end.offset = header_.end;
    end.line = header_.lines;
    return end;
  }
  if (place < block_at_ || place >= block_at_ + block_size_) {
    block_at_ = place / block_.size() * block_.size();
    block_size_ = std::min<std::uint64_t>(block_.size(), header_.entries - block_at_);
    if (!index_->read(block_.data(), block_size_ * sizeof(log_entry), offset_of_entry(block_at_))) {
      ok_ = false;
      block_size_ = 0;
      return {};
    }
  }
  return block_[place - block_at_];
}

template <class Holds>
std::uint64_t log_view::last_place(Holds holds) {
  std::uint64_t low = 0;
  std::uint64_t high = header_.entries;
  while (ok_ && high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (holds(entry(middle)) ? low : high) = middle;
  }
  return low;
}

std::uint64_t log_view::place_of_offset(std::uint64_t offset) {
  return last_place([offset](const log_entry& entry) { return entry.offset <= offset; });
}

std::uint64_t log_view::place_of_line(std::uint64_t line) {
  return last_place([line](const log_entry& entry) { return entry.line <= line; });
}

// -- bytes --------------------------------------------------------------------

std::string log_view::bytes(std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  const auto place = header_.ring > 0 ? offset % header_.ring : offset;
  const auto first = header_.ring > 0 ? std::min<std::uint64_t>(size, header_.ring - place) : size;
  ok_ = ok_ && log_->read(bytes.data(), first, place)
        && log_->read(bytes.data() + first, size - first, 0);
  return bytes;
}

/// Its bytes without knowledge of lines.
log_run log_view::uncut_run(std::uint64_t place, std::uint64_t start) {
  const auto head = entry(place);
  const auto next = entry(place + 1);
  const auto from = std::max(head.offset, start);
  ok_ = ok_ && is_sound(head) && head.line < next.line && head.offset < next.offset
        && next.offset <= header_.end && next.offset - head.offset <= run_bytes_max
        && from <= next.offset;
  if (!ok_)
    return {};
  return {head, next.offset, next.line, bytes(from, next.offset - from), {}};
}

log_run log_view::run(std::uint64_t place, std::uint64_t start) {
  auto found = uncut_run(place, start);
  const bool cut = start > found.head.offset;
  found.lines = split(found.bytes, cut ? first_whole(found.bytes) : 0);
  const auto expected = found.next_line - found.head.line;
  ok_ = ok_ && (cut ? found.lines.size() <= expected : found.lines.size() == expected);
  return found;
}

std::uint64_t log_view::first_line(std::uint64_t place, std::uint64_t start) {
  const auto found = uncut_run(place, start);
  if (start <= found.head.offset)
    return found.head.line;
  const auto whole = std::string_view{found.bytes}.substr(first_whole(found.bytes));
  const bool is_piece = !whole.empty() && !whole.ends_with('\n');
  return found.next_line - lines_ended_in(whole) - (is_piece ? 1 : 0);
}

// -- after a crash ------------------------------------------------------------

void log_view::fit() {
  fit_index();
  if (ok_)
    fit_log();
  header_.start = std::min(header_.start, header_.end);
}

void log_view::fit_index() {
  const auto size = index_->size();
  const auto there =
      size < sizeof(log_header) ? 0 : (size - sizeof(log_header)) / sizeof(log_entry);
  if (header_.entries <= there)
    return;
  // The last one that is there has no known end: it only says where the one before it ends.
  header_.entries = there;
  const auto last = there > 0 ? entry(there - 1) : log_entry{};
  ok_ = ok_ && last.offset <= header_.end && last.line <= header_.lines;
  header_.entries = there > 0 ? there - 1 : 0;
  header_.end = last.offset;
  header_.lines = last.line;
  block_size_ = 0;
}

void log_view::fit_log() {
  const auto size = log_->size();
  if (header_.ring > 0 && header_.end > header_.ring) {
    ok_ = ok_ && size >= header_.ring && header_.end - header_.start <= header_.ring;
    return;
  }
  if (size >= header_.end)
    return;
  const auto place = size > 0 ? place_of_offset(size - 1) : 0;
  const auto last = size > 0 ? entry(place) : log_entry{};
  ok_ = ok_ && last.offset <= size && size - last.offset <= run_bytes_max;
  if (!ok_)
    return;
  header_.entries = size > 0 ? place + 1 : 0;
  header_.end = size;
  header_.lines = last.line + split(bytes(last.offset, size - last.offset), 0).size();
  block_size_ = 0;
}

}  // namespace carillon::storage
