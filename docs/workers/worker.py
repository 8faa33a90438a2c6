#!/usr/bin/env python3
"""A worker for pull tasks: several at a time, on threads. Python 3.11, standard library only.

The handler is a file of yours with a function `handle(task)`. It has task.payload, task.id and
task.attempt; what it returns (any JSON) is the result. An exception fails the attempt, which is
tried again unless the exception has an attribute `retryable` that is false. A long handler calls
task.progress(percent, message) and gives up when task.lost is set: somebody else has the task then.

A task may come twice: a worker can die after the work and before it told. What must happen only
once needs a key: task.id, which is the same in all attempts. task.id + task.attempt is the key of
what belongs to one attempt, such as a temporary file or a call that a later attempt makes anew.
"""
import argparse
import http.client
import importlib
import itertools
import json
import os
import random
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

REQUEST_SECONDS = 10  # for each request; a poll has its wait on top


class Away(Exception):
    """No server, or one that is busy: the same request may do later."""


class Refused(Exception):
    """The server will not take this request."""


class Task:
    def __init__(self, grant):
        self.id, self.token = grant["task_id"], grant["token"]
        self.attempt, self.payload = grant["attempt"], grant["payload"]
        self.lost = threading.Event()
        self.news = {}

    def progress(self, percent, message=""):
        """The next heartbeat says it."""
        self.news = {"progress": min(100, max(0, percent)), "message": short(message)}

    def says(self, **more):
        return {"task_id": self.id, "token": self.token, **more}


class Worker:
    def __init__(self, options, handle):
        self.options, self.handle = options, handle
        self.held = set()  # the tasks whose leases are ours
        self.let_go = threading.Condition()
        self.stopping = False

    def post(self, path, seconds=REQUEST_SECONDS, **body):
        data = json.dumps(body, allow_nan=False).encode()
        try:
            with open(self.options.token_file, encoding="ascii") as file:  # it may change
                head = {"Authorization": f"Bearer {file.read().strip()}",
                        "Content-Type": "application/json"}
            request = urllib.request.Request(self.options.url.rstrip("/") + path, data, head)
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            kind = Away if error.code in (408, 429) or error.code >= 500 else Refused
            raise kind(f"{error.code}: {error.read(1000).decode(errors='replace')}") from error
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            raise Away(str(error)) from error

    def report(self, task, action, **news):
        """Says it until the server has heard; of a lost task nobody wants to hear."""
        for wait in growing_waits():
            if task.lost.is_set():
                return
            try:
                answer = self.post(f"/v1/leases/{action}", leases=[task.says(**news)])
                if answer["results"][0]["status"] != 503:
                    return  # 200; or 409, the token is stale: the task is in other hands
            except Away as error:
                log(f"{task.id}: {action} must wait: {error}")
            time.sleep(wait)

    def work(self, task):
        try:
            if self.stopping:
                return self.report(task, "release")  # it waited behind others of its batch
            if not task.lost.is_set():
                self.report(task, "complete", result=self.handle(task))
        except Exception as error:  # of the handler; or its result is no JSON, or is refused
            retryable = bool(getattr(error, "retryable", not isinstance(error, Refused)))
            text = short(str(error) or type(error).__name__)
            log(f"{task.id}: attempt {task.attempt} failed: {text}")
            self.report(task, "fail", error=text, retryable=retryable)

    def take_work(self):
        """What each thread does."""
        path = f"/v1/queues/{urllib.parse.quote(self.options.queue, safe='')}/lease"
        waits = growing_waits()
        while not self.stopping:
            try:
                grants = self.post(
                    path, self.options.wait + REQUEST_SECONDS, max=self.options.batch,
                    wait=f"{self.options.wait}s", lease=f"{self.options.lease}s",
                    worker=self.options.name)["tasks"]
                waits = growing_waits()
            except (Away, Refused) as error:
                log(f"no work: {error}")
                time.sleep(next(waits))
                continue
            tasks = [Task(grant) for grant in grants]
            self.held.update(tasks)
            for task in tasks:
                try:
                    self.work(task)
                except Refused as error:
                    log(f"{task.id}: cannot report: {error}")  # it comes again after the lease
                with self.let_go:
                    self.held.discard(task)
                    self.let_go.notify()

    def beat(self):
        """Heartbeats for all that is held, also for what waits; three to a lease: one may fail."""
        third = self.options.lease / 3
        while True:
            time.sleep(third)
            tasks = list(self.held)
            try:
                results = tasks and self.post(
                    "/v1/leases/heartbeat", max(1, min(third, REQUEST_SECONDS)),
                    leases=[one.says(lease=f"{self.options.lease}s", **one.news) for one in tasks],
                )["results"]
                for task, result in zip(tasks, results):
                    if result["status"] in (404, 409):
                        task.lost.set()
            except Exception as error:
                log(f"no heartbeat: {error}")

    def run(self):
        try:
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # both as KeyboardInterrupt
            for what in [self.beat] + [self.take_work] * self.options.slots:
                threading.Thread(target=what, daemon=True).start()
            threading.Event().wait()
        except KeyboardInterrupt:
            self.stopping = True
        with self.let_go:
            self.let_go.wait_for(lambda: not self.held, self.options.grace)
        try:
            if left := list(self.held):  # so that nobody waits for their leases to run out
                self.post("/v1/leases/release", leases=[task.says() for task in left])
        except (Away, Refused) as error:
            log(f"cannot release: {error}")
        sys.stdout.flush()
        os._exit(0)  # and with it the threads, which poll or work on what was released


def growing_waits():
    """1, 2, 4 ... 30 s, each less up to a half, so that workers do not come back all at once."""
    return (min(30, 2 ** min(n, 5)) * random.uniform(0.5, 1) for n in itertools.count())


def short(text):
    return text.encode(errors="replace")[:4096].decode(errors="ignore")  # the server's limit


def log(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description="Does the pull tasks of a queue.")
    add = parser.add_argument
    add("--url", default="http://127.0.0.1:8080")
    add("--token-file", required=True)
    add("--queue", required=True)
    add("--handler", required=True, metavar="FILE.py", help="has a function handle(task)")
    add("--slots", type=int, default=4, help="threads: tasks at a time (%(default)s)")
    add("--batch", type=int, default=1, help="tasks that a thread leases at once (%(default)s)")
    add("--lease", type=int, default=60, help="seconds (%(default)s)")
    add("--wait", type=int, default=30, help="seconds of a poll, at most 60 (%(default)s)")
    add("--grace", type=int, default=25, help="seconds for work to end in (%(default)s)")
    add("--name", default=f"{socket.gethostname()}-{os.getpid()}", help="of this worker")
    options = parser.parse_args()
    folder, name = os.path.split(os.path.abspath(options.handler))
    sys.path.insert(0, folder)
    Worker(options, importlib.import_module(name.removesuffix(".py")).handle).run()


if __name__ == "__main__":
    main()
