#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carillon::cli {

/// One server-sent event.
struct stream_event {
  std::string name;
  std::string id;
  std::string data;
};

/// Takes a stream apart as it comes.
class event_reader {
public:
  /// The events that are whole now. Comments and events without data are none.
  std::vector<stream_event> feed(std::string_view bytes);

private:
  void take_line(std::string_view line, std::vector<stream_event>& found);

  std::string rest_;  ///< A line that has no end yet.
  stream_event next_;
};

/// Cuts bytes into whole lines.
class line_reader {
public:
  std::vector<std::string> feed(std::string_view bytes);

private:
  std::string rest_;
};

}  // namespace carillon::cli
