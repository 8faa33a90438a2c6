#include "tools/cli/terminal.hpp"

#include "tools/cli/http_session.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace carillon::cli {
namespace {

constexpr std::size_t bar_width = 24;
constexpr std::string_view start_of_line = "\r\x1b[K";

std::string percent_text(double part) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%5.1f %%", part * 100);
  return text.data();
}

}  // namespace

screen screen_of(int descriptor, const environment_map& environment) {
  screen found;
  found.is_terminal = isatty(descriptor) == 1;
  winsize size{};
  if (found.is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    found.width = size.ws_col;
    found.height = size.ws_row;
  }
  const auto set = environment.find("NO_COLOR");
  const auto kind = environment.find("TERM");
  found.has_color = found.is_terminal && (set == environment.end() || set->second.empty())
                    && (kind == environment.end() || kind->second != "dumb");
  return found;
}

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size()
         && std::fflush(stdout) == 0;
}

void tell(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool rest(duration length) {
  const auto count = length.count();
  timespec left{count / 1000, (count % 1000) * 1'000'000};
  while (!interrupted() && nanosleep(&left, &left) != 0) {
  }
  return !interrupted();
}

std::string bar_of(double part, std::size_t width) {
  const auto filled =
      static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * static_cast<double>(width));
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] "
         + percent_text(part);
}

progress_line::progress_line(const environment_map& environment, bool is_wanted)
    : on_{screen_of(STDERR_FILENO, environment)} {
  on_.is_terminal = on_.is_terminal && is_wanted;
}

void progress_line::show(std::int64_t done, std::int64_t of, std::string_view what) {
  if (!on_.is_terminal)
    return;
  std::string text;
  if (of > 0)
    text = bar_of(static_cast<double>(done) / static_cast<double>(of), bar_width) + "  "
           + std::to_string(done) + " of " + std::to_string(of);
  else
    text = std::to_string(done);
  text.append(" ").append(what);
  tell(std::string{start_of_line} + cut(text, on_.width - 1));
  is_shown_ = true;
}

void progress_line::clear() {
  if (is_shown_)
    tell(start_of_line);
  is_shown_ = false;
}

}  // namespace carillon::cli
