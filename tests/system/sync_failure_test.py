"""A sync of the disk that fails (R-04): the server stops taking writes, ends with an error, and
after a start everything that it had acknowledged is there.

    sync_failure_test.py --binary PATH --shim PATH      (the shim is built from fail_sync.c)
"""

import os
import sys
import unittest

import case
from carillon import Server

SHIM = None
REQUESTS_MAX = 500


class SyncFailure(unittest.TestCase):
    def setUp(self):
        self.fresh_server()

    def fresh_server(self):
        self.server = Server(case.binary())
        self.addCleanup(self.server.close)
        self.arm_file = os.path.join(self.server.home, "arm")
        self.failed_file = self.arm_file + ".failed"
        self.server.environment = {"LD_PRELOAD": SHIM, "FAIL_SYNC_FILE": self.arm_file}
        self.server.start()

    def arm(self, count):
        with open(self.arm_file + ".new", "w", encoding="ascii") as file:
            file.write(str(count))
        os.rename(self.arm_file + ".new", self.arm_file)

    def failed(self):
        return os.path.exists(self.failed_file)

    def create(self, name):
        """The id that was acknowledged, or None."""
        body = {"task_type": "q", "payload": name, "unique_id": name, "execute_after": "P1D"}
        try:
            answer = self.server.post("/v1/tasks", body)
        except ConnectionError:
            return None
        if answer.status not in (200, 201):
            self.assertEqual(answer.status, 503, answer)
            return None
        return answer.json["id"]

    def check_end(self, acked):
        """It ended by itself, said why, and has everything after a start."""
        self.assertGreater(self.server.wait(10), 0, "an exit code that is no success and no signal")
        self.assertRegex(self.server.log().lower(), "disk|sync|i/o error|input/output error")
        self.server.environment = {}
        self.server.start()
        for name, task_id in acked.items():
            answer = self.server.get(f"/v1/tasks/{task_id}")
            self.assertEqual((answer.status, answer.json.get("payload")), (200, name))
        self.assertIsNotNone(self.create("afterwards"))

    def test_one_client(self):
        for count in (1, 2, 17):
            with self.subTest(count):
                self.fresh_server()
                acked = {"before": self.create("before")}
                self.arm(count)
                for number in range(REQUESTS_MAX):
                    name = f"n{number}"
                    task_id = self.create(name)
                    # Nothing else writes, so the sync that failed was this request's own.
                    if self.failed():
                        self.assertIsNone(task_id, "acknowledged without a sync")
                        break
                    acked[name] = task_id
                self.assertTrue(self.failed(), "the shim was never asked")
                self.assertIsNone(self.create("later"))
                self.check_end(acked)

    def test_many_clients(self):
        self.arm(25)
        acked = {}

        def work(index):
            for number in range(REQUESTS_MAX):
                name = f"c{index}-{number}"
                too_late = self.failed()
                task_id = self.create(name)
                if too_late:
                    self.assertIsNone(task_id, "acknowledged after a failed sync")
                    return
                if task_id:
                    acked[name] = task_id
            self.fail("the shim was never asked")

        case.at_once(8, work)
        self.check_end(acked)

    def test_while_work_is_under_way(self):
        made = self.create("leased")
        self.server.post(f"/v1/tasks/{made}/trigger")
        grants = self.server.post("/v1/queues/q/lease", {
            "max": 1, "wait": "PT5S", "lease": "PT1H", "worker": "w"}).json["tasks"]
        self.arm(1)
        lease = {"task_id": grants[0]["task_id"], "token": grants[0]["token"]}
        try:
            answer = self.server.post("/v1/leases/complete", {"leases": [lease]})
            if answer.status == 200:
                self.assertNotEqual(answer.json["results"][0]["status"], 200)
        except ConnectionError:
            pass
        self.check_end({"leased": made})
        answer = self.server.post("/v1/leases/complete", {"leases": [lease]})
        self.assertIn(answer.json["results"][0]["status"], (200, 409), "done once, told or not")
        self.assertEqual(self.server.get(f"/v1/tasks/{made}").json["status"], "completed")


if __name__ == "__main__":
    place = sys.argv.index("--shim")
    SHIM = os.path.abspath(sys.argv[place + 1])
    del sys.argv[place:place + 2]
    case.main()
