"""Keys that tasks share: concurrency and rate, over queues, deliveries, restarts (AC-031, AC-037)."""

import time

import case
from receiver import Plan


class Limits(case.ServerCase):
    clock = "manual"

    def setUp(self):
        self.key = case.unique("key")
        self.queue = case.unique("queue")
        # Until then, rates count from the start of the server.
        self.server.advance(by="PT1H")

    def keyed(self, **fields):
        return self.create(concurrency_key=self.key, **fields)

    def pull(self, queue=None, **fields):
        return self.keyed(task_type=queue or self.queue, **fields)["id"]

    def leased(self, queue=None, **options):
        return self.lease(queue or self.queue, wait="PT0.2S", **options)

    def done(self, grant):
        self.settle("complete", {"task_id": grant["task_id"], "token": grant["token"]})

    def test_calls_of_one_key_do_not_overlap_and_another_key_starts_at_once(self):
        self.receiver.on("/held", Plan(hold=True))
        first, second = (self.keyed(target=self.receiver.url("/held"))["id"] for _ in range(2))
        other = self.create(concurrency_key=case.unique("other"))["id"]
        self.wait_status(other, "completed")
        self.assert_quiet(1, "/held")
        self.assertEqual(self.task(second)["status"], "queued")
        self.receiver.release()
        self.wait_status(first, "completed")
        self.wait_status(second, "completed")

    def test_waiting_tasks_go_by_priority_then_by_age(self):
        self.pull()
        running = self.leased()
        waiting = {priority: self.pull(priority=priority) for priority in (9, 5, 1)}
        self.server.advance(by="PT1S")
        later = self.pull(priority=5)
        order = []
        for _ in range(4):
            self.assertEqual(len(running), 1)
            self.done(running[0])
            running = self.leased()
            order.append(running[0]["task_id"])
        self.assertEqual(order, [waiting[1], waiting[5], later, waiting[9]])

    def test_a_limit_of_three_over_two_queues(self):
        other = case.unique("queue")
        for queue in (self.queue, other):
            for _ in range(3):
                self.pull(queue, concurrency_limit=3)
        mine = self.leased(maximum=2)
        others = self.leased(other)
        self.assertEqual((len(mine), len(others)), (2, 1))
        self.assertEqual(self.leased(), [])
        self.done(others[0])
        self.assertEqual(len(self.leased() + self.leased(other)), 1)

    def test_a_task_without_the_key_is_not_held_up(self):
        for _ in range(50):
            self.pull(priority=1)
        self.create(task_type=self.queue, priority=9)
        self.assertEqual(len(self.leased()), 2)

    def test_a_worker_that_waits_gets_the_task_when_its_key_is_free(self):
        self.pull()
        second = self.pull()
        running = self.leased()[0]

        def work(index):
            if index == 0:
                return self.lease(self.queue, wait="PT10S")
            time.sleep(0.2)
            self.done(running)
            return []
        granted = case.at_once(2, work)[0]
        self.assertEqual([grant["task_id"] for grant in granted], [second])

    def test_a_key_is_held_over_kills_until_its_lease_is_lost(self):
        self.pull()
        self.pull()
        self.assertEqual(len(self.leased(lease="PT60S")), 1)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.leased(), [])
        self.server.advance(by="PT61S")
        self.assertEqual(len(self.leased()), 1)
        self.assertEqual(self.leased(), [])

    def test_a_delivery_that_dies_with_the_server_gives_its_key_back(self):
        self.receiver.on("/held", Plan(hold=True), Plan())
        first = self.keyed(target=self.receiver.url("/held"))["id"]
        second = self.keyed()["id"]
        self.receiver.wait_for(1, "/held")
        self.server.kill()
        self.server.start()
        self.wait_status(first, "completed")
        self.wait_status(second, "completed")

    def test_a_rate_is_even_and_follows_the_clock(self):
        limit = {"rate_limit": {"limit": 2, "period": "PT1M"}}
        made = [self.keyed(**limit)["id"] for _ in range(5)]
        begin = self.server.now()
        for task_id in made:
            self.wait_status(task_id, "completed")
            if task_id != made[-1]:
                self.server.advance(by="PT30S")
        self.assertEqual(self.server.now(), begin + 120)

    def test_a_rate_holds_for_workers_too(self):
        limit = {"rate_limit": {"limit": 1, "period": "PT10S"}}
        for _ in range(5):
            self.pull(**limit)
        granted = self.leased()
        for count in range(2, 6):
            self.server.advance(by="PT10S")
            granted += self.leased()
            self.assertEqual(len(granted), count)

    def test_a_limit_without_a_key_is_refused(self):
        body = {"task_type": "q", "concurrency_limit": 2}
        self.assert_problem(self.server.post("/v1/tasks", body), 422, "body.concurrency_limit")


if __name__ == "__main__":
    case.main()
