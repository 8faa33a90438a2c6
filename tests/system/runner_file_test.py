"""The operator's file: what stops a start, what a reload does, and what it leaves alone."""

import os
import signal
import socket
import subprocess
import unittest

import case
from case import wait_until
from runner_case import RunnerCase

BAD_FILES = [
    # (file, key named, line)
    ('[tasks.a]\nrun="true"\non_overlap="wait"', "tasks.a.on_overlap", 3),
    ('[tasks.a]\nrun="true"\ncatch_up="some"', "tasks.a.catch_up", 3),
    ('[tasks.a]\nrun="true"\nlog_on_full="drop"', "tasks.a.log_on_full", 3),
    ('[tasks.a]\nrun="true"\nrestart="always"', "tasks.a.restart", 3),
    ('[services.a]\nrun="true"\ncron="* * * * *"', "services.a.cron", 3),
    ('[services.a]\nrun="true"\ninstances=0', "services.a.instances", 3),
    ('[services.a]\nrun="true"\ninstances=65', "services.a.instances", 3),
    ('[tasks.a]\nrun="true"\n\n[services.a]\nrun="true"', "services.a", 4),
    ('[tasks.a]\nrun="true"\n[tasks.a]\nrun="true"', "", 3),
    ('[tasks.a]\nrun="true"\ncorn="* * * * *"', "tasks.a.corn", 3),
    ('[tasks.a]\nrun="true"\ncron="61 * * * *"', "tasks.a.cron", 3),
    ('[tasks.a]\nrun="true"\ncron="0 0 30 2 *"', "tasks.a.cron", 3),
    ('[tasks.a]\nrun="true"\ncron="0 0 * * *"\ntimezone="Mars/Base"', "tasks.a.timezone", 4),
    ('[scheduler]\ntimezone="Mars/Base"\n[tasks.a]\nrun="true"\ncron="0 0 * * *"',
     "scheduler.timezone", 2),
    ('[tasks.a]\nrun="true"\ntimeout="5 minutes"', "tasks.a.timeout", 3),
    ('[tasks.a]\ncron="* * * * *"', "tasks.a", 1),
]


