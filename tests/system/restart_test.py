"""What a kill, downtime and a restart may change: nothing that was acknowledged."""

import time

import case
from instants import to_seconds
from receiver import Plan


class Restarts(case.ServerCase):
    def test_an_acknowledged_task_survives_a_kill_and_fires_at_its_time(self):  # AC-020
        made = self.create(execute_after=case.from_now(1.5))
        self.server.restart()
        self.assertEqual(self.task(made["id"])["scheduled_for"], made["scheduled_for"])
        call = self.receiver.wait_for(1)[0]
        self.assertEqual(call.task, made["id"])
        self.assertGreaterEqual(call.at, to_seconds(made["scheduled_for"]))
        self.wait_status(made["id"], "completed")
        self.assert_quiet(1)

    def test_a_task_due_while_the_server_was_down_fires_once_at_start(self):  # AC-021
        made = self.create(execute_after=case.from_now(0.3))
        one_off = self.call("POST", "/tasks", {"taskType": case.unique("down"), "payload": {},
                                               "triggeredAt": case.from_now(0.3)}, expect=201)
        self.server.kill()
        time.sleep(0.6)
        started = time.time()
        self.server.start()
        call = self.receiver.wait_for(1)[0]
        self.assertGreaterEqual(call.at, started)
        task = self.wait_status(made["id"], "completed")
        self.assertEqual(task["scheduled_for"], made["scheduled_for"])
        self.assertGreater(to_seconds(task["triggered_at"]), to_seconds(made["scheduled_for"]))
        self.assertEqual(len(task["attempts"]), 1)
        self.assert_quiet(1)
        shown = case.wait_until(
            lambda: self.only_if(self.call("GET", f"/tasks/{one_off['id']}"), "TRIGGERED"),
            "the one-off task has fired")
        self.assertEqual(to_seconds(shown["scheduledFor"]), to_seconds(one_off["triggeredAt"]))
        self.assertGreaterEqual(to_seconds(shown["triggeredAt"]), int(started))

    @staticmethod
    def only_if(task, status):
        return task if task["status"] == status else None

    def test_every_state_survives(self):
        queue = case.unique("keep")
        scheduled = self.create(execute_after="P1D", payload={"n": 1}, tags=["t"], priority=3)
        done = self.create()
        canceled = self.create(execute_after="P1D")
        queued = self.create(task_type=queue + "-idle")
        leased = self.create(task_type=queue)
        self.receiver.on("/bad", Plan(500))
        failed = self.create(target=self.receiver.url("/bad"))
        retrying = self.create(target=self.receiver.url("/bad"), retry={
            "max_retries": 1, "backoff": "fixed", "delay": "PT1H"})
        self.act(canceled["id"], "cancel")
        self.lease(queue, lease="PT1H", wait="PT5S")
        for made, status in ((scheduled, "scheduled"), (done, "completed"), (queued, "queued"),
                             (canceled, "canceled"), (leased, "processing"), (failed, "failed"),
                             (retrying, "retrying")):
            self.wait_status(made["id"], status)
        every = [made["id"] for made in (
            scheduled, done, canceled, queued, leased, failed, retrying)]
        before = [self.task(task_id) for task_id in every]
        completed = self.total("&status=completed")
        for hard in (True, False):
            self.server.restart(hard)
            self.assertEqual([self.task(task_id) for task_id in every], before)
        self.assertEqual(self.total("&status=completed"), completed)

    def test_a_lease_outlives_the_server(self):
        queue = case.unique("outlive")
        made = self.create(task_type=queue)
        grant = self.lease(queue, lease="PT1H", wait="PT5S")[0]
        self.server.restart()
        self.assertEqual(self.lease(queue), [])
        self.settle("complete", {"task_id": made["id"], "token": grant["token"]})
        self.assertEqual([entry["outcome"] for entry in self.task(made["id"])["attempts"]],
                         ["success"])

    def test_a_call_that_was_running_at_a_kill_has_crashed_and_is_repeated(self):
        self.receiver.on("/held", Plan(200, hold=True), Plan(200))
        made = self.create(target=self.receiver.url("/held"))
        self.receiver.wait_for(1, "/held")
        self.server.restart()
        task = self.wait_status(made["id"], "completed")
        self.assertEqual([entry["outcome"] for entry in task["attempts"]], ["crashed", "success"])
        self.assertEqual([call.attempt for call in self.receiver.calls("/held")], [1, 2])

    def test_a_task_that_always_crashes_ends(self):
        self.receiver.on("/poison", Plan(200, hold=True))
        made = self.create(target=self.receiver.url("/poison"))
        for crash in range(1, 4):
            self.receiver.wait_for(crash, "/poison")
            self.server.restart()
        task = self.wait_status(made["id"], "failed")
        self.assertEqual(task["reason"], "crashed")
        self.assertEqual([entry["outcome"] for entry in task["attempts"]], ["crashed"] * 3)
        self.assert_quiet(3, "/poison")
        other = self.create()
        self.wait_status(other["id"], "completed")


if __name__ == "__main__":
    case.main()
