"""kill -9 under load, again and again on the same data, then the checker (R-01).

    kill_test.py --binary PATH [--rounds 50] [--seed N] [--keep FOLDER]

The seed decides what is asked and when the server dies; the order in which threads meet is the
machine's.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time

import checker
import dump
import journal
import load
from carillon import Server
from receiver import Receiver

LIFE = (0.2, 1.5)  # seconds of load before a kill


def nonce_of(body):
    try:
        return json.loads(body)["nonce"]
    except (ValueError, KeyError, TypeError):
        return "unreadable"


def run(options, folder):
    """The verdict after all rounds."""
    record = journal.Journal(os.path.join(folder, "journal.jsonl"))
    receiver = Receiver(on_call=lambda call: record.delivery(
        call.task, call.attempt, call.answer, nonce_of(call.body)), keep=False)
    server = Server(options.binary, data=os.path.join(folder, "data"))
    try:
        work = load.Load(server, receiver, record, options.seed)
        slowest = kill_rounds(server, work, record, options)
        base = server.resources()
        work.start_draining()
        dump.drain(server, time.time() + load.SOON_MAX + 1)
        work.stop()
        shown = dump.take(server, base)
    finally:
        server.close()
        receiver.close()
        record.close()
    with open(os.path.join(folder, "dump.json"), "w", encoding="utf-8") as file:
        json.dump(shown, file)
    print(f"{options.rounds} kills, {work.steps} requests, {work.made} creates answered, "
          f"slowest restart {slowest:.2f} s", flush=True)
    return checker.check(journal.read(record.path), shown)


def kill_rounds(server, work, record, options):
    """The slowest restart, in seconds."""
    rng = random.Random(options.seed)
    slowest = 0.0
    server.start()
    for number in range(options.rounds):
        work.start(number)
        threading.Event().wait(rng.uniform(*LIFE))
        if not server.alive:
            work.stop()
            server.fail(f"the server ended by itself with {server.process.returncode}")
        record.mark("kill")
        server.kill()
        work.stop()
        begin = time.monotonic()
        server.start()
        record.mark("ready")
        slowest = max(slowest, time.monotonic() - begin)
    return slowest


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", required=True)
    arguments.add_argument("--rounds", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    arguments.add_argument("--keep", help="where journal, dump and data stay")
    options = arguments.parse_args()
    print(f"seed {options.seed}", flush=True)
    folder = options.keep or tempfile.mkdtemp(prefix="carillon-kill-")
    os.makedirs(folder, exist_ok=True)
    verdict = run(options, folder)
    print(verdict.report())
    if verdict.failed:
        print(f"repeat with --seed {options.seed}; journal, dump and data are in {folder}")
    elif not options.keep:
        shutil.rmtree(folder)
    sys.exit(1 if verdict.failed else 0)


if __name__ == "__main__":
    main()
