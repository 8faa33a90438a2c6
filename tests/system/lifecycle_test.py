"""Trigger, cancel, expiry, and the races between them and the due instant."""

import threading

import case
from instants import to_seconds, to_text
from receiver import Plan


class OneOffLifecycle(case.ServerCase):
    """AC-013 to AC-016 in the form of 000; TRIGGERED work is leased from the queue of its type."""

    clock = "manual"

    def make(self, **changes):
        queue = case.unique("kind")
        body = {"taskType": queue, "payload": {},
                "triggeredAt": to_text(self.server.now() + 86400), **changes}
        return self.call("POST", "/tasks", body, expect=201)["id"], queue

    def test_a_trigger_uses_up_the_one_execution(self):  # AC-013
        task, queue = self.make()
        wanted = self.call("GET", f"/tasks/{task}")["scheduledFor"]
        fired = self.call("POST", f"/tasks/{task}/trigger")
        self.assertEqual(fired["id"], task)
        self.assertIn(fired["status"], ("TRIGGERED", "RUNNING"))
        granted = self.lease(queue, wait="PT5S")
        self.assertEqual(len(granted), 1)
        self.settle("complete", {"task_id": granted[0]["task_id"], "token": granted[0]["token"]})
        self.server.advance(by="P2D")
        self.assertEqual(self.lease(queue), [])
        done = self.call("GET", f"/tasks/{task}")
        self.assertEqual(done["status"], "COMPLETED")
        self.assertEqual(done["scheduledFor"], wanted)
        self.assertLess(to_seconds(done["triggeredAt"]), to_seconds(wanted))

    def test_a_canceled_task_does_not_fire(self):  # AC-015
        task, queue = self.make()
        self.assertEqual(self.call("POST", f"/tasks/{task}/cancel")["status"], "CANCELLED")
        self.server.advance(by="P2D")
        self.assertEqual(self.lease(queue), [])
        self.assertEqual(self.call("GET", f"/tasks/{task}")["status"], "CANCELLED")

    def test_what_has_started_cannot_be_canceled(self):  # AC-016
        task, queue = self.make()
        self.call("POST", f"/tasks/{task}/trigger")
        grant = self.lease(queue, wait="PT5S")[0]
        running = self.call("GET", f"/tasks/{task}")
        self.assertEqual(running["status"], "RUNNING")
        self.assert_problem(self.server.post(f"/tasks/{task}/cancel"), 409)
        self.assertEqual(self.call("GET", f"/tasks/{task}"), running)
        self.settle("complete", {"task_id": grant["task_id"], "token": grant["token"]})
        ended = self.call("GET", f"/tasks/{task}")
        self.assert_problem(self.server.post(f"/tasks/{task}/cancel"), 409)
        self.assertEqual(self.call("GET", f"/tasks/{task}"), ended)

    def test_a_canceled_task_cannot_be_triggered(self):  # AC-016
        task, _ = self.make()
        self.call("POST", f"/tasks/{task}/cancel")
        self.assert_problem(self.server.post(f"/tasks/{task}/trigger"), 409)


