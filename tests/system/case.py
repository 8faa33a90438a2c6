"""The base of the surface tests: one server and one receiver for each class.

Run a test file by itself: `python3 delivery_test.py --binary build/release/carillon [test names]`.
"""

import concurrent.futures
import os
import sys
import time
import unittest
import uuid

from carillon import Server
from instants import to_text
from receiver import Receiver

ENDED = ("completed", "failed", "canceled", "expired", "skipped")
NO_RETRIES = {"max_retries": 0}
QUIET = 0.25  # seconds in which a call that must not come would have come


def binary():
    path = os.environ.get("CARILLON_BINARY")
    if not path:
        sys.exit("name the server: --binary PATH, or CARILLON_BINARY")
    return os.path.abspath(path)


def main():
    """unittest.main, with --binary PATH taken out of the arguments."""
    if "--binary" in sys.argv:
        at = sys.argv.index("--binary")
        os.environ["CARILLON_BINARY"] = sys.argv[at + 1]
        del sys.argv[at:at + 2]
    binary()
    unittest.main(verbosity=2)


def wait_until(condition, what, timeout=10.0):
    """The first true value of `condition()`."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.01)
    return value


def at_once(count, action):
    """The results of `action(index)` on `count` threads at the same time."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(action, range(count)))


class ServerCase(unittest.TestCase):
    """`clock` and `server_settings` are what Server is made with."""

    clock = None
    server_settings = {}
    server: Server
    receiver: Receiver

    @classmethod
    def setUpClass(cls):
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.close)
        cls.server = Server(binary(), clock=cls.clock, **cls.server_settings)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def tearDown(self):
        if not self.server.alive:
            code = self.server.process.returncode
            self.server.start()
            self.server.fail(f"the server had ended with {code}")
        self.receiver.reset()

    # -- requests ----------------------------------------------------------------------------

    def call(self, method, path, body=None, expect=200, **options):
        """The JSON of an answer that must have the status `expect`."""
        answer = self.server.client.call(method, path, body, **options)
        self.assertEqual(answer.status, expect, f"{method} {path}: {answer}")
        return answer.json

    def create(self, **fields):
        """A native task; without retries and a call of the receiver's /ok, unless told else."""
        fields.setdefault("retry", NO_RETRIES)
        if "target" not in fields and "task_type" not in fields:
            fields["target"] = self.receiver.url("/ok")
        return self.call("POST", "/v1/tasks", fields, expect=201)

    def task(self, task_id):
        return self.call("GET", f"/v1/tasks/{task_id}")

    def act(self, task_id, action, expect=200):
        return self.call("POST", f"/v1/tasks/{task_id}/{action}", expect=expect)

    def total(self, query=""):
        return self.call("GET", f"/v1/tasks?limit=1{query}")["total"]

    def lease(self, queue, lease="PT30S", maximum=10, wait="PT0S", worker="w1"):
        body = {"max": maximum, "wait": wait, "lease": lease, "worker": worker}
        return self.call("POST", f"/v1/queues/{queue}/lease", body)["tasks"]

    def settle(self, action, *leases, expect=200):
        """complete, fail, release or heartbeat; the results, each of which must be `expect`."""
        results = self.call("POST", f"/v1/leases/{action}", {"leases": list(leases)})["results"]
        self.assertEqual([result["status"] for result in results], [expect] * len(leases), results)
        return results

    # -- expectations ------------------------------------------------------------------------

    def wait_status(self, task_id, *statuses, timeout=10.0):
        """The task, once it has one of the statuses."""
        def look():
            task = self.task(task_id)
            return task if task["status"] in statuses else None
        return wait_until(look, f"{task_id} is {' or '.join(statuses)}", timeout)

    def wait_attempts(self, task_id, count, timeout=10.0):
        """The task, once `count` attempts of it have finished."""
        def look():
            task = self.task(task_id)
            done = [entry for entry in task["attempts"] if entry["finished_at"]]
            return task if len(done) >= count else None
        return wait_until(look, f"{task_id} has {count} finished attempts", timeout)

    def assert_quiet(self, count, path=None):
        """No further call than the `count` ones comes."""
        time.sleep(QUIET)
        self.assertEqual(len(self.receiver.calls(path)), count)

    def assert_problem(self, answer, status, *locations):
        """A problem+json answer that names each of the locations."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["content-type"].split(";")[0], "application/problem+json")
        problem = answer.json
        self.assertEqual(problem["status"], status)
        for member in ("type", "title", "detail", "request_id"):
            self.assertTrue(problem.get(member), f"{member} is missing: {problem}")
        found = [fault["location"] for fault in problem.get("errors", [])]
        for location in locations:
            self.assertIn(location, found, problem)
        return problem


def unique(prefix="u"):
    return f"{prefix}-{uuid.uuid4()}"


def from_now(seconds):
    """An instant on the real clock."""
    return to_text(time.time() + seconds)
