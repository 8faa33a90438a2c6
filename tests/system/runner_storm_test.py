"""Many commands: what they leave behind, and what holds under a storm of starts.

`--commands N` sets how many short commands are run.
"""

import os
import sys
import time

import case
from case import at_once, wait_until
from instants import to_seconds
from runner_case import RunnerCase

STARTERS = 8
MEMORY_MAX_KIB = 48 * 1024  # rows not yet written out and caches; not a leak for each command


def commands():
    """How many short commands; taken out of the arguments."""
    if "--commands" not in sys.argv:
        return 1_000
    at = sys.argv.index("--commands")
    count = int(sys.argv[at + 1])
    del sys.argv[at:at + 2]
    return count


COMMANDS = commands()


class Storms(RunnerCase):
    def total(self, name, query=""):
        return self.call("GET", f"/api/tasks/{name}/runs?limit=1{query}")["total"]

    def start_many(self, name, count):
        """The ids of the runs, from several clients at once."""
        share = count // STARTERS
        rounds = at_once(STARTERS, lambda _: [self.start(name)["id"] for _ in range(share)])
        return [run for one in rounds for run in one]

    def zombies(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                    state, parent = file.read().rsplit(")", 1)[1].split()[:2]
            except OSError:
                continue
            if state == "Z" and int(parent) == self.server.process.pid:
                found.append(pid)
        return found

    def settled(self):
        """What the server holds when nothing runs; its clients' connections are the test's own."""
        wait_until(lambda: not self.zombies(), "no zombie is left")
        return self.server.resources()

    def test_short_commands_leave_nothing_and_their_logs_are_kept(self):
        self.define('[tasks.short]\nrun="echo $CARILLON_RUN_ID; echo $CARILLON_RUN_ID >&2"\n'
                    'parallelism=100\nqueue_max=10000')
        for run in self.start_many("short", 80):
            self.wait_ended(run)
        before = self.settled()
        runs = self.start_many("short", COMMANDS)
        self.assertEqual(len(set(runs)), len(runs))
        wait_until(lambda: self.total("short", "&status=success") == len(runs) + 80,
                   "all have succeeded", 300)
        after = self.settled()
        self.assertLessEqual(after["threads"], before["threads"])
        self.assertLessEqual(after["files"], before["files"] + STARTERS)
        self.assertLess(after["rss_kib"], before["rss_kib"] + MEMORY_MAX_KIB)
        for run in runs[:: max(1, len(runs) // 50)]:
            self.assertEqual(self.output({"id": run}), [run, run])

    def test_terminate_never_passes_the_parallelism(self):
        self.define('[tasks.latest]\nrun="exec sleep 60"\nparallelism=2\non_overlap="terminate"')
        self.start_many("latest", 80)
        wait_until(lambda: self.total("latest", "&status=pending") == 0, "none waits", 60)
        self.assertEqual(self.total("latest", "&status=running"), 2)
        edges = []
        for run in self.runs("latest"):
            if "start_at" not in run:
                self.assertEqual(run["end_reason"], "stopped")
                continue
            edges.append((to_seconds(run["start_at"]), 1))
            if "end_at" in run:
                edges.append((to_seconds(run["end_at"]), -1))
        open_now, most = 0, 0
        for _, step in sorted(edges):  # at one instant ends come first
            open_now += step
            most = max(most, open_now)
        self.assertEqual((most, len(self.runs("latest"))), (2, 80))

    def test_a_flood_of_output_starves_nobody(self):
        self.define('[tasks.flood]\nrun="yes"\nparallelism=10\nlog_max_size="64kb"\n'
                    '[tasks.calm]\nrun="echo calm"\nparallelism=10')
        floods = [self.start("flood") for _ in range(10)]
        for run in floods:
            self.wait_running(run)
        for _ in range(20):
            self.assertEqual(self.output(self.wait_ended(self.start("calm"))), ["calm"])
        for run in floods:
            self.stop(run)
        for run in floods:
            self.wait_ended(run)
            self.assertLess(abs(len(self.raw(run)) - 64 * 1024), 4096)
        used = sum(os.path.getsize(os.path.join(folder, name))
                   for folder, _, names in os.walk(os.path.join(self.server.data, "logs"))
                   for name in names)
        self.assertLess(used, 10 * (64 * 1024 + 256 * 1024))

    def test_a_server_with_many_services_stops_within_its_limit(self):
        self.define("".join(f'[services.s{n}]\nargs=["sleep","600"]\ninstances=20\n'
                            for n in range(10)))
        wait_until(lambda: self.call("GET", "/api/runs?status=running&limit=1")["total"] == 200,
                   "200 instances run", 60)
        begin = time.monotonic()
        self.assertEqual(self.server.terminate(), 0)
        self.assertLess(time.monotonic() - begin, 25)
        self.write("")
        self.server.start()
        reasons = {run["end_reason"] for run in
                   self.call("GET", "/api/runs?limit=1000&status=ended")["runs"]
                   if run["task_name"].startswith("s")}
        self.assertLessEqual(reasons, {"daemon_stopped", "stopped", "success"})


if __name__ == "__main__":
    case.main()
