"""Creating one-off tasks: on the tasks surface in the form of 000, and on the native one."""

import uuid

import case
from instants import to_seconds, to_text


class OneOffTasks(case.ServerCase):
    """AC-001 to AC-007, by their sentences."""

    def make(self, expect=201, **changes):
        body = {"taskType": "x", "payload": {}, "triggeredAt": "2030-01-01T00:00:00.000Z"}
        body.update(changes)
        body = {name: value for name, value in body.items() if value is not ...}
        answer = self.server.post("/tasks", body)
        self.assertEqual(answer.status, expect, answer)
        return answer

    def test_a_task_is_created_as_it_was_asked_for(self):  # AC-001
        payload = {"businessUnitId": "001", "entities": ["promotion"]}
        made = self.make(taskType="purge-all", payload=payload,
                         triggeredAt="2030-08-01T00:00:00.000Z").json
        self.assertEqual(made["id"], made["taskId"])
        uuid.UUID(made["id"])
        self.assertEqual(made["status"], "SCHEDULED")
        self.assertEqual(made["taskType"], "purge-all")
        self.assertEqual(made["payload"], payload)
        self.assertEqual(made["triggeredAt"], "2030-08-01T00:00:00.000Z")
        self.assertEqual(to_seconds(made["scheduledFor"]), to_seconds("2030-08-01T00:00:00Z"))
        self.assertIsNone(made["finishedAt"])
        self.assertTrue(made["createdAt"])

    def test_a_bad_task_type_is_refused_by_name(self):  # AC-002
        before = self.call("GET", "/tasks")["total"]
        for wrong in (..., "", 7):
            with self.subTest(wrong):
                self.assert_problem(self.make(422, taskType=wrong), 422, "body.taskType")
        self.assertEqual(self.call("GET", "/tasks")["total"], before)

    def test_a_bad_instant_is_refused_by_name(self):  # AC-003
        for wrong in (..., "tomorrow", "2030-02-30T00:00:00Z", 7):
            with self.subTest(wrong):
                self.assert_problem(self.make(422, triggeredAt=wrong), 422, "body.triggeredAt")

    def test_a_payload_is_kept_to_the_digit(self):  # AC-004
        text = b'{"n":9007199254740993,"s":"\xc3\xa5\xe2\x86\x92","e":[],"d":1.10,"o":{"a":[{}]}}'
        made = self.server.client.call(
            "POST", "/tasks", b'{"taskType":"x","payload":' + text
            + b',"triggeredAt":"2030-01-01T00:00:00Z"}')
        self.assertEqual(made.status, 201, made)
        read = self.server.get(f"/tasks/{made.json['id']}")
        self.assertEqual(read.json["payload"], {"n": 9007199254740993, "s": "å→", "e": [],
                                                "d": 1.1, "o": {"a": [{}]}})
        self.assertIn(b"9007199254740993", read.body)
        self.assertIn(b"1.10", read.body)

    def test_any_json_is_a_payload(self):
        for payload in ([], [1, "2"], "text", 5, True, None, {}):
            with self.subTest(payload):
                made = self.make(payload=payload).json
                self.assertEqual(self.call("GET", f"/tasks/{made['id']}")["payload"], payload)

    def test_an_offset_names_the_same_instant(self):  # AC-005
        made = self.make(triggeredAt="2030-08-01T02:00:00.000+02:00").json
        self.assertEqual(made["triggeredAt"], "2030-08-01T00:00:00.000Z")

    def test_a_past_instant_fires_once_and_at_once(self):  # AC-007
        queue = case.unique("past")
        made = self.make(taskType=queue, triggeredAt=case.from_now(-60)).json
        granted = self.lease(queue, wait="PT5S")
        self.assertEqual([grant["task_id"] for grant in granted], [f"task_{made['id']}"])
        self.assertEqual(self.lease(queue), [])
        self.settle("complete", {"task_id": granted[0]["task_id"], "token": granted[0]["token"]})
        self.assertEqual(self.lease(queue), [])
        self.assertEqual(self.call("GET", f"/tasks/{made['id']}")["status"], "COMPLETED")


