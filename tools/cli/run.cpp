#include "tools/cli/run.hpp"

#include "tools/cli/client.hpp"
#include "tools/cli/completion.hpp"
#include "tools/cli/exit_code.hpp"
#include "tools/cli/local_commands.hpp"
#include "tools/cli/manual.hpp"
#include "tools/cli/request.hpp"

#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace carillon::cli {
namespace {

/// What "-" and "@FILE" stand for; any other text stands for itself.
expected<std::string> read_named(const std::string& text) {
  if (text == "-")
    return std::string{std::istreambuf_iterator<char>{std::cin}, {}};
  if (!text.starts_with('@'))
    return text;
  std::ifstream file{text.substr(1), std::ios::binary};
  if (!file)
    return problem{problem_kind::invalid, text.substr(1) + ": " + std::strerror(errno)};
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

expected<invocation> with_files(invocation called) {
  if (called.data) {
    auto text = read_named(*called.data);
    if (!text)
      return std::move(text).error();
    called.data = *std::move(text);
  }
  for (auto& given : called.values)
    if (given.of->as == form::json) {
      auto text = read_named(given.texts.front());
      if (!text)
        return std::move(text).error();
      given.texts.front() = *std::move(text);
    }
  return called;
}

int perform(const client& with, const http_request& request) {
  switch (with.what().how) {
    case manner::text:
      return show_text(with, request);
    case manner::log_lines:
      return show_log(with, request);
    case manner::events:
      return show_events(with, request);
    case manner::wait_task:
      return wait_for_task(with, request);
    case manner::wait_batch:
      return wait_for_batch(with, request);
    case manner::wait_job:
      return wait_for_job(with, request);
    case manner::start_job:
      return start_job(with, request);
    case manner::upload_batch:
      return upload_batch(with, request);
    default:
      return with.called.options.watch ? watch(with, request) : ask_once(with, request);
  }
}

int ask_server(const invocation& called, const environment_map& environment) {
  const auto read = with_files(called);
  if (!read)
    return give_up(failure_of(read.error()));
  const auto request = to_request(*read);
  if (!request)
    return give_up(failure_of(request.error()));
  auto where = find_server(called.options, environment);
  if (!where)
    return give_up(failure_of(where.error()));
  http_session session{*std::move(where)};
  const auto code =
      perform({*read, environment, session, screen_of(STDOUT_FILENO, environment)}, *request);
  return interrupted() ? exit_code::interrupted : code;
}

int print_text(const expected<std::string>& text) {
  if (!text)
    return give_up(failure_of(text.error()));
  print(*text);
  return exit_code::done;
}

int perform(const invocation& called, const environment_map& environment,
            const zone_source& zones) {
  const auto on = screen_of(STDOUT_FILENO, environment);
  switch (called.what->how) {
    case manner::preview:
      return preview(called, on, zones);
    case manner::crontab:
      return import_crontab(called, on, zones);
    case manner::completion:
      return print_text(completion_script(*called.find("shell")));
    case manner::manual:
      return print_text(manual_page(called.find("page") ? *called.find("page") : "1"));
    default:
      return ask_server(called, environment);
  }
}

}  // namespace

int run(const std::vector<std::string>& words, const environment_map& environment,
        const zone_source& zones) {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // for the width of letters
  const auto read = read_arguments(words);
  if (const auto* answer = std::get_if<said>(&read)) {
    if (answer->exit_code == exit_code::done)
      print(answer->text);
    else
      tell(answer->text);
    return answer->exit_code;
  }
  catch_signals();
  return perform(std::get<invocation>(read), environment, zones);
}

}  // namespace carillon::cli
