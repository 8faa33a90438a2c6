"""Prefer: wait: the answer comes when the task has ended, or when the wait is over."""


import case
from receiver import Plan

HOUR = "PT1H"


class Waiting(case.ServerCase):
    def post(self, path, body=None, wait="wait=30", expect=201):
        """The answer to a request that prefers to wait."""
        answer = self.server.client.call("POST", path, body, headers={"Prefer": wait})
        self.assertEqual(answer.status, expect, answer)
        return answer

    def waiters(self):
        text = self.server.client.call("GET", "/metrics").body.decode()
        return int(text.split("\ncarillon_task_waiters ")[1].split("\n")[0])

    def test_the_answer_has_the_task_as_it_ended(self):
        self.receiver.on("/slow", Plan(200, delay=0.2))
        answer = self.post("/v1/tasks", {"target": self.receiver.url("/slow")})
        self.assertEqual(answer.json["status"], "completed")
        self.assertEqual(answer.headers["preference-applied"], "wait=30")
        self.assertEqual(answer.headers["location"], f"/v1/tasks/{answer.json['id']}")

    def test_a_failure_ends_the_wait_too(self):
        self.receiver.on("/bad", Plan(500))
        answer = self.post("/v1/tasks", {"target": self.receiver.url("/bad"),
                                         "retry": {"max_retries": 0}})
        self.assertEqual((answer.json["status"], answer.json["reason"]), ("failed", "error"))

    def test_when_the_wait_is_over_the_answer_has_the_task_as_it_is(self):
        answer = self.post("/v1/tasks", {"task_type": "t", "execute_after": HOUR}, "wait=1")
        self.assertEqual(answer.json["status"], "scheduled")
        self.assertEqual(answer.headers["preference-applied"], "wait=1")

    def test_who_prefers_nothing_is_answered_at_once(self):
        for wish in ("respond-async", "wait=soon", "wait", "wait=-1", "waiting=5"):
            answer = self.post("/v1/tasks", {"task_type": "t", "execute_after": HOUR}, wish)
            self.assertNotIn("preference-applied", answer.headers)

    def test_the_preference_may_be_written_in_any_way_of_its_rules(self):
        self.receiver.on("/slow", Plan(200, delay=0.05))
        for wish in ('respond-async, wait="7"', "Wait = 7; foo=bar", "wait=7, wait=9"):
            answer = self.post("/v1/tasks", {"target": self.receiver.url("/slow")}, wish)
            self.assertEqual(answer.headers["preference-applied"], "wait=7")
            self.assertEqual(answer.json["status"], "completed")

    def test_nobody_waits_for_longer_than_a_minute(self):
        answer = self.post("/v1/tasks", {"target": self.receiver.url()}, "wait=86400")
        self.assertEqual(answer.headers["preference-applied"], "wait=60")

    def test_a_task_can_be_triggered_and_waited_for(self):
        task = self.create(execute_after=HOUR)
        answer = self.post(f"/v1/tasks/{task['id']}/trigger", expect=200)
        self.assertEqual(answer.json["status"], "completed")

    def test_a_schedule_can_be_run_and_waited_for(self):
        schedule = self.call("POST", "/v1/schedules", {"cron": "0 0 1 1 *", "timezone": "UTC", "task_template":
                                                       {"target": self.receiver.url()}}, expect=201)
        answer = self.post(f"/v1/schedules/{schedule['id']}/run")
        self.assertEqual(answer.json["status"], "completed")
        self.assertEqual(answer.headers["preference-applied"], "wait=30")

    def test_many_wait_for_tasks_of_their_own(self):
        self.receiver.on("/slow", Plan(200, delay=0.1))
        answers = case.at_once(50, lambda _: self.post("/v1/tasks", {
            "target": self.receiver.url("/slow")}))
        self.assertEqual({answer.json["status"] for answer in answers}, {"completed"})
        self.assertEqual(len({answer.json["id"] for answer in answers}), 50)
        self.assertEqual(self.waiters(), 0)

    def test_a_worker_ends_the_wait(self):
        queue = case.unique("waited")
        def act(index):
            if index == 0:
                return self.post("/v1/tasks", {"task_type": queue}).json["status"]
            lease = self.lease(queue, wait="PT10S")[0]
            self.settle("complete", {"task_id": lease["task_id"], "token": lease["token"]})
            return None
        self.assertEqual(case.at_once(2, act)[0], "completed")


if __name__ == "__main__":
    case.main()
