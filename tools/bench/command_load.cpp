#include "tools/bench/command_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "tools/bench/api_client.hpp"
#include "tools/bench/many_requests.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t page_rows = 1000;
constexpr auto poll_pause = 500ms;  // a list costs the server a look at each run
constexpr auto stall_patience = 15s;
constexpr auto settle = 2s;
constexpr auto release_patience = 10s;
constexpr auto release_pause = 100ms;

// The store opens files and starts threads of its own now and then. One that were left of every
// fiftieth run would show.
constexpr std::uint64_t descriptors_slack = 32;
constexpr std::uint64_t threads_slack = 4;

std::string run_path(task_id id, std::string_view rest) {
  return fmt::format("/api/runs/{}{}", format_uuid(id), rest);
}

double difference(std::uint64_t now, std::uint64_t before) {
  return static_cast<double>(now) - static_cast<double>(before);
}

bool is_released(const process_reading& now, const process_reading& before,
                 const child_count& children) {
  return children.alive == 0 && children.zombies == 0
         && now.descriptors <= before.descriptors + descriptors_slack
         && now.threads <= before.threads + threads_slack;
}

}  // namespace

std::string_view command_definitions() {
  return R"([tasks.true]
args = ["/bin/true"]
on_overlap = "queue"
parallelism = 1000
queue_max = 10000

[tasks.echo]
run = "echo hello"
on_overlap = "queue"
parallelism = 1000
queue_max = 10000

[tasks.sleep]
args = ["/bin/sleep", "600"]
parallelism = 1000

[tasks.flood]
args = ["/usr/bin/yes"]
parallelism = 1000
log_max_size = "1mb"
log_on_full = "drop_old"
)";
}

command_job::command_job(stage& on, std::string name, run_report& out)
    : on_(on), out_(out), name_(std::move(name)) {}

histogram command_job::start(std::uint64_t count) {
  const auto path = fmt::format("/api/tasks/{}/run", name_);
  const auto take_id = [this](std::uint64_t, std::string_view body) {
    if (const auto id = find_id(body, ""))
      ids_.push_back(*id);
    else
      out_.fault(fmt::format("there is no id in {}", body));
  };
  return ask_many(on_,
                  {.method = "POST",
                   .count = count,
                   .path = [&](std::uint64_t) { return path; },
                   .status = 201,
                   .on_answer = take_id},
                  out_);
}

void command_job::wait_until(std::string_view status, std::uint64_t count) {
  const auto path = fmt::format("/api/runs?task_name={}&status={}&limit=1", name_, status);
  answer_reader reader;
  std::optional<std::uint64_t> last;
  auto moved_at = steady_now();
  while (!interrupted() && steady_now() - moved_at < stall_patience) {
    const auto total = reader.read_total(call(on_.loop, on_.target.access(), "GET", path).body);
    if (total == count)
      return;
    if (total != last)
      moved_at = steady_now();
    last = total;
    on_.loop.run_for(poll_pause);
  }
  out_.fault(fmt::format("{} runs of {} are {}, and not {}, for {} s", last.value_or(0), name_,
                         status, count, stall_patience.count()));
}

void command_job::stop_from(std::uint64_t first) {
  ask_many(
      on_,
      {.method = "POST",
       .count = ids_.size() - first,
       .path = [=, this](std::uint64_t number) { return run_path(ids_[first + number], "/stop"); },
       .status = 200},
      out_);
}

std::vector<command_run> command_job::list() {
  std::vector<command_run> rows;
  answer_reader reader;
  for (;;) {
    const auto path = fmt::format(
        "/api/runs?task_name={}&sort_field=created_at&sort_direction=asc&limit={}&offset={}", name_,
        page_rows, rows.size());
    const auto page = call(on_.loop, on_.target.access(), "GET", path);
    auto more = page.status == 200 ? reader.read_runs(page.body) : std::nullopt;
    if (!more) {
      out_.fault(fmt::format("{} answers {} {}", path, page.status, page.body));
      return rows;
    }
    std::move(more->begin(), more->end(), std::back_inserter(rows));
    if (more->size() < page_rows)
      return rows;
  }
}

std::vector<command_run> command_job::account(std::string_view end_reason) {
  std::map<task_id, std::size_t> places;
  for (std::size_t place = 0; place < ids_.size(); ++place)
    places.emplace(ids_[place], place);
  if (places.size() != ids_.size())
    out_.fault(fmt::format("{} runs were acknowledged under {} ids", ids_.size(), places.size()));
  std::vector<command_run> runs(ids_.size());
  std::uint64_t strangers = 0, doubled = 0, otherwise = 0;
  for (auto& each : list()) {
    const auto found = places.find(each.id);
    if (found == places.end()) {
      ++strangers;
      continue;
    }
    auto& known = runs[found->second];
    doubled += known.id == each.id ? 1 : 0;
    const auto right = each.end_reason == end_reason && each.start_at && each.end_at
                       && (end_reason != "success" || each.exit_code == 0);
    if (!right && otherwise++ == 0)
      out_.fault(fmt::format("{} ended with \"{}\" and {}, perhaps others did, too",
                             format_uuid(each.id), each.end_reason, each.exit_code));
    known = std::move(each);
  }
  const auto lost = std::count_if(runs.begin(), runs.end(),
                                  [](const command_run& each) { return each.id == task_id{}; });
  if (strangers > 0 || doubled > 0 || lost > 0 || otherwise > 0)
    out_.fault(
        fmt::format("of {} runs of {}, {} are not listed, {} are listed twice, {} ended "
                    "otherwise than with {}; {} more are listed that nobody started",
                    ids_.size(), name_, lost, doubled, otherwise, end_reason, strangers));
  return runs;
}

std::vector<printed> command_job::read_logs(std::uint64_t first, std::uint64_t count, int limit) {
  std::vector<printed> logs(count);
  const auto rest = fmt::format("/log?from=-{}&limit={}", limit, limit);
  answer_reader reader;
  const auto take = [&](std::uint64_t number, std::string_view body) {
    if (auto log = reader.read_printed(body))
      logs[number] = *std::move(log);
    else
      out_.fault(fmt::format("this is no log: {}", body));
  };
  ask_many(on_,
           {.method = "GET",
            .count = count,
            .path = [&](std::uint64_t number) { return run_path(ids_[first + number], rest); },
            .status = 200,
            .on_answer = take},
           out_);
  return logs;
}

process_reading read_settled(stage& on) {
  on.loop.run_for(settle);
  return read_process(on.target.process()).value_or(process_reading{});
}

void check_released(stage& on, const process_reading& before, run_report& out) {
  const auto deadline = steady_now() + release_patience;
  auto now = read_settled(on);
  auto children = count_children(on.target.process(), on.target.data());
  while (!is_released(now, before, children) && steady_now() < deadline && !interrupted()) {
    on.loop.run_for(release_pause);
    now = read_process(on.target.process()).value_or(process_reading{});
    children = count_children(on.target.process(), on.target.data());
  }
  out.add("rss_before_mb", static_cast<double>(before.resident_bytes) / 1e6);
  out.add("rss_after_mb", static_cast<double>(now.resident_bytes) / 1e6);
  out.add("descriptors_kept", difference(now.descriptors, before.descriptors));
  out.add("threads_kept", difference(now.threads, before.threads));
  if (!is_released(now, before, children))
    out.fault(
        fmt::format("all runs have ended, and there are {} processes and {} zombies of them; "
                    "descriptors of the server: {}, before: {}; threads: {}, before: {}",
                    children.alive, children.zombies, now.descriptors, before.descriptors,
                    now.threads, before.threads));
}

}  // namespace carillon::bench
