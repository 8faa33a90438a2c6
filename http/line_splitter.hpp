#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::http {

/// Cuts a body that comes in pieces into lines. Blank ones are left out. Of a line that is too long
/// the first bytes come, one more than it may have, so that it can be refused in its place.
class line_splitter {
public:
  explicit line_splitter(std::size_t line_bytes_max) : line_bytes_max_{line_bytes_max} {}

  /// The lines that end in this piece.
  std::vector<std::string> add(std::string_view piece);
  /// The last line may have no end: it stands for itself when the body is over.
  std::vector<std::string> finish();

private:
  void append(std::string_view part);
  void end_line(std::vector<std::string>& to);

  std::size_t line_bytes_max_;
  std::string rest_;
};

}  // namespace carillon::http
