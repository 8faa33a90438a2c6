#include "http/line_splitter.hpp"

#include <algorithm>
#include <utility>

namespace carillon::http {

std::vector<std::string> line_splitter::add(std::string_view piece) {
  std::vector<std::string> lines;
  for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
    append(piece.substr(0, end));
    end_line(lines);
    piece.remove_prefix(end + 1);
  }
  append(piece);
  return lines;
}

std::vector<std::string> line_splitter::finish() {
  std::vector<std::string> lines;
  end_line(lines);
  return lines;
}

void line_splitter::append(std::string_view part) {
  rest_ += part.substr(0, line_bytes_max_ + 1 - std::min(rest_.size(), line_bytes_max_ + 1));
}

void line_splitter::end_line(std::vector<std::string>& to) {
  auto line = std::exchange(rest_, {});
  if (line.find_first_not_of(" \t\r") != std::string::npos)
    to.push_back(std::move(line));
}

}  // namespace carillon::http
