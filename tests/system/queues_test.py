"""Queues as a whole: counts, pause, concurrency and rate."""

import threading

import case


class Queues(case.ServerCase):
    clock = "manual"

    def setUp(self):
        self.name = case.unique("q")
        self.path = f"/v1/queues/{self.name}"

    def queue(self):
        return self.call("GET", self.path)

    def patch(self, expect=200, **fields):
        return self.call("PATCH", self.path, fields, expect=expect)

    def make(self, count):
        return [self.create(task_type=self.name)["id"] for _ in range(count)]

    def take(self, maximum=10, wait="PT0S"):
        return self.lease(self.name, maximum=maximum, wait=wait, lease="PT1H")

    def complete(self, *leases):
        self.settle("complete", *({"task_id": each["task_id"], "token": each["token"]}
                                  for each in leases))

    def test_a_queue_tells_what_is_in_it(self):
        self.assertEqual(self.queue(), {"queue": self.name, "paused": False, "waiting": 0,
                                        "processing": 0, "concurrency": None, "rate": None})
        self.make(3)
        self.create(task_type=self.name, execute_after="P1D")
        self.create(task_type=self.name, target=self.receiver.url("/ok"))
        taken = self.take(1)
        self.assertEqual((self.queue()["waiting"], self.queue()["processing"]), (2, 1))
        listed = self.call("GET", "/v1/queues?limit=1000")
        self.assertIn(self.queue(), listed["queues"])
        self.assertEqual(listed["total"], len(listed["queues"]))
        names = [each["queue"] for each in listed["queues"]]
        self.assertEqual(names, sorted(names))
        self.complete(*taken)
        self.assertEqual(self.queue()["processing"], 0)

    def test_pause_holds_tasks_and_resume_gives_them(self):
        self.assertTrue(self.call("POST", self.path + "/pause")["paused"])
        ids = self.make(3)
        self.assertEqual(self.take(), [])
        self.assertEqual(self.task(ids[0])["status"], "queued")
        self.server.restart()
        self.assertTrue(self.queue()["paused"])
        self.assertEqual(self.take(), [])
        got = []
        waiting = threading.Thread(target=lambda: got.extend(self.take(wait="PT20S")))
        waiting.start()
        self.assertFalse(self.call("POST", self.path + "/resume")["paused"])
        waiting.join(15)
        self.assertEqual(sorted(each["task_id"] for each in got), sorted(ids))

    def test_concurrency_holds_at_once_and_after_a_kill(self):
        self.make(6)
        running = self.take(3)
        self.assertEqual(self.patch(concurrency=2)["concurrency"], 2)
        self.assertEqual(self.take(), [])
        self.complete(*running[:2])
        running = running[2:] + self.take()
        self.assertEqual(len(running), 2)
        self.server.restart()
        self.assertEqual(self.take(), [])
        self.complete(running[0])
        self.assertEqual(len(self.take()), 1)
        self.assertIsNone(self.patch(concurrency=None)["concurrency"])
        self.assertEqual(len(self.take()), 1)

    def test_a_rate_spreads_starts(self):
        changed = self.patch(rate={"limit": 1, "period": "PT10S"})
        self.assertEqual(changed["rate"], {"limit": 1, "period": "PT10S"})
        self.server.advance(by="PT10S")
        self.make(3)
        self.assertEqual(len(self.take()), 1)
        self.assertEqual(self.take(), [])
        self.server.advance(by="PT9.999S")
        self.assertEqual(self.take(), [])
        self.server.advance(by="PT0.001S")
        self.assertEqual(len(self.take()), 1)
        self.assertIsNone(self.patch(rate=None)["rate"])
        self.assertEqual(len(self.take()), 1)

    def test_both_limits_of_a_task_hold(self):
        for _ in range(3):
            self.create(task_type=self.name, concurrency_key=self.name, concurrency_limit=2)
        self.make(2)
        self.patch(concurrency=3)
        running = self.take()
        self.assertEqual(len(running), 3)
        keyed = [each for each in running
                 if self.task(each["task_id"]).get("concurrency_key") == self.name]
        self.assertEqual(len(keyed), 2)

    def test_one_part_is_changed_and_the_other_stays(self):
        self.patch(concurrency=4)
        self.patch(rate={"limit": 5, "period": "1m"})
        self.call("POST", self.path + "/pause")
        self.assertEqual(self.patch(), {"queue": self.name, "paused": True, "waiting": 0,
                                        "processing": 0, "concurrency": 4,
                                        "rate": {"limit": 5, "period": "PT1M"}})

    def test_faults_are_told_at_once(self):
        call = self.server.client.call
        self.assert_problem(call("PATCH", self.path, {"concurrency": 0, "rate": {"limit": 0},
                                                      "speed": 1}),
                            422, "body.concurrency", "body.rate.limit", "body.rate.period",
                            "body.speed")
        self.assertEqual(call("GET", "/v1/queues/%01").status, 404)
        self.assertEqual(call("POST", "/v1/queues/%01/pause").status, 404)
        self.assertEqual(call("GET", "/v1/queues?colour=red").status, 422)


if __name__ == "__main__":
    case.main()
