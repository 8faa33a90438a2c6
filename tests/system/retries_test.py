"""Retry policies, to the millisecond, on the manual clock."""

import email.utils

import case
from instants import to_seconds, to_text
from receiver import Plan


class Retries(case.ServerCase):
    clock = "manual"

    def failing(self, *plans, **fields):
        """A task whose target fails; with its first attempt done."""
        path = "/" + case.unique("p")
        self.receiver.on(path, *(plans or [Plan(500)]))
        made = self.create(target=self.receiver.url(path), **fields)
        self.wait_attempts(made["id"], 1)
        return made["id"], path

    def wait_of(self, task_id, path, number, low, high):
        """Attempt `number` + 1 comes when between `low` and `high` seconds have passed since
        attempt `number` ended: not before low, at the latest at high."""
        task = self.wait_attempts(task_id, number)
        self.assertEqual(task["status"], "retrying", task)
        ended = to_seconds(task["attempts"][number - 1]["finished_at"])
        self.server.advance(to=to_text(ended + low - 0.001))
        self.assert_quiet(number, path)
        self.server.advance(to=to_text(ended + high))
        self.receiver.wait_for(number + 1, path)
        self.wait_attempts(task_id, number + 1)

    def exact(self, backoff, waits, delay="PT10S", cap=None):
        retry = {"max_retries": len(waits), "backoff": backoff, "delay": delay}
        if cap:
            retry["cap"] = cap
        task_id, path = self.failing(retry=retry)
        for number, wait in enumerate(waits, 1):
            self.wait_of(task_id, path, number, wait, wait)
        task = self.wait_status(task_id, "failed")
        self.assertEqual([entry["number"] for entry in task["attempts"]],
                         list(range(1, len(waits) + 2)))
        self.assertEqual({entry["outcome"] for entry in task["attempts"]}, {"error"})
        self.assertTrue(task["finished_at"])

    def test_fixed(self):
        self.exact("fixed", [10, 10, 10])

    def test_linear(self):
        self.exact("linear", [10, 20, 30])

    def test_exponential(self):
        self.exact("exponential", [10, 20, 40])

    def test_a_cap_bounds_the_wait(self):
        self.exact("exponential", [10, 20, 25, 25], cap="PT25S")

    def test_jitter_is_between_half_and_all(self):
        task_id, path = self.failing(retry={"max_retries": 3, "backoff": "exponential_jitter",
                                            "delay": "PT10S", "cap": "PT1H"})
        for number, whole in enumerate((10, 20, 40), 1):
            self.wait_of(task_id, path, number, whole / 2, whole)

    def test_steep(self):
        task_id, path = self.failing(retry={"max_retries": 3, "backoff": "steep", "cap": "P1D"})
        for number in (1, 2, 3):
            least = number ** 4 + 15
            self.wait_of(task_id, path, number, least, least + 9 * (number + 1))

    def test_none(self):
        self.exact("fixed", [])

    def test_success_ends_the_chain(self):
        task_id, path = self.failing(Plan(500), Plan(200), retry={
            "max_retries": 3, "backoff": "fixed", "delay": "PT10S"})
        self.wait_of(task_id, path, 1, 10, 10)
        self.wait_status(task_id, "completed")
        self.server.advance(by="PT1H")
        self.assert_quiet(2, path)

    def test_retry_after_in_seconds_is_honoured(self):
        for status in (429, 503):
            with self.subTest(status):
                task_id, path = self.failing(
                    Plan(status, headers={"Retry-After": "120"}), Plan(200),
                    retry={"max_retries": 1, "backoff": "fixed", "delay": "PT1S"})
                self.wait_of(task_id, path, 1, 120, 120)

    def test_retry_after_as_a_date_is_honoured(self):
        date = int(self.server.now()) + 300
        later = {"Retry-After": email.utils.formatdate(date, usegmt=True)}
        task_id, path = self.failing(
            Plan(503, headers=later), Plan(200),
            retry={"max_retries": 1, "backoff": "fixed", "delay": "PT1S"})
        self.server.advance(to=to_text(date - 0.001))
        self.assert_quiet(1, path)
        self.server.advance(to=to_text(date))
        self.wait_status(task_id, "completed")

    def test_a_waiting_retry_can_be_canceled(self):
        task_id, path = self.failing(retry={"max_retries": 3, "backoff": "fixed", "delay": "PT10S"})
        self.assertEqual(self.act(task_id, "cancel")["status"], "canceled")
        self.server.advance(by="PT1H")
        self.assert_quiet(1, path)

    def test_a_task_that_has_started_cannot_be_triggered(self):
        task_id, path = self.failing(retry={"max_retries": 3, "backoff": "fixed", "delay": "PT1H"})
        self.act(task_id, "trigger", expect=409)
        self.assert_quiet(1, path)

    def test_a_failed_task_is_redriven_by_hand(self):
        task_id, path = self.failing(Plan(500), Plan(200))
        self.wait_status(task_id, "failed")
        self.act(task_id, "retry")
        task = self.wait_status(task_id, "completed")
        self.assertEqual([entry["number"] for entry in task["attempts"]], [1, 2])
        self.assertEqual(self.receiver.wait_for(2, path)[1].attempt, 2)
        self.act(task_id, "retry", expect=409)


class RetryDefaults(case.ServerCase):
    clock = "manual"

    def test_native_tasks_have_many_and_steep_ones(self):
        self.receiver.on("/bad", Plan(500))
        made = self.call("POST", "/v1/tasks", {"target": self.receiver.url("/bad")}, expect=201)
        self.assertEqual((made["retry"]["max_retries"], made["retry"]["backoff"]), (24, "steep"))
        self.assertEqual(self.wait_attempts(made["id"], 1)["status"], "retrying")

    def test_one_off_tasks_have_none(self):
        queue = case.unique("once")
        made = self.call("POST", "/tasks", {
            "taskType": queue, "payload": {}, "triggeredAt": "2020-01-01T00:00:00Z"}, expect=201)
        grant = self.lease(queue, wait="PT5S")[0]
        self.settle("fail", {"task_id": grant["task_id"], "token": grant["token"], "error": "no"})
        self.assertEqual(self.call("GET", f"/tasks/{made['id']}")["status"], "FAILED")


class RetryBounds(case.ServerCase):
    def test_a_bad_policy_is_refused_with_all_its_faults(self):
        answer = self.server.post("/v1/tasks", {"target": self.receiver.url(), "retry": {
            "max_retries": -1, "backoff": "sometimes", "delay": "soon", "cap": 5}})
        self.assert_problem(answer, 422, "body.retry.max_retries", "body.retry.backoff",
                            "body.retry.delay", "body.retry.cap")


if __name__ == "__main__":
    case.main()
