#include "tools/cli/answer_view.hpp"
#include "tools/cli/client.hpp"
#include "tools/cli/exit_code.hpp"

#include <algorithm>
#include <charconv>

namespace carillon::cli {
namespace {

constexpr std::string_view clear_screen = "\x1b[H\x1b[2J\x1b[3J";
constexpr int first_bad_status = 300;

/// So many lines as the terminal has, less the one above.
std::string first_lines(const std::string& text, std::size_t count) {
  std::size_t end = 0;
  while (count-- > 0 && end < text.size())
    end = std::min(text.find('\n', end), text.size() - 1) + 1;
  return text.substr(0, end);
}

/// Of several leases each has a status of its own.
int worst_result(const http_answer& answer) {
  const auto root = json::read(answer.body);
  int worst = exit_code::done;
  for (const auto& each : json::members(*root))
    if (each.key == "results")
      for (const auto& one : json::elements(each.value)) {
        const auto status = cell_of(one, "status");
        int number = 0;
        std::from_chars(status.data(), status.data() + status.size(), number);
        worst = number >= first_bad_status ? exit_code::refused : worst;
      }
  return worst;
}

}  // namespace

int give_up(const failure& what) {
  tell(what.text);
  return what.exit_code;
}

int finish(const client& with, const http_answer& answer) {
  if (!answer.is_good())
    return give_up(failure_of(answer, with.session.where(), with.called.options.as));
  print(show(with.what().shows, answer.body, with.called.options, with.on));
  const bool has_results = with.what().shows.list == "results";
  return has_results ? worst_result(answer) : exit_code::done;
}

int ask_once(const client& with, const http_request& request) {
  const auto answer = with.session.ask(request);
  return answer ? finish(with, *answer) : give_up(failure_of(answer.error()));
}

int watch(const client& with, const http_request& request) {
  const auto every = *with.called.options.watch;
  std::string before;
  do {
    const auto answer = with.session.ask(request);
    if (!answer)
      return give_up(failure_of(answer.error()));
    if (!answer->is_good())
      return finish(with, *answer);
    auto text = show(with.what().shows, answer->body, with.called.options, with.on);
    bool is_read = true;
    if (with.on.is_terminal)
      is_read = print(std::string{clear_screen} + "carillon " + with.what().words() + "\n"
                      + first_lines(text, with.on.height - 2));
    else if (text != before)
      is_read = print(text);
    if (!is_read)
      return exit_code::done;
    before = std::move(text);
  } while (rest(every));
  return exit_code::interrupted;
}

}  // namespace carillon::cli
