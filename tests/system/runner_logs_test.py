"""What commands print: lines and pages, limits, raw bytes, live streams."""

import json
import threading

import case
from case import wait_until
from runner_case import RunnerCase


class Pages(RunnerCase):
    def test_lines_have_numbers_times_and_streams(self):
        self.define('[tasks.job]\nrun="echo one; echo two >&2; sleep 0.05; printf three"')
        run = self.wait_ended(self.start("job"))
        page = self.page(run)
        self.assertEqual(sorted((line["stream"], line["text"]) for line in page["lines"]),
                         [("stderr", "two"), ("stdout", "one"), ("stdout", "three")])
        self.assertEqual([line["n"] for line in page["lines"]], [0, 1, 2])
        self.assertEqual((page["first_available"], page["total_lines"], page["truncated"],
                          page["finalized"]), (0, 3, False, True))
        times = [line["ts"] for line in page["lines"]]
        self.assertEqual(times, sorted(times))

    def test_pages_from_the_front_and_from_the_end(self):
        self.define('[tasks.job]\nrun="seq 1 2500"')
        run = self.wait_ended(self.start("job"))
        self.assertEqual(self.lines(run), [str(n) for n in range(1501, 2501)])
        self.assertEqual(self.lines(run, "?from=0&limit=3"), ["1", "2", "3"])
        self.assertEqual(self.lines(run, "?from=2498&limit=10"), ["2499", "2500"])
        self.assertEqual(self.lines(run, "?from=-2"), ["2499", "2500"])
        self.assertEqual(self.lines(run, "?from=-9999&limit=2"), ["1", "2"])
        self.assertEqual(self.lines(run, "?from=9999"), [])
        self.assertEqual(self.raw(run), "".join(f"{n}\n" for n in range(1, 2501)).encode())
        for query in ("limit=0", "limit=10001", "from=x"):
            self.assert_problem(self.server.get(f"/api/runs/{run['id']}/log?{query}"), 422)

    def test_the_native_surface_shows_logs_by_attempt(self):
        self.define('[tasks.job]\nretry_attempts=1\nretry_delay="10ms"\n'
                    'run="echo $CARILLON_ATTEMPT; exit 1"')
        task = self.start("job")["id"]
        self.wait_all_ended("job", 2)
        for query, text in (("", "2"), ("?attempt=1", "1"), ("?attempt=2", "2")):
            page = self.call("GET", f"/v1/tasks/task_{task}/log{query}")
            self.assertEqual([line["text"] for line in page["lines"]], [text])
        self.call("GET", f"/v1/tasks/{task}/log?attempt=3", expect=404)
        other = self.create(task_type="nobody")["id"]
        self.call("GET", f"/v1/tasks/{other}/log", expect=404)

    def test_a_run_that_prints_nothing(self):
        self.define('[tasks.job]\nrun="true"')
        run = self.wait_ended(self.start("job"))
        self.assertEqual(self.page(run)["lines"], [])
        self.assertEqual(self.page(run)["total_lines"], 0)
        self.assertEqual(self.raw(run), b"")

    def test_any_bytes_read_back_as_valid_json(self):
        self.define("[tasks.job]\nrun='''printf 'a\\377\\000b\\033[31m\\n\\360\\237\\n'; "
                    "head -c 200000 /dev/urandom'''")
        run = self.wait_ended(self.start("job"))
        lines = self.lines(run, "?from=0")
        self.assertEqual(lines[0], "a\ufffd\0b\x1b[31m")
        self.assertEqual(lines[1], "\ufffd")
        self.assertTrue(self.raw(run).startswith(b"a\xff\0b\x1b[31m\n\xf0\x9f\n"))

    def test_a_line_without_an_end_comes_in_pieces(self):
        self.define('[tasks.job]\nlog_max_size="200mb"\n'
                    'run="head -c 104857600 /dev/zero | tr \'\\\\0\' x"')
        run = self.wait_ended(self.start("job"), 60)
        page = self.page(run, "?from=0&limit=2")
        self.assertGreaterEqual(page["total_lines"], 1_000)
        self.assertNotIn("continued", {k for k in page["lines"][0] if page["lines"][0][k]} - {"n"})
        self.assertTrue(page["lines"][1]["continued"])
        self.assertEqual(set(page["lines"][1]["text"]), {"x"})
        raw = self.raw(run)
        self.assertEqual((len(raw), set(raw)), (104857600, {ord("x")}))