class NativeTasks(case.ServerCase):
    clock = "manual"

    def test_a_task_is_answered_whole(self):
        asked = {"target": self.receiver.url("/ok"), "payload": {"k": 1}, "priority": 2,
                 "execute_after": "2040-01-01T00:00:00Z", "expires_after": "2040-01-02T00:00:00Z",
                 "unique_id": case.unique(), "tags": ["a", "b"], "timeout": "PT10S",
                 "retry": {"max_retries": 2, "backoff": "linear", "delay": "PT5S", "cap": "PT1M"}}
        made = self.create(**asked)
        self.assertEqual(str(uuid.UUID(made["id"].removeprefix("task_"))),
                         made["id"].removeprefix("task_"))
        self.assertTrue(made["id"].startswith("task_"))
        for name in ("target", "payload", "priority", "unique_id", "tags"):
            self.assertEqual(made[name], asked[name], name)
        self.assertEqual(made["status"], "scheduled")
        self.assertEqual(to_seconds(made["scheduled_for"]), to_seconds("2040-01-01T00:00:00Z"))
        self.assertEqual(to_seconds(made["created_at"]), self.server.now())
        self.assertIsNone(made["triggered_at"])
        self.assertIsNone(made["finished_at"])
        self.assertEqual(made["attempts"], [])
        self.assertEqual(self.task(made["id"]), made)

    def test_both_forms_of_an_id_are_taken(self):
        made = self.create(execute_after="PT1H")
        self.assertEqual(self.task(made["id"].removeprefix("task_"))["id"], made["id"])
        self.assertEqual(self.call("GET", f"/tasks/{made['id']}")["taskId"],
                         made["id"].removeprefix("task_"))

    def test_a_duration_counts_from_the_request(self):  # AC-134
        now = self.server.now()
        made = self.create(execute_after="PT30S")
        self.assertEqual(to_seconds(made["scheduled_for"]), now + 30)
        self.server.advance(to=to_text(now + 29.999))
        self.assert_quiet(0)
        self.server.advance(by="PT0.001S")
        self.assertEqual(self.receiver.wait_for(1)[0].task, made["id"])

    def test_an_instant_is_kept_and_none_means_at_once(self):  # AC-134
        now = self.server.now()
        later = self.create(execute_after=to_text(now + 3600), target=self.receiver.url("/later"))
        soon = self.create(target=self.receiver.url("/soon"))
        self.assertEqual(self.receiver.wait_for(1, "/soon")[0].task, soon["id"])
        self.assertEqual(self.receiver.calls("/later"), [])
        self.server.advance(to=to_text(now + 3600))
        self.assertEqual(self.receiver.wait_for(1, "/later")[0].task, later["id"])

    def test_a_task_needs_a_target_or_a_type(self):
        self.assertEqual(self.server.post("/v1/tasks", {"payload": 1}).status, 422)

    def test_a_unique_id_makes_one_task(self):
        name = case.unique()
        first = self.create(execute_after="PT1H", unique_id=name)
        again = self.call("POST", "/v1/tasks", {"target": self.receiver.url("/ok"),
                                                "execute_after": "PT1H", "unique_id": name})
        self.assertEqual(again, first)

    def test_a_unique_id_at_once_makes_one_task(self):
        name = case.unique()
        body = {"task_type": name, "unique_id": name, "execute_after": "PT1H"}
        answers = case.at_once(20, lambda _: self.server.post("/v1/tasks", body))
        self.assertEqual(sorted(answer.status for answer in answers), [200] * 19 + [201])
        self.assertEqual(len({answer.json["id"] for answer in answers}), 1)
        self.assertEqual(self.total(f"&task_type={name}"), 1)

    def test_a_unique_id_holds_after_a_kill(self):
        name = case.unique()
        first = self.create(execute_after="P1D", unique_id=name)
        self.server.restart()
        again = self.call("POST", "/v1/tasks", {"target": self.receiver.url("/ok"),
                                                "execute_after": "P1D", "unique_id": name})
        self.assertEqual(again["id"], first["id"])


if __name__ == "__main__":
    case.main()
