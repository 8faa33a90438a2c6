#include "http/runner_output.hpp"

#include "tests/support/task_samples.hpp"

namespace carillon::http {

namespace {

using namespace std::chrono_literals;
using namespace test;

attempt an_end(attempt_outcome outcome, int number = 1) {
  return {number, noon, noon + 1s, outcome};
}

task ended_with(end_reason reason, std::vector<attempt> attempts = {}) {
  auto subject = a_task(a_command_spec(), ended{task_status::failed, reason, noon + 2s});
  subject.attempts = std::move(attempts);
  return subject;
}

runner_run only_run_of(const task& subject) {
  auto runs = runner_runs_of(subject);
  REQUIRE(runs.size() == 1);
  return runs.front();
}

std::string written(const runner_run& run, std::string_view schema = {}) {
  json::writer out;
  write_runner_run(out, run, schema);
  return out.take();
}

schedule a_definition() {
  schedule_spec spec;
  spec.name = "backup";
  spec.kind = schedule_kind::manual;
  spec.work.task_type = "backup";
  spec.work.command = local_command{{"/bin/sh", "-c", "true"}};
  spec.work.retry = {3, backoff_kind::fixed, 5s};
  spec.file = file_facts{};
  schedule subject;
  subject.spec = std::make_shared<const schedule_spec>(std::move(spec));
  return subject;
}

schedule changed(void (*change)(schedule_spec&)) {
  auto subject = a_definition();
  auto spec = *subject.spec;
  change(spec);
  subject.spec = std::make_shared<const schedule_spec>(std::move(spec));
  return subject;
}

std::string written(const schedule& subject) {
  json::writer out;
  write_runner_task(out, subject);
  return out.take();
}

}  // namespace

TEST_CASE("every reason for which a task ended has a word for people", "[runner]") {
  const auto [reason, word] = GENERATE(table<end_reason, std::string>({
      {end_reason::success, "success"},
      {end_reason::error, "failed"},
      {end_reason::timeout, "timeout"},
      {end_reason::crashed, "crashed"},
      {end_reason::log_overflow, "log_overflow"},
      {end_reason::start_failed, "start_failed"},
      {end_reason::lease_lost, "failed"},
      {end_reason::canceled, "stopped"},
      {end_reason::stopped, "stopped"},
      {end_reason::replaced, "stopped"},
      {end_reason::expired, "skipped"},
      {end_reason::overlap, "skipped"},
      {end_reason::queue_full, "queue_full"},
      {end_reason::missed, "missed"},
      {end_reason::dst_repeat, "dst_skipped"},
      {end_reason::deduplicated, "skipped"},
      {end_reason::blackout, "skipped"},
      {end_reason::paused, "skipped"},
      {end_reason::server_stopped, "daemon_stopped"},
  }));
  const auto run = only_run_of(ended_with(reason));
  CHECK(run.end_reason == word);
  CHECK(run.status == "ended");
  CHECK(run.exit_code == -1);
  CHECK(run.end_at == noon + 2s);
  CHECK_FALSE(run.start_at);
}

TEST_CASE("an attempt before the last ended for what became of it", "[runner]") {
  const auto [outcome, word] = GENERATE(table<attempt_outcome, std::string>({
      {attempt_outcome::error, "failed"},
      {attempt_outcome::timeout, "timeout"},
      {attempt_outcome::crashed, "crashed"},
      {attempt_outcome::canceled, "stopped"},
      {attempt_outcome::log_overflow, "log_overflow"},
      {attempt_outcome::start_failed, "start_failed"},
  }));
  const auto runs = runner_runs_of(
      ended_with(end_reason::success, {an_end(outcome), an_end(attempt_outcome::success, 2)}));
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].end_reason == "success");
  CHECK(runs[1].end_reason == word);
}

TEST_CASE("a task that waits for its time is no run, one that is due is a pending one",
          "[runner]") {
  CHECK(runner_runs_of(a_task(a_command_spec())).empty());
  const auto run = only_run_of(a_task(a_command_spec(), queued{noon}));
  CHECK(run.status == "pending");
  CHECK(run.exit_code == -1);
  CHECK(written(run)
        == R"({"created_at":"2030-08-01T11:00:00Z","exit_code":-1,)"
           R"("id":")"
               + to_uuid(an_id(1))
               + R"(","instance_index":0,"retry_attempt":0,"status":"pending",)"
                 R"("task_name":"backup","triggered_by":"api"})");
}

