"""The command line: every noun and verb against a running server."""

import json
import pathlib
import subprocess
import tempfile

import case
from case import wait_until
from cli_case import CliCase

JOBS = """
[tasks.hello]
run = "echo one; echo two"
[tasks.sleeper]
run = "echo up; exec sleep 600"
[services.idler]
run = "exec sleep 600"
"""


class Tasks(CliCase):
    def test_the_life_of_a_task(self):
        task = self.make("tasks", "create", "--task-type", "mail", "--payload", '{"n":1.50}',
                         "--tag", "a", "--tag", "b", "--after", "1h", "--max-retries", "0")
        shown = self.cli_json("tasks", "get", task)
        self.assertEqual((shown["payload"], shown["tags"], shown["status"]),
                         ({"n": 1.5}, ["a", "b"], "scheduled"))
        self.assertIn('"payload":{"n":1.50}', self.cli("tasks", "get", task, "-o", "json"))
        self.assertIn([task, "scheduled", "mail"],
                      [row[:3] for row in self.rows("tasks", "list", "--status", "scheduled")])
        self.assertEqual(self.fields("tasks", "trigger", task)["status"], "queued")
        self.assertIn("no_worker", self.cli("tasks", "explain", task))
        lease = self.rows("workers", "lease", "mail", "--worker", "me")[0]
        self.assertEqual(lease[0], task)
        self.assertEqual(self.rows("workers", "list", "--queue", "mail")[0][:3],
                         [task, "mail", "me"])
        self.cli("workers", "heartbeat", task, lease[1], "--progress", "50")
        self.cli("workers", "fail", task, lease[1], "--error", "no post")
        self.cli("workers", "complete", task, lease[1], expect=1)  # the lease is over
        self.assertEqual(self.fields("tasks", "get", task)["status"], "failed")
        self.assertEqual(self.rows("tasks", "attempts", task)[0][1], "error")
        self.assertIn("created", [row[1] for row in self.rows("tasks", "events", task)])
        self.assertEqual(self.fields("tasks", "retry", task)["status"], "queued")
        lease = self.rows("workers", "lease", "mail")[0]
        self.cli("workers", "release", task, lease[1])
        self.assertEqual(self.fields("tasks", "cancel", task)["status"], "canceled")
        self.assertEqual(self.cli("tasks", "delete", task), "")
        self.refused("tasks", "get", task, expect=3)

    def test_a_wait_exits_by_the_outcome(self):
        for action, code in (("complete", 0), ("fail", 10)):
            task = self.make("tasks", "create", "--task-type", "w", "--max-retries", "0")
            lease = self.rows("workers", "lease", "w")[0][1]
            self.cli("workers", action, task, lease)
            self.cli("tasks", "wait", task, expect=code)
        task = self.make("tasks", "create", "--task-type", "w")
        self.cli("tasks", "wait", task, "--timeout", "100ms", expect=6)
        self.cli("tasks", "cancel", task)
        self.assertEqual(self.cli("tasks", "wait", task, "-q", expect=11).strip(), task)
        task = self.make("tasks", "create", "--task-type", "w", "--after", "1h",
                         "--expires-after", "2h")
        self.server.advance(by="PT3H")
        self.cli("tasks", "wait", task, expect=12)

    def test_a_wait_goes_on_until_the_end(self):
        task = self.make("tasks", "create", "--task-type", "late")
        waiting = subprocess.Popen([case.binary(), "tasks", "wait", task, "-o", "json"],
                                   env=self.environment, stdout=subprocess.PIPE)
        lease = self.rows("workers", "lease", "late")[0][1]
        self.cli("workers", "complete", task, lease, "--result", '"done"')
        told = json.loads(waiting.communicate(timeout=60)[0])
        self.assertEqual((told["result"], waiting.returncode), ("done", 0))

    def test_a_body_comes_from_a_file_or_from_standard_input(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write('{"task_type":"body","priority":7,"payload":{"to":"file"}}')
            file.flush()
            task = self.make("tasks", "create", "--data", "@" + file.name, "--priority", "2")
        shown = self.cli_json("tasks", "get", task)
        self.assertEqual((shown["priority"], shown["payload"]), (2, {"to": "file"}))
        shown = json.loads(self.cli("tasks", "create", "--task-type", "body", "--payload", "-",
                                    "-o", "json", input='{"to":"input"}'))
        self.assertEqual(shown["payload"], {"to": "input"})
        self.refused("tasks", "create", "--data", "@/nowhere", expect=2)

    def test_components_report(self):
        task = self.make("tasks", "create", "--task-type", "purge", "--component", "cache")
        for kind in ("started", "completed"):
            self.cli("tasks", "report", task, "--component", "cache", "--type", kind)
        self.cli("tasks", "wait", task)

    def test_all_faults_of_a_request_are_told(self):
        told = self.refused("tasks", "create", "--target", "ftp://x", "--priority", "99", expect=2)
        self.assertIn("body.target", told)
        self.assertIn("body.priority", told)
        problem = json.loads(self.refused("tasks", "create", "--priority", "99", "-o", "json",
                                          expect=2))
        self.assertEqual(problem["status"], 422)
        self.assertIn("409", self.refused("tasks", "retry", self.make(
            "tasks", "create", "--task-type", "x"), expect=1))

    def test_output_is_one_row_a_line_and_ids_when_quiet(self):
        made = [self.make("tasks", "create", "--task-type", "lines") for _ in range(3)]
        self.assertEqual(self.cli("tasks", "list", "--task-type", "lines", "-q").split(),
                         made[::-1])
        lines = self.cli("tasks", "list", "--task-type", "lines", "-o", "ndjson").splitlines()
        self.assertEqual([json.loads(line)["id"] for line in lines], made[::-1])
        self.assertIsNone(self.cli_json("tasks", "list", "--reason", "timeout", "--total",
                                        "false")["total"])
        page = self.cli_json("tasks", "list", "--task-type", "lines", "--limit", "2")
        rest = self.cli("tasks", "list", "--task-type", "lines", "--limit", "2", "--cursor",
                        page["next_cursor"], "-q")
        self.assertEqual(rest.split(), made[:1])


class Schedules(CliCase):
    def test_the_life_of_a_schedule(self):
        made = self.make("schedules", "create", "--cron", "0 9 * * *", "--timezone", "Asia/Tokyo",
                         "--name", "daily", "--task-type", "report", "--payload", "[1]",
                         "--dst-gap", "skip")
        shown = self.cli_json("schedules", "get", made)
        self.assertEqual((shown["dst"]["gap"], shown["task_template"]["payload"]), ("skip", [1]))
        self.assertEqual(self.fields("schedules", "update", made, "--clear", "name", "--cron",
                                     "0 10 * * *")["name"], "-")
        self.assertEqual([row[0] for row in self.rows("schedules", "list", "--status", "active")],
                         [made])
        local, at = self.rows("schedules", "preview", made, "--count", "2")[0]
        self.assertIn("T10:00:00+09:00", local)
        self.assertIn("T01:00:00Z", at)
        self.assertIn("not_a_moment",
                      self.cli("schedules", "explain", made, "--at", "2040-01-01T00:00:00Z"))
        self.assertEqual(self.fields("schedules", "pause", made)["status"], "disabled")
        self.refused("schedules", "run", made, expect=1)
        self.assertEqual(self.fields("schedules", "resume", made)["status"], "active")
        self.cli("schedules", "snooze", made, "--delay", "30m")
        task = self.make("schedules", "run", made)
        self.assertIn(task, [row[0] for row in self.rows("schedules", "tasks", made)])
        count = self.fields("schedules", "backfill", made, "--from", "2020-01-01T00:00:00Z", "--to",
                            "2020-01-03T00:00:00Z", "--dry-run")
        self.assertEqual(count["dry_run"], "true")
        self.assertEqual(self.fields("schedules", "cancel", made)["status"], "canceled")
        self.assertEqual(self.fields("schedules", "delete", made)["status"], "deleted")

    def test_definitions_and_agents(self):
        agent = self.make("agents", "create", "--name", "bot", "--scope", "tasks:create")
        self.assertIn(agent, self.cli("agents", "list", "-q"))
        self.assertEqual(self.fields("agents", "update", agent, "--name", "robot")["name"], "robot")
        made = self.make("definitions", "create", "--title", "t", "--description", "d", "--kind",
                         "manual", "--created-by", agent, "--pipeline",
                         '[{"id":"a","uses":"test.echo","with":{"x":1}}]')
        self.assertEqual([row[0] for row in self.rows("definitions", "list")], [made])
        self.assertEqual(self.fields("definitions", "update", made, "--title", "u")["title"], "u")
        self.cli("definitions", "run", made)
        wait_until(lambda: [row[1] for row in self.rows("definitions", "runs", made)]
                   == ["completed"], "the run has ended")
        self.assertEqual(self.fields("definitions", "stats", made)["successful_runs"], "1")
        self.cli("definitions", "pause", made)
        self.cli("definitions", "resume", made)
        self.refused("definitions", "snooze", made, "--seconds", "0", expect=2)
        self.cli("definitions", "cancel", made)
        self.assertEqual(self.fields("definitions", "get", made)["status"], "canceled")
        text = self.make("agents", "grant", agent, "--name", "laptop")
        key = self.rows("agents", "credentials", agent)[0][0]
        self.refused_with(text, "agents", "list", expect=5)
        self.cli("agents", "revoke", agent, key)
        self.cli("agents", "delete", agent)
        self.refused("agents", "get", agent, expect=3)

    def refused_with(self, token, *words, expect):
        self.cli(*words, expect=expect, CARILLON_TOKEN=token)


class Many(CliCase):
    def file(self, *lines):
        file = tempfile.NamedTemporaryFile("w", suffix=".ndjson")
        self.addCleanup(file.close)
        file.write("\n".join(lines))
        file.flush()
        return file.name

    def test_the_life_of_a_batch(self):
        name = self.file('{"payload":1}', "", '{"payload":2}', '{"payload":3}')
        words = ("batches", "create", name, "--name", "night", "--key", "k1", "--template",
                 '{"task_type":"batch","retry":{"max_retries":0}}')
        made = self.fields(*words)
        self.assertEqual((made["total"], made["added"], made["sealed"]), ("3", "3", "true"))
        batch = made["id"]
        self.assertEqual(self.fields(*words)["added"], "0")
        self.assertIn([batch, "running", "night", "3"],
                      [row[:4] for row in self.rows("batches", "list")])
        self.assertEqual(len(self.rows("batches", "tasks", batch)), 3)
        for task, lease, *_ in self.rows("workers", "lease", "batch", "--max", "3"):
            self.cli("workers", "fail", task, lease, "--retryable", "false")
        self.cli("batches", "wait", batch, expect=10)
        self.assertEqual(self.cli_json("batches", "retry-failed", batch)["status"], "running")
        self.cli("batches", "cancel", batch)
        self.cli("batches", "wait", batch, expect=11)

    def test_bad_lines_are_told_and_leave_a_batch_open(self):
        done = self.run_cli("batches", "create", "-", "--template", '{"task_type":"b"}',
                            input='{"payload":1}\n{"priority":20}\n')
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 1: body.priority", done.stderr)
        batch = dict(line.split("\t") for line in done.stdout.splitlines())["id"]
        self.assertEqual(self.cli_json("batches", "get", batch)["status"], "open")
        self.assertEqual(self.cli_json("batches", "seal", batch)["status"], "running")

    def test_a_file_may_bring_its_header(self):
        name = self.file('{"name":"own","task_template":{"task_type":"b"}}', '{"payload":1}')
        lines = self.cli("batches", "create", name, "--with-header", "-o", "ndjson").splitlines()
        self.assertEqual(json.loads(lines[-1])["total"], 1)
        self.refused("batches", "create", "/nowhere", expect=2)

    def test_one_action_on_many_tasks(self):
        for _ in range(5):
            self.make("tasks", "create", "--task-type", "bulk")
        self.assertEqual(self.fields("bulk", "start", "cancel", "--task-type", "bulk",
                                     "--dry-run")["total"], "5")
        job = self.fields("bulk", "start", "cancel", "--task-type", "bulk", "--status", "queued")
        self.assertEqual((job["status"], job["changed"]), ("completed", "5"))
        job = self.make("bulk", "start", "delete", "--task-type", "bulk", "--detach")
        self.cli("bulk", "wait", job)
        self.assertEqual(self.fields("bulk", "get", job)["changed"], "5")
        self.assertIn(job, self.cli("bulk", "list", "-q"))
        for action in ("pause", "resume"):
            self.refused("bulk", action, job, expect=1)
        self.refused("bulk", "cancel", job, expect=1)
        self.refused("bulk", "start", "delete", expect=2)


class Things(CliCase):
    def test_queues(self):
        set_ = self.fields("queues", "set", "mail", "--concurrency", "5", "--rate-limit", "10",
                           "--rate-period", "1s")
        self.assertEqual((set_["concurrency"], set_["rate"]), ("5", '{"limit":10,"period":"PT1S"}'))
        self.assertEqual(self.fields("queues", "pause", "mail")["paused"], "true")
        self.assertIn("mail", [row[0] for row in self.rows("queues", "list")])
        self.assertEqual(self.fields("queues", "resume", "mail")["paused"], "false")
        self.cli("queues", "set", "mail", "--clear", "concurrency", "--clear", "rate")
        self.assertEqual(self.fields("queues", "get", "mail")["concurrency"], "-")

    def test_events_and_their_sources(self):
        event = self.make("events", "publish", "a.b", "--payload", '{"x":1}', "--id", "e1")
        self.assertEqual(event, "e1")
        self.assertEqual(self.cli_json("events", "get", "e1")["payload"], {"x": 1})
        self.assertEqual([row[0] for row in self.rows("events", "list", "--topic", "a.b")], ["e1"])
        self.make("schedules", "create", "--kind", "event", "--expr", "a.c", "--task-type", "t")
        self.assertEqual(self.rows("events", "topics")[0][:2], ["a.b", "0"])
        secret = self.fields("sources", "create", "shop", "--topic", "paid")["secret"]
        self.assertTrue(secret.startswith("whsec_"))
        self.assertEqual([row[0] for row in self.rows("sources", "list")], ["shop"])
        self.cli("sources", "delete", "shop")
        self.assertEqual(self.cli("sources", "list"), "")

    def test_groups_hosts_and_secrets(self):
        self.cli("groups", "create", "g", "--member", "https://a.example.com", "--member",
                 "https://b.example.com")
        self.assertEqual(self.rows("groups", "list")[0][:2], ["g", "2"])
        self.assertEqual(self.fields("groups", "update", "g", "--member",
                                     "https://c.example.com")["urls"], "https://c.example.com")
        self.assertEqual(self.fields("groups", "get", "g")["name"], "g")
        self.cli("groups", "delete", "g")
        self.create(target=self.receiver.url("/ok"))
        host = wait_until(lambda: self.cli("hosts", "list", "-q").strip(), "the host is known")
        self.assertEqual(self.fields("hosts", "get", host)["state"], "closed")
        self.assertEqual(self.fields("hosts", "reset", host)["state"], "closed")
        secret = self.make("secrets", "create", "--name", "s")
        self.assertNotEqual(self.fields("secrets", "update", secret, "--expires-after",
                                        "1h")["expires_at"], "-")
        self.assertEqual(self.fields("secrets", "update", secret, "--clear",
                                     "expires_after")["expires_at"], "-")
        self.assertEqual([row[0] for row in self.rows("secrets", "list")], [secret])
        self.cli("secrets", "delete", secret)

    def test_tokens(self):
        text = self.make("tokens", "create", "--name", "ci", "--scope", "tasks:read")
        self.assertTrue(text.startswith("carillon_"))
        self.cli("tasks", "list", CARILLON_TOKEN=text)
        denied = self.run_cli("tasks", "create", "--task-type", "x", CARILLON_TOKEN=text)
        self.assertEqual(denied.returncode, 5)
        self.assertIn("tasks:create", denied.stderr)
        token = self.rows("tokens", "list")[0][0]
        self.assertEqual(self.fields("tokens", "get", token)["name"], "ci")
        self.cli("tokens", "revoke", token)
        wrong = self.run_cli("tasks", "list", CARILLON_TOKEN=text)
        self.assertEqual(wrong.returncode, 5)
        self.assertIn("CARILLON_TOKEN", wrong.stderr)

    def test_the_server_itself(self):
        self.assertEqual(self.fields("server", "ready")["status"], "ready")
        self.assertIn("version", self.fields("server", "info"))
        self.assertIn("carillon_", self.cli("server", "metrics"))
        before = self.fields("server", "clock")
        self.assertEqual(before["mode"], "manual")
        self.assertNotEqual(self.fields("server", "advance", "--by", "1h")["now"], before["now"])


class Insight(CliCase):
    def test_what_is_planned_and_what_became_of_tasks(self):
        task = self.make("tasks", "create", "--task-type", "later", "--after", "1h")
        self.assertIn(task, [row[2] for row in self.rows("upcoming")])
        self.assertGreaterEqual(self.cli_json("forecast", "--step", "PT1H")["starts"], 1)
        self.assertTrue(self.rows("forecast", "--group-by", "task_type"))
        self.assertTrue(self.rows("stats", "--group-by", "status"))

    def test_limits_in_use(self):
        for _ in range(2):
            self.make("tasks", "create", "--task-type", "print", "--concurrency-key", "printer")
        self.cli("workers", "lease", "print", "--max", "2")
        self.assertIn("printer", [row[0] for row in self.rows("limits", "list")])
        self.assertEqual(self.fields("limits", "get", "printer")["held"], "1")

    def test_changes_are_streamed_and_recorded(self):
        streaming = subprocess.Popen([case.binary(), "stream", "--task-type", "seen"],
                                     env=self.environment, stdout=subprocess.PIPE, text=True)
        self.addCleanup(streaming.stdout.close)
        self.addCleanup(streaming.kill)
        self.assertTrue(streaming.stdout.readline().startswith("hello"))
        task = self.make("tasks", "create", "--task-type", "seen")
        told = streaming.stdout.readline().rstrip("\n").split("\t")
        self.assertEqual((told[0], told[2]), ("task.created", task))
        streaming.terminate()
        self.assertEqual(streaming.wait(60), 130)
        self.assertIn("POST /v1/tasks", [row[2] for row in self.rows("audit", "list")])
        for line in self.cli("audit", "export").splitlines():
            self.assertIn("action", json.loads(line))

    def test_tenants(self):
        token = self.make("tenants", "create", "acme", "--title", "Acme", "--open-tasks", "10")
        self.assertEqual(self.cli("tasks", "list", CARILLON_TOKEN=token), "")
        self.assertEqual([row[0] for row in self.rows("tenants", "list")], ["acme"])
        self.cli("tenants", "update", "acme", "--open-tasks", "5")
        self.assertEqual(self.cli_json("tenants", "get", "acme")["quotas"]["open_tasks"], 5)
        self.assertNotEqual(self.make("tenants", "token", "acme"), token)
        self.refused("tenants", "delete", "acme", "--confirm", "other", expect=2)
        self.cli("tenants", "delete", "acme", "--confirm", "acme")
        self.cli("tasks", "list", expect=5, CARILLON_TOKEN=token)


class Runner(CliCase):
    clock = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.file = pathlib.Path(folder.name) / "carillon.toml"
        cls.file.write_text(JOBS)
        cls.server_settings = {"config": cls.file}
        super().setUpClass()
        cls.addClassCleanup(lambda: cls.server.alive and cls.server.terminate())

    def test_jobs_and_their_runs(self):
        self.assertEqual([row[:2] for row in self.rows("jobs", "list")],
                         [["hello", "task"], ["idler", "service"], ["sleeper", "task"]])
        self.assertEqual(self.fields("jobs", "get", "idler")["kind"], "service")
        run = self.fields("jobs", "run", "hello", "--wait", "30")
        self.assertEqual(run["end_reason"], "success")
        self.assertEqual(self.cli("runs", "log", run["id"]), "one\ntwo\n")
        self.assertEqual(self.cli("runs", "log", run["id"], "--follow"), "one\ntwo\n")
        self.assertEqual(self.cli("runs", "log", run["id"], "--from", "-1"), "two\n")
        self.assertEqual(self.cli("tasks", "log", run["id"]), "one\ntwo\n")
        self.assertEqual(self.fields("runs", "get", run["id"])["task_name"], "hello")
        self.assertEqual(self.cli("runs", "list", "--job", "hello", "-q").split()[0], run["id"])
        self.assertIn("success", self.fields("runs", "summary"))
        self.cli("runs", "delete", run["id"])
        self.refused("runs", "get", run["id"], expect=3)
        for action in ("stop", "start", "restart"):
            self.cli("jobs", action, "idler")
        self.refused("jobs", "run", "idler", expect=1)
        self.file.write_text(JOBS + '[tasks.new]\nrun = "true"\n')
        self.assertEqual(self.fields("jobs", "reload")["added"], "new")

    def test_a_run_is_followed_until_it_is_stopped(self):
        following = subprocess.Popen([case.binary(), "runs", "follow"], env=self.environment,
                                     stdout=subprocess.PIPE, text=True)
        self.addCleanup(following.stdout.close)
        self.addCleanup(following.kill)
        seen = ""
        while "run.started" not in seen:  # the stream may begin behind the first run
            self.cli("jobs", "run", "hello", "--wait", "30")
            seen = following.stdout.readline()
            while seen and "run.started" not in seen:
                seen = following.stdout.readline()
        run = self.make("jobs", "run", "sleeper")
        log = subprocess.Popen([case.binary(), "runs", "log", run, "--follow"],
                               env=self.environment, stdout=subprocess.PIPE, text=True)
        self.assertEqual(log.stdout.readline(), "up\n")
        self.cli("runs", "stop", run)
        log.stdout.close()
        self.assertEqual(log.wait(60), 0)
        following.terminate()
        self.assertEqual(following.wait(60), 130)


if __name__ == "__main__":
    case.main()
