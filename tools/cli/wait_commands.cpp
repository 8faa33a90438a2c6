#include "model/duration.hpp"
#include "tools/cli/answer_view.hpp"
#include "tools/cli/client.hpp"
#include "tools/cli/exit_code.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <optional>

namespace carillon::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds first_pause{50};
constexpr milliseconds last_pause{1'000};

/// What the last answer says: empty while it is not over.
using verdict = std::function<std::optional<int>(const std::string& body)>;

expected<std::optional<steady_clock::time_point>> deadline_of(const client& with) {
  const auto* const given = with.called.find("timeout");
  if (given == nullptr)
    return std::optional<steady_clock::time_point>{};
  const auto length = parse_duration(*given);
  if (!length)
    return problem{problem_kind::invalid, "--timeout: " + length.error().detail};
  return std::optional{steady_clock::now() + *length};
}

/// Asks until the verdict is there, and shows the last answer.
int ask_until(const client& with, const http_request& request, const verdict& judge) {
  const auto deadline = deadline_of(with);
  if (!deadline)
    return give_up(failure_of(deadline.error()));
  auto pause = first_pause;
  while (true) {
    const auto answer = with.session.ask(request);
    if (!answer)
      return give_up(failure_of(answer.error()));
    if (!answer->is_good())
      return finish(with, *answer);
    if (const auto code = judge(answer->body)) {
      finish(with, *answer);
      return *code;
    }
    if (*deadline && steady_clock::now() >= **deadline) {
      tell("carillon: not over within " + *with.called.find("timeout") + "\n");
      return exit_code::timed_out;
    }
    if (!rest(pause))
      return exit_code::interrupted;
    pause = std::min(pause * 2, last_pause);
  }
}

std::int64_t count_of(const std::string& body, std::string_view path) {
  const auto root = json::read(body);
  return std::atoll(cell_of(*root, path).c_str());
}

std::optional<int> outcome_of_task(const std::string& body) {
  const auto status = member_text(body, "status");
  if (status == "completed")
    return exit_code::done;
  if (status == "failed")
    return exit_code::task_failed;
  if (status == "canceled")
    return exit_code::task_canceled;
  if (status == "expired")
    return exit_code::task_expired;
  if (status == "skipped")
    return exit_code::task_skipped;
  return std::nullopt;
}

int wait_for_job_at(const client& with, const std::string& target) {
  progress_line line{with.environment, !with.called.options.is_quiet};
  return ask_until(with, {"GET", target, {}, {}}, [&](const std::string& body) {
    const auto status = member_text(body, "status");
    line.show(count_of(body, "done"), count_of(body, "total"), "tasks, " + status);
    const bool is_over = status == "completed" || status == "canceled";
    if (!is_over)
      return std::optional<int>{};
    line.clear();
    const bool is_whole = status == "completed" && count_of(body, "failed") == 0;
    return std::optional{is_whole ? exit_code::done : exit_code::refused};
  });
}

}  // namespace

int wait_for_task(const client& with, const http_request& request) {
  return ask_until(with, request, outcome_of_task);
}

int wait_for_batch(const client& with, const http_request& request) {
  progress_line line{with.environment, !with.called.options.is_quiet};
  return ask_until(with, request, [&](const std::string& body) {
    const auto status = member_text(body, "status");
    line.show(count_of(body, "counts.done"), count_of(body, "counts.total"), "tasks, " + status);
    if (status != "completed" && status != "canceled")
      return std::optional<int>{};
    line.clear();
    if (status == "canceled")
      return std::optional{exit_code::task_canceled};
    return std::optional{count_of(body, "counts.failed") > 0 ? exit_code::task_failed
                                                             : exit_code::done};
  });
}

int wait_for_job(const client& with, const http_request& request) {
  return wait_for_job_at(with, request.target);
}

int start_job(const client& with, const http_request& request) {
  const auto answer = with.session.ask(request);
  if (!answer)
    return give_up(failure_of(answer.error()));
  const auto id = member_text(answer->body, "id");
  if (!answer->is_good() || id.empty() || with.called.has("detach"))
    return finish(with, *answer);
  return wait_for_job_at(with, request.target + "/" + id);
}

}  // namespace carillon::cli