TEST_CASE("what runs no command is no run", "[runner]") {
  CHECK(runner_runs_of(a_task(a_spec(), queued{noon})).empty());
}

TEST_CASE("a retry names the run before it and when it began", "[runner]") {
  auto subject = a_task(a_command_spec(), processing{runner_kind::command});
  subject.attempts = {an_end(attempt_outcome::error), {2, noon + 5s}};
  subject.attempts.front().exit_code = 3;
  const auto runs = runner_runs_of(subject);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].status == "running");
  CHECK(runs[0].created_at == noon + 5s);
  CHECK(runs[0].retry_of == runs[1].id);
  CHECK(runs[0].exit_code == -1);
  CHECK(runs[1].exit_code == 3);
  CHECK(runs[1].end_reason == "failed");
  CHECK(written(runs[0], "/schemas/Run.json").starts_with(R"({"$schema":"/schemas/Run.json",)"));
  CHECK(runner_run_of(subject, 2)->id == runs[0].id);
  CHECK_FALSE(runner_run_of(subject, 3));
}

TEST_CASE("a run that ended with the server has exit code -2", "[runner]") {
  const auto run = only_run_of(ended_with(end_reason::crashed, {an_end(attempt_outcome::crashed)}));
  CHECK(run.exit_code == -2);
  CHECK(run.end_reason == "crashed");
}

TEST_CASE("what started a run is told in the words of the surface", "[runner]") {
  const auto [cause, word] = GENERATE(table<trigger_cause, std::string>({
      {trigger_cause::schedule, "cron"},
      {trigger_cause::backfill, "cron"},
      {trigger_cause::catch_up, "startup"},
      {trigger_cause::service, "service"},
      {trigger_cause::api, "api"},
      {trigger_cause::event, "api"},
  }));
  auto spec = a_command_spec();
  spec.cause = cause;
  CHECK(only_run_of(a_task(spec, queued{noon})).triggered_by == word);
}

TEST_CASE("a definition shows its defaults and nothing that does not apply", "[runner]") {
  CHECK(written(a_definition())
        == R"({"api_trigger":true,"catch_up":"latest","instances":1,"kind":"task",)"
           R"("log_max_size":104857600,"log_on_full":"drop_old","name":"backup",)"
           R"("on_overlap":"queue","parallelism":1,"restart":"never",)"
           R"("restart_backoff":"exponential","restart_delay":1000000000,"retry_attempts":3,)"
           R"("retry_backoff":"constant","retry_delay":5000000000,"timezone":"UTC"})");
}

TEST_CASE("lengths are nanoseconds, digit for digit", "[runner]") {
  const auto text = written(changed([](schedule_spec& spec) {
    spec.keep = {5, 24h * 365};
    spec.work.timeout = 30min;
  }));
  CHECK(text.find(R"("keep_for":31536000000000000,"keep_runs":5,)") != std::string::npos);
  CHECK(text.find(R"("timeout":1800000000000,)") != std::string::npos);
}

TEST_CASE("a job that is restarted has no other retries", "[runner]") {
  const auto text = written(changed([](schedule_spec& spec) {
    spec.file->restart = restart_policy::on_failure;
    spec.work.retry = {1'000'000, backoff_kind::linear, 7s};
  }));
  CHECK(text.find(R"("restart":"on_failure","restart_backoff":"linear","restart_delay":7000000000,)"
                  R"("retry_attempts":0,"retry_backoff":"constant","retry_delay":5000000000)")
        != std::string::npos);
}

TEST_CASE("a service shows its instances and how it is restarted", "[runner]") {
  CHECK(written(changed([](schedule_spec& spec) {
          spec.kind = schedule_kind::service;
          spec.service.instances = 3;
        }))
        == R"({"api_trigger":true,"instances":3,"kind":"service",)"
           R"("log_max_size":104857600,"log_on_full":"drop_old","name":"backup",)"
           R"("on_overlap":"skip","parallelism":1,"restart":"always",)"
           R"("restart_backoff":"exponential","restart_delay":1000000000,"retry_attempts":0,)"
           R"("retry_backoff":"constant","retry_delay":5000000000})");
}

}  // namespace carillon::http
