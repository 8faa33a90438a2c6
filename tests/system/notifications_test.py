"""Notifications: who asked for it is told of events in a task's life."""

import json

import case
from receiver import Plan

FAST = {"max_retries": 1, "backoff": "fixed", "delay": "10ms"}


class Notifications(case.ServerCase):
    def setUp(self):
        self.url = self.receiver.url("/notices")

    def told(self, path="/notices"):
        """The events in the order in which they were made."""
        made = [json.loads(call.body) for call in self.receiver.calls(path)]
        return sorted(made, key=lambda each: each["timestamp"])

    def kinds(self, path="/notices"):
        return sorted(each["type"] for each in self.told(path))

    def wait_kinds(self, *kinds, path="/notices"):
        case.wait_until(lambda: self.kinds(path) == sorted(kinds), f"{kinds} are told")
        self.assert_quiet(len(kinds), path)

    def test_a_good_life_is_told_from_its_queue_to_its_end(self):
        task = self.create(notifications=self.url, payload={"secret": 1})
        self.wait_kinds("task.queued", "task.processing", "task.completed")
        last = next(each for each in self.told() if each["type"] == "task.completed")
        self.assertEqual(last["data"]["id"], task["id"])
        self.assertEqual((last["data"]["status"], last["data"]["reason"], last["data"]["attempts"]),
                         ("completed", "success", 1))
        self.assertNotIn("secret", json.dumps(last))

    def test_a_failure_tells_its_error(self):
        self.receiver.on("/bad", Plan(500))
        self.create(target=self.receiver.url("/bad"), retry=FAST,
                    notifications={"url": self.url, "events": ["task.failed"]})
        self.wait_kinds("task.failed")
        data = self.told()[0]["data"]
        self.assertEqual((data["attempts"], data["status"]), (2, "failed"))
        self.assertIn("500", data["error"])

    def test_a_cancel_and_an_expiry_are_told(self):
        wanted = {"urls": [self.url], "events": ["task.canceled", "task.expired"]}
        task = self.create(task_type=case.unique(), notifications=wanted)
        self.act(task["id"], "cancel")
        self.wait_kinds("task.canceled")
        self.create(task_type=case.unique(), notifications=wanted, expires_after="PT0.2S")
        self.wait_kinds("task.canceled", "task.expired")

    def test_several_addresses_are_told_each_by_itself(self):
        self.receiver.on("/down", Plan(500), Plan())
        urls = [self.url, self.receiver.url("/down")]
        task = self.create(notifications={"urls": urls, "events": ["task.completed"]})
        self.wait_kinds("task.completed")
        self.wait_status(task["id"], "completed")
        self.receiver.wait_for(1, "/down")

    def test_a_notice_is_told_after_a_kill(self):
        self.receiver.on("/notices", Plan(hold=True), Plan())
        self.create(notifications={"url": self.url, "events": ["task.completed"]})
        self.receiver.wait_for(1, "/notices")
        self.server.restart()
        calls = self.receiver.wait_for(2, "/notices")
        self.assertEqual({call.task for call in calls}, {calls[0].task})
        self.assertEqual([call.attempt for call in calls], [1, 2])

    def test_workers_tasks_and_streams_tell_too(self):
        queue = case.unique("q")
        wanted = {"url": self.url, "events": ["task.processing", "task.completed"]}
        line = json.dumps({"task_type": queue, "notifications": wanted}).encode() + b"\n"
        answer = self.server.client.call("POST", "/v1/tasks", line * 2,
                                         headers={"Content-Type": "application/x-ndjson"})
        self.assertEqual(answer.status, 200, answer)
        for held in self.lease(queue):
            self.settle("complete", {"task_id": held["task_id"], "token": held["token"]})
        self.wait_kinds(*["task.processing", "task.completed"] * 2)

    def test_a_schedule_gives_them_to_its_tasks(self):
        template = {"target": self.receiver.url(), "retry": case.NO_RETRIES,
                    "notifications": {"url": self.url, "events": ["task.completed"]}}
        made = self.call("POST", "/v1/schedules",
                         {"cron": "0 8 * * *", "timezone": "UTC", "task_template": template},
                         expect=201)
        shown = self.call("GET", f"/v1/schedules/{made['id']}")["task_template"]["notifications"]
        self.assertEqual(shown, {"urls": [self.url], "events": ["task.completed"]})
        self.call("POST", f"/v1/schedules/{made['id']}/run", expect=201)
        self.wait_kinds("task.completed")

    def test_notices_are_no_tasks_of_lists_of_one_off_tasks(self):
        before = self.call("GET", "/tasks?limit=1")["total"]
        self.create(notifications=self.url)
        self.wait_kinds("task.queued", "task.processing", "task.completed")
        self.assertEqual(self.call("GET", "/tasks?limit=1")["total"], before + 1)

    def test_what_is_wrong_is_refused(self):
        for given, location in (
                (1, "body.notifications"), ("ftp://x", "body.notifications"),
                ("group:g", "body.notifications"), (["http://10.0.0.1/"], "body.notifications"),
                ({}, "body.notifications.urls"),
                ({"url": "nowhere"}, "body.notifications.url"),
                ({"url": self.url, "events": ["task.done"]}, "body.notifications.events"),
                ({"url": self.url, "colour": 1}, "body.notifications.colour"),
                ([self.url] * 11, "body.notifications")):
            with self.subTest(given=given):
                self.assert_problem(
                    self.server.post("/v1/tasks", {"target": self.url, "notifications": given}),
                    422, location)


if __name__ == "__main__":
    case.main()
