"""AC-148: many tasks due at one instant all fire, none early, none lost, while the API answers.

The default is 5,000; `--tasks 100000` is the whole case.
"""

import collections
import json
import sys
import time

import case
from client import Client
from instants import to_seconds, to_text

TASKS = 5000
THREADS = 4


class Herd(case.ServerCase):
    clock = "manual"

    def test_all_fire_and_none_early(self):
        due = to_text(self.server.now() + 3600)
        self.create_all(due)
        self.server.advance(to=to_text(to_seconds(due) - 0.001))
        self.assert_quiet(0)
        begin = time.time()
        self.server.advance(to=due)
        slowest = self.watch(begin + 30 + TASKS / 500)
        last = max(call.at for call in self.receiver.wait_for(TASKS, timeout=1)) - begin
        case.wait_until(lambda: self.total("&status=completed") == TASKS, "all have completed", 30)
        times = collections.Counter(call.task for call in self.receiver.calls())
        self.assertEqual((len(times), set(times.values())), (TASKS, {1}), "each of them, once")
        self.assertLess(slowest, 5, "the API went on answering")
        print(f"\n{TASKS} tasks: the last {last:.2f} s after the instant, "
              f"slowest list {slowest * 1000:.0f} ms", flush=True)

    def watch(self, deadline):
        """The slowest list, in seconds, while the calls come in."""
        slowest = 0.0
        while len(self.receiver.calls()) < TASKS and time.time() < deadline:
            begin = time.monotonic()
            self.assertEqual(self.server.get("/v1/tasks?limit=1").status, 200)
            slowest = max(slowest, time.monotonic() - begin)
            time.sleep(0.05)
        return slowest

    def create_all(self, due):
        body = json.dumps({"target": self.receiver.url("/herd"), "payload": {"key": "value"},
                           "execute_after": due}).encode()

        def create(index):
            client = Client(self.server.port, self.server.token)
            for _ in range(index, TASKS, THREADS):
                answer = client.post("/v1/tasks", body)
                self.assertEqual(answer.status, 201, answer)
            client.close()

        case.at_once(THREADS, create)


if __name__ == "__main__":
    if "--tasks" in sys.argv:
        place = sys.argv.index("--tasks")
        TASKS = int(sys.argv[place + 1])
        del sys.argv[place:place + 2]
    case.main()
