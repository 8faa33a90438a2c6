#include "tools/cli/event_reader.hpp"

#include <utility>

namespace carillon::cli {

std::vector<std::string> line_reader::feed(std::string_view bytes) {
  std::vector<std::string> lines;
  rest_ += bytes;
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    lines.push_back(rest_.substr(begin, end - begin));
    begin = end + 1;
  }
  rest_.erase(0, begin);
  return lines;
}

std::vector<stream_event> event_reader::feed(std::string_view bytes) {
  std::vector<stream_event> found;
  rest_ += bytes;
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    auto line = std::string_view{rest_}.substr(begin, end - begin);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    take_line(line, found);
    begin = end + 1;
  }
  rest_.erase(0, begin);
  return found;
}

void event_reader::take_line(std::string_view line, std::vector<stream_event>& found) {
  if (line.empty()) {
    if (!next_.data.empty()) {
      next_.data.pop_back();  // the end of its last line
      found.push_back(std::move(next_));
    }
    next_ = {};
    return;
  }
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' '))
    value.remove_prefix(1);
  if (name == "event")
    next_.name = value;
  else if (name == "id")
    next_.id = value;
  else if (name == "data")
    next_.data.append(value) += '\n';
}

}  // namespace carillon::cli
