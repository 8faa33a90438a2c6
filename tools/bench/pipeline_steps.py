#!/usr/bin/env python3
"""How long pipelines of many steps take.

    tools/bench/pipeline_steps.py [--binary build/release/carillon] [--steps 1000] [--rounds 3]

Starts a server on a folder of its own and plays each pipeline by itself: from the request to the
last step's end, as the task tells it. Each step must have run once.
"""

import argparse
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))

from carillon import Server  # noqa: E402
from event_fanout import cpu_seconds  # noqa: E402
from instants import to_seconds  # noqa: E402
from receiver import Receiver  # noqa: E402


def pipelines(steps, url):
    """Of each: its name, its steps, and how many calls it makes."""
    call = {"method": "POST", "url": url, "json": 1}
    in_a_row = [{"id": f"s{at}", "uses": "test.echo", "with": {"at": at}} for at in range(steps)]
    calls = [{"id": f"s{at}", "uses": "http.request", "with": call} for at in range(steps)]
    fan_out = {"items": list(range(steps)), "width": 50, "uses": "http.request", "with": call}
    return [(f"{steps} test.echo", in_a_row, 0), (f"{steps} http.request", calls, steps),
            (f"task.map of {steps} http.request, 50 wide",
             [{"id": "m", "uses": "task.map", "with": fan_out}], steps)]


def play(server, steps):
    """Seconds from creation to end, and CPU seconds of the server."""
    cpu = cpu_seconds(server)
    made = server.post("/v1/tasks", {"pipeline": steps})
    assert made.status == 201, made
    path = f"/v1/tasks/{made.json['id']}"
    while (task := server.client.get(path).json)["status"] not in ("completed", "failed"):
        time.sleep(0.25)
    assert task["status"] == "completed", task["attempts"]
    span = to_seconds(task["finished_at"]) - to_seconds(task["created_at"])
    return span, cpu_seconds(server) - cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / "build/release/carillon"))
    parser.add_argument("--steps", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    receiver = Receiver()
    server = Server(wanted.binary).start()
    try:
        for name, steps, calls in pipelines(wanted.steps, receiver.url("/step")):
            before = len(receiver.calls("/step"))
            spans, cpu = zip(*(play(server, steps) for _ in range(wanted.rounds)))
            assert len(receiver.calls("/step")) - before == calls * wanted.rounds, "lost or doubled"
            print(f"{name:42} median {statistics.median(spans):.2f} s, "
                  f"server CPU {statistics.median(cpu):.2f} s")
    finally:
        server.close()
        receiver.close()


if __name__ == "__main__":
    main()
