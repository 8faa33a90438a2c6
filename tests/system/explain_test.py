"""GET /v1/tasks/{id}/explain: why a task has not run yet."""

import case
from receiver import Plan, Receiver


class Explain(case.ServerCase):
    def explain(self, task, reason):
        """The explanation, once it is that one: what is told to actors takes a moment."""
        def look():
            found = self.call("GET", f"/v1/tasks/{task['id']}/explain")
            return found if found["reason"] == reason else None
        try:
            found = case.wait_until(look, f"{task['id']} is explained by {reason}")
        except AssertionError as late:
            last = self.call("GET", f"/v1/tasks/{task['id']}/explain")
            raise AssertionError(f"{late}: {last}") from late
        self.assertEqual(found["task_id"], task["id"])
        self.assertTrue(found["detail"])
        return found

    def test_it_waits_for_its_time(self):
        task = self.create(execute_after="2040-01-01T00:00:00Z")
        found = self.explain(task, "not_due")
        self.assertEqual(found["until"], "2040-01-01T00:00:00Z")
        self.assertEqual(found["status"], "scheduled")

    def test_no_worker_asks(self):
        queue = case.unique("alone")
        found = self.explain(self.create(task_type=queue), "no_worker")
        self.assertEqual(found["name"], queue)

    def test_its_queue_is_paused(self):
        queue = case.unique("paused")
        self.call("POST", f"/v1/queues/{queue}/pause")
        self.explain(self.create(task_type=queue), "queue_paused")

    def test_its_queue_runs_as_many_as_may(self):
        queue = case.unique("full")
        self.call("PATCH", f"/v1/queues/{queue}", {"concurrency": 1})
        first, second = self.create(task_type=queue), self.create(task_type=queue)
        self.lease(queue)
        self.assertEqual(self.explain(second, "queue_limit")["tasks"], [first["id"]])
        found = self.explain(first, "running")
        self.assertIn("w1", found["detail"])

    def test_others_hold_its_key(self):
        queue, key = case.unique("keyed"), case.unique("key")
        first, second = (self.create(task_type=queue, concurrency_key=key) for _ in range(2))
        self.lease(queue)
        found = self.explain(second, "key_limit")
        self.assertEqual((found["name"], found["tasks"]), (key, [first["id"]]))

    def test_its_schedule_lets_another_one_end_first(self):
        queue = case.unique("overlap")
        schedule = self.call("POST", "/v1/schedules",
                             {"cron": "0 0 1 1 *", "timezone": "UTC", "on_overlap": "queue",
                              "task_template": {"task_type": queue}}, expect=201)
        first, second = (self.call("POST", f"/v1/schedules/{schedule['id']}/run", expect=201)
                         for _ in range(2))
        self.lease(queue)
        self.assertEqual(self.explain(second, "schedule")["tasks"], [first["id"]])

    def test_its_host_rests(self):
        gone = Receiver()
        gone.close()
        def rests():
            self.create(target=gone.url())
            host = self.server.client.call("GET", f"/v1/hosts/127.0.0.1:{gone.port}")
            return host.status == 200 and host.json["state"] == "open"
        case.wait_until(rests, "the host rests")
        task = self.create(target=gone.url())
        found = self.explain(task, "host_rests")
        self.assertEqual(found["name"], f"127.0.0.1:{gone.port}")
        self.assertTrue(found["until"])

    def test_it_is_tried_again_later(self):
        self.receiver.on("/bad", Plan(500))
        task = self.create(target=self.receiver.url("/bad"),
                           retry={"max_retries": 1, "backoff": "fixed", "delay": "PT1H"})
        found = self.explain(task, "retry")
        self.assertIn("500", found["detail"])
        self.assertTrue(found["until"])

    def test_a_step_waits(self):
        topic = case.unique("topic")
        step = {"id": "w", "uses": "wait.for_event", "with": {"topic": topic}}
        task = self.call("POST", "/v1/tasks", {"pipeline": [step]}, expect=201)
        self.assertEqual(self.explain(task, "event")["name"], topic)

    def test_it_has_ended(self):
        self.receiver.on("/bad", Plan(410))
        found = self.explain(self.create(target=self.receiver.url("/bad")), "ended")
        self.assertIn("410", found["detail"])

    def test_an_unknown_task_is_404(self):
        self.call("GET", "/v1/tasks/task_00000000-0000-7000-8000-000000000000/explain", expect=404)


if __name__ == "__main__":
    case.main()