class NativeLifecycle(case.ServerCase):
    clock = "manual"

    def test_twenty_triggers_have_one_winner(self):
        made = self.create(execute_after="P1D")
        path = f"/v1/tasks/{made['id']}/trigger"
        statuses = case.at_once(20, lambda _: self.server.post(path).status)
        self.assertEqual(sorted(statuses), [200] + [409] * 19)
        self.wait_status(made["id"], "completed")
        self.server.advance(by="P2D")
        self.assert_quiet(1)

    def test_a_trigger_and_a_cancel_have_one_winner(self):
        for _ in range(20):
            made = self.create(execute_after="P1D", target=self.receiver.url("/race"))
            paths = [f"/v1/tasks/{made['id']}/{action}" for action in ("trigger", "cancel")]
            answers = case.at_once(2, lambda index: self.server.post(paths[index]).status)
            task = self.wait_status(made["id"], *case.ENDED)
            calls = [call for call in self.receiver.calls("/race") if call.task == made["id"]]
            if answers == [409, 200]:
                self.assertEqual((task["status"], calls), ("canceled", []))
            elif answers == [200, 409]:
                self.assertEqual((task["status"], len(calls)), ("completed", 1))
            else:  # triggered, and canceled before or while it ran
                self.assertEqual((answers, task["status"]), ([200, 200], "canceled"))
                self.assertLessEqual(len(calls), 1)

    def test_a_trigger_shows_the_wanted_and_the_real_time(self):
        made = self.create(execute_after="P1D")
        self.assertEqual(self.act(made["id"], "trigger")["id"], made["id"])
        task = self.wait_status(made["id"], "completed")
        self.assertEqual(task["scheduled_for"], made["scheduled_for"])
        self.assertEqual(to_seconds(task["triggered_at"]), self.server.now())
        self.assertEqual(to_seconds(task["finished_at"]), self.server.now())

    def test_ended_tasks_refuse_every_change(self):
        done = self.create()
        self.wait_status(done["id"], "completed")
        canceled = self.create(execute_after="PT1H")
        self.act(canceled["id"], "cancel")
        for made in (done, canceled):
            before = self.task(made["id"])
            for action in ("trigger", "cancel"):
                with self.subTest(status=before["status"], action=action):
                    self.assert_problem(self.server.post(f"/v1/tasks/{made['id']}/{action}"), 409)
                    self.assertEqual(self.task(made["id"]), before)

    def test_a_running_attempt_is_stopped_by_a_cancel(self):
        self.receiver.on("/held", Plan(200, hold=True))
        made = self.create(target=self.receiver.url("/held"),
                           retry={"max_retries": 3, "backoff": "fixed", "delay": "PT1S"})
        self.receiver.wait_for(1, "/held")
        self.act(made["id"], "cancel")
        task = self.wait_status(made["id"], "canceled")
        self.assertEqual([entry["outcome"] for entry in task["attempts"]], ["canceled"])
        self.receiver.release()
        self.server.advance(by="PT1H")
        self.assert_quiet(1)
        self.assertEqual(self.task(made["id"])["status"], "canceled")

    def test_an_expiry_before_the_time_is_refused(self):  # AC-135
        for expires in ("2089-12-31T23:59:59Z", "2090-01-01T00:00:00Z"):
            answer = self.server.post("/v1/tasks", {
                "target": self.receiver.url(), "execute_after": "2090-01-01T00:00:00Z",
                "expires_after": expires})
            self.assert_problem(answer, 422, "body.expires_after")

    def test_a_task_that_nobody_starts_expires(self):  # AC-135
        queue = case.unique("idle")
        made = self.create(task_type=queue, execute_after="PT10S", expires_after="PT20S")
        self.server.advance(by="PT19.999S")
        self.assertEqual(self.wait_status(made["id"], "queued")["finished_at"], None)
        self.server.advance(by="PT0.001S")
        task = self.wait_status(made["id"], "expired")
        self.assertEqual((task["reason"], task["attempts"]), ("expired", []))
        self.assertTrue(task["finished_at"])
        self.assertEqual(self.lease(queue), [])
        self.act(made["id"], "trigger", expect=409)

    def test_a_started_task_does_not_expire(self):
        queue = case.unique("busy")
        made = self.create(task_type=queue, expires_after="PT20S")
        grant = self.lease(queue, lease="PT1H", wait="PT5S")[0]
        self.server.advance(by="PT1M")
        self.assertEqual(self.task(made["id"])["status"], "processing")
        self.settle("complete", {"task_id": made["id"], "token": grant["token"]})


class CancelAgainstFire(case.ServerCase):
    """R-16: the cancel arrives in the same milliseconds as the due instant."""

    def test_answers_and_state_agree(self):
        def race(index):
            path = f"/race{index}"
            made = self.server.post("/v1/tasks", {
                "target": self.receiver.url(path), "execute_after": case.from_now(0.1)}).json
            threading.Event().wait(0.095 + (index % 10) / 1000)
            answer = self.server.post(f"/v1/tasks/{made['id']}/cancel")
            return made["id"], path, answer

        for task_id, path, answer in case.at_once(40, race):
            task = self.wait_status(task_id, *case.ENDED)
            calls = self.receiver.calls(path)
            if answer.status == 200:
                self.assertEqual(task["status"], "canceled")
                if not answer.json["attempts"]:
                    self.assertEqual(calls, [], "a cancel before the start means no call")
            else:
                self.assertEqual((answer.status, task["status"]), (409, "completed"))
            self.assertLessEqual(len(calls), 1)


if __name__ == "__main__":
    case.main()
