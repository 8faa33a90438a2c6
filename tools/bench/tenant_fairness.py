#!/usr/bin/env python3
"""How a quiet tenant fares beside one that asks a hundred times its share, and what tenants cost.

    tools/bench/tenant_fairness.py --binary build/release/carillon [--seconds S] [--rounds N]

The quiet tenant creates one task a request at a steady rate (open loop: latencies count from the
moment at which a request was meant to be sent). By turns it is alone, beside a loud tenant that has
a quota, and beside one that has none; what else the machine does meanwhile is in all three. The
loud one asks over many connections, as fast as it is answered but no more than 100 times the rate.
"""

import argparse
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/system"))

from carillon import Server  # noqa: E402
from client import Client  # noqa: E402

BODY = {"task_type": "beside", "execute_after": "P7D", "payload": {"text": "x" * 400}}
LOUD = "--loud"
HEAD = b"HTTP/1.1 "


class Quiet:
    def __init__(self, port, token, rate, connections=4):
        self.samples = []
        self.refused = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(port, token, connections / rate,
                                                                  at / rate))
                         for at in range(connections)]
        for thread in self._threads:
            thread.start()

    def _run(self, port, token, interval, offset):
        client = Client(port, token)
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


def be_loud(port, token, rate, connections):
    """A process of its own: pipelines raw requests, at most `rate` a second, until it is ended."""
    body = b'{"task_type":"loud","execute_after":"P7D"}'
    request = (f"POST /v1/tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
               f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
               ).encode() + body
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    share = max(1, rate // 100 // connections)
    while True:
        begun = time.monotonic()
        for each in sockets:
            each.sendall(request * share)
        for each in sockets:
            left, carried = share, b""
            while left > 0:
                text = carried + each.recv(262_144)
                left -= text.count(HEAD)
                carried = text[-(len(HEAD) - 1):]  # too short to hold one
        time.sleep(max(0.0, begun + connections * share / rate - time.monotonic()))


def make(server, name, **quotas):
    answer = server.post("/v1/tenants", {"name": name, "quotas": quotas})
    if answer.status != 201:
        sys.exit(f"making {name}: {answer}")
    return answer.json["admin_token"]["token"]


def served(server, name):
    usage = server.get(f"/v1/tenants/{name}").json["usage"]
    return usage["requests_served"], usage["requests_refused"]


def show(name, samples, loud=""):
    ordered = sorted(latency for _, latency in samples)

    def at(share):
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    print(f"{name:22} {len(ordered):6} creates  p50 {at(.5):7.2f} ms  p99 {at(.99):7.2f} ms  "
          f"max {ordered[-1]:8.2f} ms  {loud}", flush=True)


def fairness(server, given):
    tokens = {"alone": None,
              "loud with a quota": make(server, "loud-bounded", requests_per_second=given.rate),
              "loud without one": make(server, "loud-free")}
    names = {"loud with a quota": "loud-bounded", "loud without one": "loud-free"}
    quiet_token = make(server, "quiet")
    samples = {kind: [] for kind in tokens}
    totals = {kind: [0, 0] for kind in tokens}
    for _ in range(given.rounds):
        for kind, token in tokens.items():
            loud = token and subprocess.Popen([sys.executable, __file__, LOUD, str(server.port),
                                               token, str(100 * given.rate), "32"])
            before = served(server, names[kind]) if token else (0, 0)
            time.sleep(0.5)
            quiet = Quiet(server.port, quiet_token, given.rate)
            time.sleep(given.seconds)
            quiet.stop()
            if loud:
                loud.kill()
                loud.wait()
                after = served(server, names[kind])
                totals[kind] = [total + new - old for total, new, old
                                in zip(totals[kind], after, before)]
            samples[kind] += quiet.samples
    span = given.rounds * (given.seconds + 0.5)
    for kind, found in samples.items():
        was_served, was_refused = (round(total / span) for total in totals[kind])
        show(kind, found, f"loud: {was_served}/s served, {was_refused}/s refused"
             if tokens[kind] else "")


def costs(server, given):
    def settled():
        time.sleep(3)  # memory that a burst has used goes back after two
        return server.resources()
    before = settled()
    begun = time.monotonic()
    for number in range(given.tenants):
        make(server, f"idle-{number}")
    took = time.monotonic() - begun
    after = settled()
    print(f"{given.tenants} idle tenants, each: "
          f"{(after['rss_kib'] - before['rss_kib']) / given.tenants:.0f} KiB of RSS, "
          f"{(after['threads'] - before['threads']) / given.tenants:.1f} threads, "
          f"{(after['files'] - before['files']) / given.tenants:.1f} open files; "
          f"made in {1_000 * took / given.tenants:.0f} ms", flush=True)
    ticks = os.sysconf("SC_CLK_TCK")

    def cpu():
        with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / ticks
    begun = cpu()
    time.sleep(10)
    print(f"all of them idle: {10 * (cpu() - begun):.2f} % of a core")
    begun = time.monotonic()
    server.terminate()
    stopped = time.monotonic()
    server.start()
    print(f"stopped in {stopped - begun:.2f} s, ready after {time.monotonic() - stopped:.2f} s")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--binary", required=True)
    options.add_argument("--rate", type=int, default=50, help="creates a second of the quiet one")
    options.add_argument("--seconds", type=float, default=5, help="of one window")
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--tenants", type=int, default=32)
    given = options.parse_args()
    server = Server(pathlib.Path(given.binary).resolve(),
                    environment={"CARILLON_TENANTS_MAX": str(given.tenants + 8)})
    try:
        server.start()
        costs(server, given)
        fairness(server, given)
    finally:
        server.close()


if __name__ == "__main__":
    if sys.argv[1:2] == [LOUD]:
        be_loud(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    main()
