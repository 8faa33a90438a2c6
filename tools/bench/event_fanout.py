#!/usr/bin/env python3
"""How long one event takes to start everybody who listens to its topic.

    tools/bench/event_fanout.py [--binary build/release/carillon] [--listeners 10000] [--rounds 5]

Starts a server on a folder of its own, makes the listeners, asleep after a restart, and publishes
`rounds` events while workers wait for the tasks. Told: the answer has come, and everything is on
disk. Started: the last of the tasks is leased. Each listener must start exactly once an event.
"""

import argparse
import collections
import os
import pathlib
import statistics
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))

from case import at_once  # noqa: E402
from carillon import Server  # noqa: E402

WORKERS = 4
LEASE_MAX = 100


def cpu_seconds(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_listeners(server, count):
    def make(index):
        for _ in range(index, count, 16):
            answer = server.post("/v1/schedules", {
                "schedule_kind": "event", "schedule_expr": "bench", "on_overlap": "allow",
                "task_template": {"task_type": "bench"}})
            assert answer.status == 201, answer
    at_once(16, make)


def run_round(server, number, count):
    """Seconds until told and started, and CPU seconds of the server."""
    def work(_):
        while sum(leased) < count:  # read later: here the server has the processors
            answer = server.post("/v1/queues/bench/lease", {"max": LEASE_MAX, "wait": "PT1S"})
            assert answer.status == 200, answer
            leased.append(answer.body.count(b'"task_id"'))
            if leased[-1]:  # a poll may end with nothing, a second later
                finished.append(time.monotonic())
            answers.append(answer)

    leased, finished, answers = [], [], []
    workers = threading.Thread(target=at_once, args=(WORKERS, work))
    workers.start()
    time.sleep(0.1)
    cpu, begin = cpu_seconds(server), time.monotonic()
    answer = server.post("/v1/events", {"topic": "bench", "id": f"e{number}", "payload": number})
    told = time.monotonic() - begin
    workers.join()
    used = cpu_seconds(server) - cpu
    assert answer.status == 202, answer
    tasks = [task for each in answers for task in each.json["tasks"]]
    started = collections.Counter(task["task_id"] for task in tasks)
    triggered = collections.Counter(one["task_id"] for one in answer.json["triggered"])
    assert len(triggered) == count and triggered == started, "lost or doubled"
    for each in answers:
        server.post("/v1/leases/complete", {"leases": [
            {"task_id": task["task_id"], "token": task["token"]} for task in each.json["tasks"]]})
    return told, max(finished) - begin, used


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / "build/release/carillon"))
    parser.add_argument("--listeners", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    server = Server(wanted.binary).start()
    try:
        make_listeners(server, wanted.listeners)
        server.restart()
        rounds = [run_round(server, number, wanted.listeners) for number in range(wanted.rounds)]
        for name, values in zip(("told", "started", "server CPU"), zip(*rounds)):
            print(f"{name:11} median {statistics.median(values):.2f} s, "
                  f"worst {max(values):.2f} s")
    finally:
        server.close()


if __name__ == "__main__":
    main()
