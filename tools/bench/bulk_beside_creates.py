#!/usr/bin/env python3
"""How single creations fare beside a job that cancels a million tasks.

    tools/bench/bulk_beside_creates.py --binary build/release/carillon [--tasks N] [--connections N]

Starts a server on a folder of its own, makes the tasks for next week, and creates one task a request
at a steady rate: for some seconds alone, then while the job runs. Latencies count from the moment at
which a request was meant to be sent. At the end every task must be what it ought to be.
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
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    print(f"{name:8} {len(ordered):7} creates   p50 {at(.5):7.2f} ms   p99 {at(.99):7.2f} ms"
          f"   max {ordered[-1]:7.2f} ms")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--binary", required=True)
    options.add_argument("--tasks", type=int, default=1_000_000)
    options.add_argument("--connections", type=int, default=8)
    options.add_argument("--rate", type=int, default=400, help="creates a second, all together")
    options.add_argument("--seconds", type=float, default=10)
    given = options.parse_args()
    server = Server(pathlib.Path(given.binary).resolve())
    try:
        server.start()
        lines = (json.dumps({**BODY, "task_type": "bulk"}) + "\n").encode() * STREAM
        for _ in range(given.tasks // STREAM):
            server.client.call("POST", "/v1/tasks", lines,
                               headers={"Content-Type": "application/x-ndjson"})
        print(f"made {given.tasks // STREAM * STREAM} tasks")
        creators = Creators(server, given.connections, given.rate)
        time.sleep(given.seconds)
        began = time.monotonic()
        job = server.post("/v1/tasks/bulk",
                          {"action": "cancel", "filter": {"task_type": "bulk"}}).json
        while (now := server.get(f"/v1/tasks/bulk/{job['id']}").json)["status"] == "running":
            time.sleep(0.2)
        ended = time.monotonic()
        creators.stop()
        print(f"job: {now['changed']} of {now['total']} in {ended - began:.1f} s,"
              f" {now['changed'] / (ended - began):.0f} a second; refused creates: {creators.refused}")
        show("before", [each for each in creators.samples if each[0] < began])
        show("during", [each for each in creators.samples if began <= each[0] < ended])
        canceled = server.get("/v1/tasks?limit=1&status=canceled").json["total"]
        made = server.get("/v1/tasks?limit=1&task_type=beside&status=scheduled").json["total"]
        whole = canceled == now["total"] and made == len(creators.samples) - creators.refused
        print("nothing lost" if whole else f"LOST: {canceled} canceled, {made} made")
        return 0 if whole else 1
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main())