class BadFiles(unittest.TestCase):
    def serve(self, text):
        """What the server says about a file that it must refuse, and whether it opened its port."""
        from carillon import free_port
        import tempfile
        with tempfile.TemporaryDirectory(prefix="carillon-test-") as home:
            path = os.path.join(home, "carillon.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            port = free_port()
            clean = {name: value for name, value in os.environ.items()
                     if not name.startswith("CARILLON_")}
            done = subprocess.run(
                [case.binary(), "serve", "--config", path, "--data", os.path.join(home, "data"),
                 "--listen", f"127.0.0.1:{port}"],
                capture_output=True, text=True, timeout=30, check=False, env=clean)
            with socket.socket() as probe:
                self.assertNotEqual(probe.connect_ex(("127.0.0.1", port)), 0)
            return done

    def test_a_fault_stops_the_start_and_names_file_line_and_key(self):
        for text, key, line in BAD_FILES:
            with self.subTest(text=text):
                done = self.serve(text)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(f"carillon.toml:{line}", done.stderr)
                self.assertIn(key, done.stderr)

    def test_allowed_values_are_told(self):
        said = self.serve('[tasks.a]\nrun="true"\non_overlap="wait"').stderr
        for word in ("queue", "skip", "terminate"):
            self.assertIn(word, said)

    def test_all_faults_are_told_at_once(self):
        said = self.serve('[http]\nio_threads=9999\n[tasks.a]\nrun="true"\nkeep_runs=0\n'
                          '[tasks.b]\nrun="true"\ntimeout="x"').stderr
        for key in ("http.io_threads", "tasks.a.keep_runs", "tasks.b.timeout"):
            self.assertIn(key, said)


class Reloads(RunnerCase):
    def names(self):
        return [task["name"] for task in self.call("GET", "/api/tasks")]

    def test_a_reload_says_what_changed(self):
        self.assertEqual(self.define('[tasks.a]\nrun="true"\n[tasks.b]\nrun="true"')["added"],
                         ["a", "b"])
        changes = self.define('[tasks.b]\nrun="false"\nparallelism=2\n[tasks.c]\nrun="true"')
        self.assertEqual((changes["added"], changes["removed"]), (["c"], ["a"]))
        self.assertEqual([one["name"] for one in changes["changed"]], ["b"])
        self.assertEqual(set(changes["changed"][0]["reasons"]), {"run", "parallelism"})
        again = self.call("POST", "/api/reload")
        self.assertEqual([again[part] for part in ("added", "changed", "removed")], [[], [], []])

    def test_a_fault_keeps_everything_as_it_was(self):
        self.define('[tasks.a]\nrun="true"')
        self.write('[tasks.b]\nrun="true"\n[tasks.c]\nrun="true"\ncron="bad"\nparallelism=0')
        problem = self.assert_problem(self.server.post("/api/reload"), 422)
        located = " ".join(fault["location"] for fault in problem["errors"])
        self.assertIn("carillon.toml:6: tasks.c.parallelism", located)
        self.assertEqual(self.names(), ["a"])
        self.write('[tasks.b]\nrun="true"\n[tasks.c]\nrun="true"\ncron="bad"')
        problem = self.assert_problem(self.server.post("/api/reload"), 422)
        self.assertIn("tasks.c.cron", problem["errors"][0]["location"])
        self.assertEqual(self.names(), ["a"])

    def test_sighup_reloads_and_a_broken_file_keeps_the_old(self):
        self.write('[tasks.later]\nrun="true"')
        self.server.signal(signal.SIGHUP)
        wait_until(lambda: self.names() == ["later"], "the reload")
        self.write("[tasks.broken\n")
        self.server.signal(signal.SIGHUP)
        wait_until(lambda: "the definitions stay as they were" in self.server.log(), "the refusal")
        self.assertEqual(self.names(), ["later"])

    def test_hostile_files_are_refused(self):
        self.define('[tasks.a]\nrun="true"')
        for text in ("[" + ".".join(["a"] * 20_000) + "]", ".".join(["a"] * 20_000) + " = 1",
                     "x = " + "[" * 20_000, "x = {" + "a={" * 20_000, '[tasks."' + "x" * 101 + '"]',
                     "\0", "\ufeff[tasks", '[tasks.b]\nrun="a\\u0000b"'):
            self.write(text)
            self.assert_problem(self.server.post("/api/reload"), 422)
        self.assertEqual(self.names(), ["a"])

    def test_a_missing_file_keeps_the_old(self):
        self.define('[tasks.a]\nrun="true"')
        os.rename(self.file, self.file + ".away")
        self.assert_problem(self.server.post("/api/reload"), 422)
        os.rename(self.file + ".away", self.file)
        self.assertEqual(self.names(), ["a"])

    def test_a_removed_job_ends_what_it_runs_and_starts_no_more(self):
        self.define(f'[tasks.job]\nrun="{self.gate()}"')
        running = self.start("job")
        self.wait_running(running)
        waiting = self.start("job")
        self.define("")
        self.assertEqual(self.wait_ended(waiting)["end_reason"], "stopped")
        self.assertEqual(self.get_run(running)["status"], "running")
        self.open()
        self.assertEqual(self.wait_ended(running)["end_reason"], "success")

    def test_definitions_are_there_after_a_restart_and_follow_the_file(self):
        self.define('[tasks.a]\nrun="echo one"\n[tasks.b]\nrun="true"')
        run = self.wait_ended(self.start("a"))
        self.server.terminate()
        self.write('[tasks.a]\nrun="echo two"\n[tasks.c]\nrun="true"')
        self.server.start()
        self.assertEqual(self.names(), ["a", "c"])
        self.assertEqual(self.output(self.wait_ended(self.start("a"))), ["two"])
        self.assertEqual(self.output(run), ["one"])
        self.assertEqual(len(self.runs("a")), 2)


if __name__ == "__main__":
    case.main()
