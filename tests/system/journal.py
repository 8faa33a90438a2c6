"""The client's own record of a run: what was meant, what was answered, what arrived.

One JSON object a line, appended. An intent is on disk before its request leaves; answers and
arrivals are written at once and reach the disk with the next intent. (An answer that is lost with
the machine makes the check weaker, never wrong: it counts as "no answer".)

    {"kind": "request", "n": 1, "at": 1700000000.123456, "op": "create", ...what was asked}
    {"kind": "answer", "n": 1, "at": ..., "status": 201, "body": {...}}     status 0: no answer
    {"kind": "delivery", "at": ..., "task": "task_...", "attempt": 1, "status": 200, "nonce": "..."}
    {"kind": "kill", "at": ...}  {"kind": "ready", "at": ...}

Operations: create (body), get/cancel/trigger/retry (task), lease (queue),
complete/fail/release/heartbeat (leases).
"""

import json
import os
import threading
import time


class Journal:
    def __init__(self, path):
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
        self._lock = threading.Lock()
        self._requests = 0
        self._written = 0  # bytes
        self._synced = 0  # bytes known to be on disk
        self._syncing = threading.Lock()

    def request(self, op, **asked):
        """Records an intent, durably; its number."""
        with self._lock:
            self._requests += 1
            number = self._requests
            self._append({"kind": "request", "n": number, "at": time.time(), "op": op, **asked})
            mark = self._written
        self._sync(mark)
        return number

    def answer(self, number, status, body=None):
        with self._lock:
            self._append({"kind": "answer", "n": number, "at": time.time(), "status": status,
                          "body": body})

    def delivery(self, task, attempt, status, nonce):
        with self._lock:
            self._append({"kind": "delivery", "at": time.time(), "task": task, "attempt": attempt,
                          "status": status, "nonce": nonce})

    def mark(self, kind):
        """A moment of the run: kill or ready."""
        with self._lock:
            self._append({"kind": kind, "at": time.time()})

    def close(self):
        os.fsync(self._file)
        os.close(self._file)

    def _append(self, entry):
        self._written += os.write(self._file, json.dumps(entry).encode() + b"\n")

    def _sync(self, mark):
        # Whoever comes first syncs for all that was written until then.
        with self._syncing:
            if self._synced < mark:
                with self._lock:
                    reached = self._written
                os.fdatasync(self._file)
                self._synced = reached


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]
