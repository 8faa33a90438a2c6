#include "tools/cli/failure.hpp"

#include "config/printable.hpp"
#include "model/json.hpp"
#include "tools/cli/answer_view.hpp"
#include "tools/cli/exit_code.hpp"

#include <sstream>

namespace carillon::cli {
namespace {

int exit_code_of(int status) {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return exit_code::usage;
    case 401:
    case 403:
      return exit_code::no_access;
    case 404:
      return exit_code::not_found;
    case 503:
      return exit_code::unreachable;
    default:
      return exit_code::refused;
  }
}

/// What to do about it.
std::string advice_for(int status, const server_place& asked) {
  if (status == 401 && asked.token.empty())
    return "There was no token (looked for in " + asked.token_origin
           + "): name its file with --token-file, or put it into CARILLON_TOKEN.\n";
  if (status == 401)
    return "The token came from " + asked.token_origin
           + "; the operator's is in admin.token of the server's data folder.\n";
  if (status == 429 || status == 503)
    return "Try again in a while.\n";
  return {};
}

/// What is wrong with each field, unless the detail says it already.
std::string faults_of(std::string_view body, std::string_view detail) {
  const auto root = json::read(body);
  std::string text;
  if (!root)
    return text;
  for (const auto& each : json::members(*root)) {
    if (each.key != "errors")
      continue;
    for (const auto& one : json::elements(each.value)) {
      const auto value = cell_of(one, "value");
      if (detail.starts_with(cell_of(one, "location") + ": "))
        continue;
      text += "  " + cell_of(one, "location") + ": " + cell_of(one, "message")
              + (value == "-" ? "" : ", found " + value) + "\n";
    }
  }
  return text;
}

}  // namespace

failure failure_of(const http_answer& answer, const server_place& asked, output_form as) {
  const auto code = exit_code_of(answer.status);
  if (as != output_form::text && json::read(answer.body))
    return {code, answer.body + "\n"};
  auto detail = member_text(answer.body, "detail");
  if (detail.empty())
    detail = "the server answered " + std::to_string(answer.status);
  return {code, "carillon: " + printable(detail) + " (" + std::to_string(answer.status) + ")\n"
                    + faults_of(answer.body, detail) + advice_for(answer.status, asked)};
}

failure failure_of(const problem& cause) {
  if (interrupted())
    return {exit_code::interrupted, ""};
  std::string text;
  std::istringstream lines{cause.faults.empty() ? cause.detail : ""};
  for (std::string line; std::getline(lines, line);)
    text += (text.empty() ? "carillon: " : "") + printable(line) + "\n";
  for (const auto& each : cause.faults)
    text += "carillon: " + each.location + ": " + printable(each.message)
            + (each.value.empty() ? "" : ", found " + printable(each.value)) + "\n";
  const bool is_usage =
      cause.kind == problem_kind::invalid || cause.kind == problem_kind::malformed;
  return {is_usage ? exit_code::usage : exit_code::unreachable, text};
}

}  // namespace carillon::cli
