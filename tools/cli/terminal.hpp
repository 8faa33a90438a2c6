#pragma once

#include <string>
#include <string_view>

#include "config/load_settings.hpp"
#include "model/instant.hpp"
#include "tools/cli/table.hpp"

namespace carillon::cli {

/// What a descriptor goes to; colours only on a terminal, and not when NO_COLOR is set.
screen screen_of(int descriptor, const environment_map& environment);

/// False when nobody reads any more, which is no fault.
bool print(std::string_view text);
/// On standard error.
void tell(std::string_view text);

/// False when a signal came meanwhile.
bool rest(duration length);

/// "[#######...] 70.0 %", of a part from 0 to 1.
std::string bar_of(double part, std::size_t width);

/// One line on standard error that is written over and over; nothing unless that is a terminal.
class progress_line {
public:
  progress_line(const environment_map& environment, bool is_wanted);
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// `of` below 0: how many there will be is not known.
  void show(std::int64_t done, std::int64_t of, std::string_view what);
  void clear();

private:
  screen on_;
  bool is_shown_ = false;
};

}  // namespace carillon::cli
