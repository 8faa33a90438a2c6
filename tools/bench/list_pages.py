#!/usr/bin/env python3
"""W9: the first page of filtered lists, and single creations, as a store grows.

    tools/bench/list_pages.py --binary build/release/carillon [--tasks 0 1000000 ...] [--rounds N]

Starts a server on a folder of its own, and at each of the sizes asks for the first page of 50 tasks
by each filter: once with the total and once without. Between the sizes it makes tasks by stream, of
16 types and 32 tags, one tenth of them by another token; those of one tag are canceled afterwards.
Beside each size it runs `carillon-bench W1` against the same server, so that creations at this size
stand beside the pages: what they make is in the store too. Totals by type, tag and payload are
compared with what was made: a number that is wrong is no result.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/system"))

from carillon import Server  # noqa: E402
from client import Client  # noqa: E402

STREAM = 10_000
TYPES = 16
TAGS = 32
TEXT = "x" * 300
RARE = 10_000  # every so many-th task has the tag "rare"


def line_of(number):
    """Type and tag are independent of each other: each pair has its share."""
    task = {"task_type": f"type{number % TYPES}", "execute_after": "P7D",
            "tags": [f"tag{number // TYPES % TAGS}"],
            "payload": {"customer": {"id": number % 1000}, "text": TEXT}}
    if number % RARE == 0:
        task["tags"].append("rare")
    return json.dumps(task)


def made_with(types=range(TYPES), tags=range(TAGS), customer=None, rare=False):
    """What says of a number whether its task is one of these."""
    return lambda number: (number % TYPES in types and number // TYPES % TAGS in tags
                           and (customer is None or number % 1000 == customer)
                           and not (rare and number % RARE))


EXPECTED = {
    "type": made_with(types=[5]),
    "tag": made_with(tags=[5]),
    "tag (rare)": made_with(rare=True),
    "reason": made_with(tags=[3]),
    "status (few)": made_with(tags=[3]),
    "type, status": made_with(types=[5], tags=[3]),
    "tag, status": made_with(tags=[5]),
    "tag, status (none)": made_with(tags=[]),
    "type, tag": made_with(types=[5], tags=[5]),
    "type, tag (rare)": made_with(types=[0], rare=True),
    "type, tag, status": made_with(types=[5], tags=[5]),
    "two types": made_with(types=[5, 6]),
    "two tags": made_with(tags=[5, 6]),
    "payload": made_with(customer=77),
    "text": made_with(types=[5]),
}


class Growth:
    def __init__(self, server, token_client, token_id):
        self.server = server
        self.stranger = token_client
        self.token_id = token_id
        self.made = 0
        self.canceled = 0
        self.middle = None

    def grow(self, to):
        """More tasks up to that number, half of them before `middle`; some of the new ones end."""
        self.middle = None
        while self.made < to:
            count = min(STREAM, to - self.made)
            lines = "\n".join(line_of(self.made + at) for at in range(count)) + "\n"
            # Every tenth piece comes from somebody with a token.
            client = self.stranger if self.made // STREAM % 10 == 0 else self.server.client
            answer = client.call("POST", "/v1/tasks", lines.encode(),
                                 headers={"Content-Type": "application/x-ndjson"})
            assert answer.status == 200, answer
            self.made += count
            if not self.middle and self.made >= to / 2:
                self.middle = self.newest()
        self.cancel("tag3")

    def cancel(self, tag):
        job = self.server.post("/v1/tasks/bulk", {
            "action": "cancel", "filter": {"tag": tag, "status": "scheduled"}}).json
        while (now := self.server.get(f"/v1/tasks/bulk/{job['id']}").json)["status"] == "running":
            time.sleep(0.2)
        self.canceled += now["changed"]
        assert now["failed"] == 0, now

    def check(self, name, total):
        if name in EXPECTED:
            wanted = sum(map(EXPECTED[name], range(self.made)))
            assert total == wanted, f"{name}: the total is {total}, {wanted} were made"

    def newest(self):
        """When the newest task was made."""
        newest = self.server.get("/v1/tasks?limit=1&total=false").json["tasks"]
        return newest[0]["created_at"] if newest else None

    def filters(self):
        since = urllib.parse.quote(self.middle or "2030-01-01T00:00:00Z")
        return {
            "nothing": "",
            "status": "status=scheduled",
            "status (few)": "status=canceled",
            "type": "task_type=type5",
            "tag": "tag=tag5",
            "tag (rare)": "tag=rare",
            "reason": "reason=canceled",
            "created_by": f"created_by={self.token_id}",
            "created": f"created_from={since}",
            "status, created": f"status=scheduled&created_from={since}",
            "type, status": "task_type=type5&status=canceled",
            "tag, status": "tag=tag5&status=scheduled",
            "tag, status (none)": "tag=tag5&status=canceled",
            "type, tag": "task_type=type5&tag=tag5",
            "type, tag (rare)": "task_type=type0&tag=rare",
            "type, tag, status": "task_type=type5&tag=tag5&status=scheduled",
            "two types": "task_type=type5&task_type=type6",
            "two tags": "tag=tag5&tag=tag6",
            "payload": "payload.customer.id=77",
            "text": "text=type5",
        }


def ask(server, query, rounds):
    """Median and worst of some pages in milliseconds, and the total."""
    times, total = [], None
    for _ in range(rounds):
        begin = time.monotonic()
        answer = server.get(f"/v1/tasks?limit=50&{query}")
        times.append(1_000 * (time.monotonic() - begin))
        assert answer.status == 200, answer
        total = answer.json["total"]
    return times[0], statistics.median(times), total


def measure(growth, rounds, whole_max):
    rows = []
    for name, query in growth.filters().items():
        bare = ask(growth.server, f"{query}&total=false", rounds)
        begin = time.monotonic()
        first = ask(growth.server, query, 1)
        slow = time.monotonic() - begin > whole_max
        full = first if slow else ask(growth.server, query, rounds)
        growth.check(name, full[2])
        rows.append((name, bare, full, first))
    return rows


def show(size, rows):
    print(f"\n{size} tasks: milliseconds; the first time and the median\n")
    print("| filter | page first | page | with total first | with total | total |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, bare, full, first in rows:
        print(f"| {name} | {bare[0]:.1f} | {bare[1]:.1f} | {first[0]:.1f} | {full[1]:.1f}"
              f" | {full[2]} |", flush=True)


def creations(server, bench, seconds):
    """Tasks a second over 64 connections, as the bench measures them."""
    done = subprocess.run(
        [bench, "W1", "--runs", "1", "--connections", "64", "--seconds", str(seconds), "--url",
         f"http://127.0.0.1:{server.port}", "--token", server.token],
        capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            figures = json.loads(line)["figures"]
            return figures["rate_per_s"], figures["p99_ms"]
    print(done.stdout, done.stderr)
    return None


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--binary", required=True)
    options.add_argument("--tasks", type=int, nargs="+", default=[0, 1_000_000])
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--seconds", type=float, default=5, help="of the creations; 0: none")
    options.add_argument("--slow", type=float, default=0.5,
                         help="a total that took so many seconds is not asked for again")
    given = options.parse_args()
    binary = pathlib.Path(given.binary).resolve()
    server = Server(binary)
    try:
        server.start()
        token = server.post("/v1/tokens", {"name": "stranger", "scopes": ["tasks:create"]}).json
        growth = Growth(server, Client(server.port, token["token"]), token["id"])
        for size in given.tasks:
            growth.grow(size)
            show(size, measure(growth, given.rounds, given.slow))
            if given.seconds:
                print("creations over 64 connections, a second, and p99 in ms:",
                      creations(server, binary.parent / "carillon-bench", given.seconds))
        canceled = server.get("/v1/tasks?limit=1&status=canceled").json["total"]
        print("nothing lost" if canceled == growth.canceled else f"LOST: {canceled} canceled")
    finally:
        server.close()


if __name__ == "__main__":
    main()
