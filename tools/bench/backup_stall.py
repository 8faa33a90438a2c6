#!/usr/bin/env python3
"""Do writers wait while a backup is made? Creates' latencies before, during and after one.

    tools/bench/backup_stall.py --binary build/release/carillon [--tasks 500000] [--seconds 10]
"""

import argparse
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tests", "system"))
from carillon import Server  # noqa: E402
from client import Client  # noqa: E402

CLIENTS = 4
STREAM = 50_000  # tasks of one request


def fill(server, count):
    client = Client(server.port, server.token, timeout=600)
    line = b'{"task_type":"later","execute_after":"P300D","payload":{"text":"%s"}}\n' % (b"x" * 200)
    while count > 0:
        answer = client.call("POST", "/v1/tasks", line * min(count, STREAM),
                             headers={"Content-Type": "application/x-ndjson"})
        if answer.status // 100 != 2:
            sys.exit(f"filling: {answer.status}")
        count -= STREAM


class Writers:
    """Create one task after the other, each on a connection of its own."""

    def __init__(self, server):
        self.server = server
        self.stop = threading.Event()
        self.times = []  # (begun, seconds)
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        client = Client(self.server.port, self.server.token)
        while not self.stop.is_set():
            begun = time.monotonic()
            answer = client.post("/v1/tasks", {"task_type": "x", "execute_after": "P300D"})
            if answer.status != 201:
                sys.exit(f"creating: {answer}")
            self.times.append((begun, time.monotonic() - begun))

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def show(name, times):
    ordered = sorted(seconds for _, seconds in times)
    if not ordered:
        return print(f"{name:8} nothing was created")
    at = {share: 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]
          for share in (0.5, 0.99)}
    print(f"{name:8} {len(ordered):7} creates  p50 {at[0.5]:7.2f} ms  p99 {at[0.99]:7.2f} ms"
          f"  max {1000 * ordered[-1]:7.2f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--tasks", type=int, default=500_000)
    parser.add_argument("--seconds", type=float, default=10)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as backups:
        server = Server(wanted.binary, environment={"CARILLON_STORE_BACKUPS": backups})
        try:
            server.start()
            fill(server, wanted.tasks)
            writers = Writers(server)
            time.sleep(wanted.seconds)
            begun = time.monotonic()
            made = Client(server.port, server.token, timeout=600).post(
                "/v1/backup", {"to": os.path.join(backups, "one")})
            ended = time.monotonic()
            time.sleep(wanted.seconds)
            writers.end()
            print(f"backup of {made.json['tasks']} tasks, {made.json['bytes'] >> 20} MiB:"
                  f" {ended - begun:.2f} s")
            show("before", [one for one in writers.times if one[0] + one[1] < begun])
            show("during", [one for one in writers.times
                            if one[0] + one[1] >= begun and one[0] <= ended])
            show("after", [one for one in writers.times if one[0] > ended])
        finally:
            server.close()


if __name__ == "__main__":
    main()
