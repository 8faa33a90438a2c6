#include "tools/cli/answer_view.hpp"
#include "tools/cli/client.hpp"
#include "tools/cli/event_reader.hpp"
#include "tools/cli/exit_code.hpp"

namespace carillon::cli {
namespace {

/// What a person reads of the lines of a log.
std::string text_of_lines(std::string_view body) {
  const auto root = json::read(body);
  std::string text;
  if (root)
    for (const auto& each : json::members(*root))
      if (each.key == "lines")
        for (const auto& line : json::elements(each.value))
          text += member_text(line.raw, "text") + "\n";
  return text;
}

/// The end of a stream, however it came.
int end_of(const client& with, const expected<http_answer>& answer) {
  if (!answer)
    return give_up(failure_of(answer.error()));
  if (!answer->is_good())
    return finish(with, *answer);
  return exit_code::done;
}

int follow_log(const client& with, http_request request) {
  const auto end = request.target.find('?');
  auto query = end == std::string::npos ? std::string{} : request.target.substr(end);
  if (const auto limit = query.find("limit="); limit != std::string::npos)
    query.replace(limit, 0, "replay_");
  request.target = request.target.substr(0, end) + "/stream" + query;
  event_reader reader;
  const bool as_json = with.called.options.as != output_form::text;
  return end_of(with, with.session.stream(request, [&](std::string_view bytes) {
    for (const auto& event : reader.feed(bytes)) {
      if (event.name == "done")
        return false;
      if (event.name == "line"
          && !print((as_json ? event.data : member_text(event.data, "text")) + "\n"))
        return false;
    }
    return true;
  }));
}

/// Its name, and the cells of what it is about.
std::string row_of(const client& with, const stream_event& event) {
  if (with.called.options.as != output_form::text)
    return R"({"event":)" + json::writer{}.string(event.name).take() + R"(,"data":)" + event.data
           + "}\n";
  const auto root = json::read(event.data);
  if (!root)
    return {};
  if (with.called.options.is_quiet)
    return cell_of(*root, with.what().shows.key) + "\n";
  auto line = event.name;
  for (const auto& one : with.what().shows.columns) {
    const auto cell = cell_of(*root, one.path);
    line += (with.on.is_terminal ? "  " : "\t") + colored(cell, cell, with.on);
  }
  return line + "\n";
}

}  // namespace

int show_text(const client& with, const http_request& request) {
  return end_of(with,
                with.session.stream(request, [](std::string_view bytes) { return print(bytes); }));
}

int show_log(const client& with, const http_request& request) {
  if (with.called.has("follow"))
    return follow_log(with, request);
  const auto answer = with.session.ask(request);
  if (!answer)
    return give_up(failure_of(answer.error()));
  if (!answer->is_good() || with.called.options.as != output_form::text)
    return finish(with, *answer);
  print(text_of_lines(answer->body));
  return exit_code::done;
}

int show_events(const client& with, const http_request& request) {
  event_reader reader;
  return end_of(with, with.session.stream(request, [&](std::string_view bytes) {
    for (const auto& event : reader.feed(bytes))
      if (event.name != "ping" && !print(row_of(with, event)))
        return false;
    return true;
  }));
}

}  // namespace carillon::cli
