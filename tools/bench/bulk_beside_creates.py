#!/usr/bin/env python3
"""How single creations fare beside a job that cancels a million tasks.

    tools/bench/bulk_beside_creates.py --binary build/release/carillon [--tasks N] [--rate N]

Starts a server on a folder of its own, makes the tasks for next week, and starts the job. Then it
creates one task a request at a steady rate in short windows, in which the job is paused and runs by
turns: what else the machine does meanwhile is in both. Latencies count from the moment at which a
request was meant to be sent. At the end every task must be what it ought to be.
"""

import argparse
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/system"))

from carillon import Server  # noqa: E402
from client import Client  # noqa: E402

STREAM = 10_000
BODY = {"task_type": "beside", "execute_after": "P7D", "payload": {"text": "x" * 400}}


class Creators:
    """Open loop: each connection has its own moments, whatever the answers do."""

    def __init__(self, server, connections, rate):
        self.samples = []  # (moment, milliseconds)
        self.refused = 0
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(server, connections / rate, at / rate))
            for at in range(connections)]
        for thread in self._threads:
            thread.start()

    def _run(self, server, interval, offset):
        client = Client(server.port, server.token)
        due = time.monotonic() + offset
        while not self._over.is_set():
            time.sleep(max(0.0, due - time.monotonic()))
            answer = client.post("/v1/tasks", BODY)
            self.refused += answer.status != 201
            self.samples.append((due, 1_000 * (time.monotonic() - due)))
            due += interval

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join()


def show(name, samples):
    ordered = sorted(latency for _, latency in samples)

    def at(share):
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    print(f"{name:8} {len(ordered):7} creates   p50 {at(.5):8.2f} ms   p99 {at(.99):8.2f} ms"
          f"   max {ordered[-1]:8.2f} ms")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--binary", required=True)
    options.add_argument("--tasks", type=int, default=1_000_000)
    options.add_argument("--connections", type=int, default=8)
    options.add_argument("--rate", type=int, default=400, help="creates a second, all together")
    options.add_argument("--seconds", type=float, default=5, help="of one window")
    options.add_argument("--rounds", type=int, default=6)
    options.add_argument("--whole", action="store_true", help="then wait for the end of the job")
    given = options.parse_args()
    server = Server(pathlib.Path(given.binary).resolve())
    try:
        server.start()
        return measure(server, given)
    finally:
        server.close()


def measure(server, given):
    lines = (json.dumps({**BODY, "task_type": "bulk"}) + "\n").encode() * STREAM
    for _ in range(given.tasks // STREAM):
        server.client.call("POST", "/v1/tasks", lines,
                           headers={"Content-Type": "application/x-ndjson"})
    job = server.post("/v1/tasks/bulk", {"action": "cancel", "filter": {"task_type": "bulk"}}).json
    path = f"/v1/tasks/bulk/{job['id']}"
    samples = {"pause": [], "resume": []}
    refused = moved = 0
    for number in range(given.rounds):
        # The one that comes first changes, so that a drift of the machine is nobody's.
        for what in ("pause", "resume") if number % 2 == 0 else ("resume", "pause"):
            before = server.post(f"{path}/{what}").json["done"]
            creators = Creators(server, given.connections, given.rate)
            time.sleep(given.seconds)
            creators.stop()
            samples[what] += creators.samples
            refused += creators.refused
            now = server.get(path).json
            moved += now["done"] - before
    print(f"job: {moved} tasks in {given.rounds} windows of {given.seconds:.0f} s,"
          f" {moved / given.rounds / given.seconds:.0f} a second; refused creates: {refused}")
    show("paused", samples["pause"])
    show("running", samples["resume"])
    if now["done"] == now["total"]:
        print("NO RESULT: the job was over too soon; give it more tasks")
        return 1
    if given.whole:
        server.post(f"{path}/resume")
        while (now := server.get(path).json)["status"] == "running":
            time.sleep(0.5)
    else:
        now = server.post(f"{path}/pause").json
    canceled = server.get("/v1/tasks?limit=1&status=canceled").json["total"]
    made = server.get("/v1/tasks?limit=1&task_type=beside&status=scheduled").json["total"]
    whole = canceled == now["changed"] and made == sum(map(len, samples.values())) - refused
    print("nothing lost" if whole else f"LOST: {canceled} canceled, {made} made")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