class Limits(RunnerCase):
    def job(self, policy, size="1kb", lines=100):
        self.define(f'[tasks.job]\nlog_max_size="{size}"\nlog_on_full="{policy}"\n'
                    f'run="for i in $(seq 1 {lines}); do echo line $i is rather long; done; exit 5"')
        return self.wait_ended(self.start("job"), 30)

    def marker(self, run):
        return [line["text"] for line in self.page(run)["lines"] if line["stream"] == "system"]

    def test_drop_new_keeps_the_first_lines_and_the_commands_own_end(self):
        run = self.job("drop_new")
        self.assertEqual((run["end_reason"], run["exit_code"]), ("failed", 5))
        kept = self.output(run)
        self.assertEqual(kept, [f"line {n} is rather long" for n in range(1, len(kept) + 1)])
        self.assertLess(len(kept), 60)
        self.assertTrue(self.marker(run))

    def test_drop_old_keeps_the_last_lines(self):
        run = self.job("drop_old")
        self.assertEqual(run["exit_code"], 5)
        kept = self.output(run)
        self.assertEqual(kept[-1], "line 100 is rather long")
        page = self.page(run)
        self.assertTrue(page["truncated"])
        self.assertGreater(page["first_available"], 0)
        self.assertTrue(self.marker(run))
        self.assertLessEqual(len(self.raw(run)), 4096 + 1024)

    def test_kill_task_ends_the_command_and_a_retry_follows(self):
        self.define('[tasks.job]\nlog_max_size="1kb"\nlog_on_full="kill_task"\nretry_attempts=1\n'
                    'retry_delay="10ms"\nrun="while :; do echo again and again; done"')
        self.start("job")
        runs = self.wait_all_ended("job", 2)
        self.assertEqual([run["end_reason"] for run in runs], ["log_overflow"] * 2)
        self.assertTrue(all(self.marker(run) for run in runs))

    def test_each_policy_is_exact(self):
        size = 64 * 1024
        for policy in ("drop_new", "drop_old", "kill_task"):
            with self.subTest(policy=policy):
                run = self.job(policy, "64kb", 20_000)
                self.assertLess(abs(len(self.raw(run)) - size), 4096)


class Streams(RunnerCase):
    def follow(self, run, query="", headers=()):
        return self.events(f"/api/runs/{run['id']}/log/stream{query}", headers)

    def test_history_then_what_comes_then_the_end(self):
        self.define(f'[tasks.job]\nrun="{self.gate()}"')
        run = self.start("job")
        self.wait_running(run)
        stream = self.follow(run)
        number, name, data = next(stream)
        self.assertEqual((number, name), ("0", "line"))
        self.assertTrue(json.loads(data)["text"].startswith("started"))
        self.open()
        rest = [(number, name, json.loads(data)) for number, name, data in stream if name != "ping"]
        self.assertEqual([(one[0], one[1]) for one in rest][:1], [("1", "line")])
        self.assertEqual(rest[0][2]["text"], "done")
        self.assertEqual(rest[-1][1], "done")
        self.assertEqual(rest[-1][2]["status"], "ended")

    def test_it_goes_on_behind_the_last_event_id(self):
        self.define('[tasks.job]\nrun="seq 1 100"')
        run = self.wait_ended(self.start("job"))
        lines = [json.loads(data)["text"]
                 for _, name, data in self.follow(run, headers={"Last-Event-ID": "89"})
                 if name == "line"]
        self.assertEqual(lines, [str(n) for n in range(91, 101)])
        lines = [data for _, name, data in self.follow(run, "?from=-3") if name == "line"]
        self.assertEqual(len(lines), 3)

    def test_lifecycle_events_of_runs(self):
        self.define('[tasks.good]\nrun="true"\n[tasks.bad]\nrun="false"')
        stream = self.events("/api/runs/stream")
        self.assertEqual(next(stream)[1], "ping")
        seen = []

        def look():
            for number, name, data in stream:
                if name.startswith("run."):
                    seen.append((name, json.loads(data), number))
                if name == "run.deleted":
                    return
        reader = threading.Thread(target=look)
        reader.start()
        good = self.wait_ended(self.start("good"))
        bad = self.wait_ended(self.start("bad"))
        self.server.client.call("DELETE", f"/api/runs/{bad['id']}")
        reader.join(10)
        names = [(name, data["run"]["id"] if "run" in data else data["run_id"])
                 for name, data, _ in seen if name != "run.updated"]
        self.assertEqual(names, [("run.created", good["id"]), ("run.started", good["id"]),
                                 ("run.completed", good["id"]), ("run.created", bad["id"]),
                                 ("run.started", bad["id"]), ("run.failed", bad["id"]),
                                 ("run.deleted", bad["id"])])
        again = self.events("/api/runs/stream", {"Last-Event-ID": seen[0][2]})
        self.assertIn(next(again)[1], ("ping", "run.started", "run.updated"))

    def test_many_readers_and_a_stop_of_the_server(self):
        self.define(f'[tasks.job]\nrun="{self.gate()}"')
        run = self.start("job")
        self.wait_running(run)
        streams = [self.follow(run) for _ in range(50)]
        for stream in streams:
            self.assertEqual(next(stream)[1], "line")
        self.open()
        self.wait_ended(run)
        for stream in streams:
            self.assertEqual([name for _, name, _ in stream if name != "ping"][-1], "done")
        wait_until(lambda: self.server.resources()["files"] < 120, "the connections are closed")


if __name__ == "__main__":
    case.main()
